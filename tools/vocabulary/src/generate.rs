//! `tokenizer/src/bpe/classes.bin` from the tables of the regular expressions that tiktoken uses, and
//! `vocabularies/*.bin` from OpenAI's ranks.

use crate::Failure;
use base64::{Engine, engine::general_purpose::STANDARD};
use promptfare::tokens::bpe::{Bpe, Encoding, Merges};
use promptfare::tokens::vocabulary;
use regex_syntax::hir::{Class, HirKind};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;

/// The SHA-256 of each `NAME.tiktoken`, as `tiktoken_ext/openai_public.py` of tiktoken 0.14.0 wants
/// it.
const RANKS: [(Encoding, &str); 2] = [
    (Encoding::Cl100kBase, "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"),
    (Encoding::O200kBase, "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"),
];

/// The bits of `tokenizer/src/bpe/classes.rs`.
const CLASSES: [(u8, &str); 6] = [
    (1, r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"),
    (2, r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"),
    (4, r"\p{L}"),
    (8, r"\p{N}"),
    (16, r"\s"),
    (32, r"[\r\n]"),
];

/// Writes the files, or compares them with what is there.
pub fn run(check: bool) -> Result<(), Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = vec![("tokenizer/src/bpe/classes.bin".to_owned(), classes()?)];
    for (encoding, wanted) in RANKS {
        let file = vocabulary_file(encoding, wanted)?;
        Bpe::from_bytes(encoding, &file)?;
        files.push((format!("vocabularies/{}.bin", encoding.name()), file));
    }
    for (name, content) in files {
        let path = root.join(&name);
        if check {
            if std::fs::read(&path)? != content {
                return Err(format!("{name} is not what this program writes").into());
            }
        } else {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&path, &content)?;
        }
        println!("{name}: {} bytes{}", content.len(), if check { ", as generated" } else { "" });
    }
    Ok(())
}

/// The class of every character, as runs.
fn classes() -> Result<Vec<u8>, Failure> {
    let mut of = vec![0u8; 0x11_0000];
    for (bit, pattern) in CLASSES {
        let HirKind::Class(Class::Unicode(class)) = regex_syntax::parse(pattern)?.into_kind()
        else {
            return Err(format!("{pattern} is not a class").into());
        };
        for range in class.ranges() {
            of[range.start() as usize..=range.end() as usize].iter_mut().for_each(|c| *c |= bit);
        }
    }
    let mut bytes = Vec::new();
    let runs: Vec<&[u8]> = of.chunk_by(|a, b| a == b).collect();
    // Behind the last run nothing has a class.
    for run in &runs[..runs.len() - 1] {
        let mut length = run.len();
        while length >= 0x80 {
            bytes.push(length as u8 | 0x80);
            length >>= 7;
        }
        bytes.extend([length as u8, run[0]]);
    }
    Ok(bytes)
}

/// Writes `NAME.tiktoken` files, as OpenAI publishes them.
pub fn write_ranks(folder: &Path) -> Result<(), Failure> {
    for (encoding, _) in RANKS {
        let path = folder.join(format!("{}.tiktoken", encoding.name()));
        std::fs::write(&path, ranks_text(&tokens(encoding)?))?;
    }
    Ok(())
}

/// The text of a `NAME.tiktoken` file.
fn ranks_text(tokens: &[Vec<u8>]) -> String {
    let line = |(rank, bytes): (usize, &Vec<u8>)| format!("{} {rank}\n", STANDARD.encode(bytes));
    tokens.iter().enumerate().map(line).collect()
}

/// The file of a vocabulary.
fn vocabulary_file(encoding: Encoding, wanted: &str) -> Result<Vec<u8>, Failure> {
    let tokens = tokens(encoding)?;
    let found: String =
        Sha256::digest(ranks_text(&tokens)).iter().map(|byte| format!("{byte:02x}")).collect();
    if found != wanted {
        return Err(format!("ranks of {} hash to {found}, wanted {wanted}", encoding.name()).into());
    }
    Ok(vocabulary::write(encoding.name(), &merges(&tokens)?.encode()?)?)
}

/// The bytes of every token, in the order of their ranks.
fn tokens(encoding: Encoding) -> Result<Vec<Vec<u8>>, Failure> {
    let ranks = match encoding {
        Encoding::Cl100kBase => tiktoken_rs::cl100k_base()?,
        Encoding::O200kBase => tiktoken_rs::o200k_base()?,
    };
    // Special tokens stand behind a gap.
    Ok((0..).map_while(|rank| ranks.decode_bytes(&[rank]).ok()).collect())
}

/// What each token is made of: the two tokens that its bytes are just before it is merged.
fn merges(tokens: &[Vec<u8>]) -> Result<Merges, Failure> {
    let rank_of: HashMap<&[u8], u32> =
        tokens.iter().zip(0..).map(|(bytes, rank)| (bytes.as_slice(), rank)).collect();
    let (bytes, merged) = tokens.split_at(256);
    let alphabet: Vec<u8> = bytes.iter().flatten().copied().collect();
    let mut pairs = Vec::with_capacity(merged.len());
    for (token, rank) in merged.iter().zip(256..) {
        let mut ends: Vec<usize> = (0..=token.len()).collect();
        while ends.len() > 3 {
            let lowest = ends
                .windows(3)
                .zip(1..)
                .filter_map(|(w, i)| Some((*rank_of.get(&token[w[0]..w[2]])?, i)))
                .min()
                .filter(|&(lowest, _)| lowest < rank);
            let Some((_, at)) = lowest else {
                return Err(format!("token {rank} cannot be merged").into());
            };
            ends.remove(at);
        }
        pairs.push((rank_of[&token[..ends[1]]], rank_of[&token[ends[1]..]]));
    }
    let alphabet = alphabet.try_into().map_err(|_| "the first 256 tokens are not bytes")?;
    Ok(Merges { alphabet, pairs })
}
