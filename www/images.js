// Attached images, kept as data: URLs in this page.

import { el, say } from "./dom.js";
import { bytes, count, dollars } from "./format.js";

/** Larger files are refused: most gateways refuse them too. */
const MOST_BYTES = 20_000_000;

/** What a picture costs on a model, and what a smaller one would. */
export function adviceText({ tokens, sameView, cheaper, saved, lossless }, model) {
  const size = ({ width, height }) => `${count(width)} × ${count(height)}`;
  return [
    `${count(tokens)} tokens on ${model}.`,
    sameView === null ? "" : `At ${size(sameView)} it would see the same.`,
    cheaper === null ? "" : `${size(cheaper)} would save ${count(saved)} tokens, ${lossless ? "with hardly any loss" : "with less detail"}.`,
  ].filter((text) => text !== "").join(" ");
}

/** What scaling a picture down has saved. */
export function shrunkText({ before, width, height, tokens, bytes: now, usdSaved }, model) {
  const cost = tokens === null ? "" : `, ${count(before.tokens)} → ${count(tokens)} tokens on ${model}`;
  const saved = usdSaved === null ? "" : `, ${dollars(usdSaved)} less a request`;
  return `${count(before.width)} × ${count(before.height)} → ${count(width)} × ${count(height)}${cost}${saved}, ${bytes(before.bytes)} → ${bytes(now)}.`;
}

export class ImageList {
  #list;
  #advice;
  #shrink;
  #onChange;
  /** `{ url, file, whole, line, button, model }`: the line under a picture, the model that it speaks of,
   * and while it is scaled down its URL as it was. */
  #pictures = [];

  /** `advice(url, model)` says what a smaller picture would save, `shrink(file, model, options)` makes
   * one. */
  constructor(list, input, { advice, shrink, onChange }) {
    this.#list = list;
    this.#advice = advice;
    this.#shrink = shrink;
    this.#onChange = onChange;
    input.addEventListener("change", async () => {
      const files = [...input.files].filter((file) => file.size <= MOST_BYTES);
      const refused = input.files.length - files.length;
      input.setCustomValidity(refused === 0 ? "" : "An image may have at most 20 MB.");
      input.reportValidity();
      for (const file of files) this.#add(file, await readAsDataUrl(file));
      input.value = "";
    });
  }

  /** The images as `data:` URLs, in order. */
  get urls() {
    return this.#pictures.map(({ url }) => url);
  }

  /** The length of all of them, in UTF-16 units. */
  get units() {
    return this.#pictures.reduce((sum, { url }) => sum + url.length, 0);
  }

  /** Says under each picture what it costs on the model suggested; null: none is. */
  advise(model) {
    for (const picture of this.#pictures) {
      if (picture.model === model || picture.whole !== null) continue;
      picture.model = model;
      let advice = null;
      try {
        if (model !== null) advice = this.#advice(picture.url, model);
      } catch {
        // A model that the catalogue does not know.
      }
      say(picture.line, advice === null ? "" : adviceText(advice, model));
      const smaller = advice?.cheaper ?? advice?.sameView ?? null;
      say(picture.button, smaller === null ? "" : `Scale it to ${count(smaller.width)} × ${count(smaller.height)}`);
    }
  }

  #add(file, url) {
    const button = el("button", { type: "button", class: "quiet shrink", hidden: true, onclick: () => this.#toggle(picture) });
    const picture = { url, file, whole: null, line: el("p", { class: "advice", hidden: true }), button, model: null };
    this.#pictures.push(picture);
    const item = el("li", {},
      el("img", { src: url, alt: file.name }),
      el("div", {}, el("p", { class: "picture-name" }, file.name), picture.line, button),
      el("button", { type: "button", class: "remove", "aria-label": `Remove ${file.name}`, onclick: () => this.#remove(item, picture) }, "×"));
    this.#list.append(item);
    this.#list.hidden = false;
    this.#onChange();
  }

  /** Scales a picture down for the model suggested, or puts it back as it was. */
  async #toggle(picture) {
    if (picture.whole !== null) {
      Object.assign(picture, { url: picture.whole, whole: null, model: null });
      return this.#onChange();
    }
    picture.button.disabled = true;
    try {
      const { model, url } = picture;
      const shrunk = await this.#shrink(picture.file, model, { cheaper: true });
      Object.assign(picture, { url: shrunk.picture, whole: url });
      say(picture.line, shrunkText(shrunk, model));
      say(picture.button, "Send it as it was");
    } catch (trouble) {
      say(picture.line, trouble.message);
    }
    picture.button.disabled = false;
    this.#onChange();
  }

  #remove(item, picture) {
    this.#pictures.splice(this.#pictures.indexOf(picture), 1);
    item.remove();
    this.#list.hidden = this.#pictures.length === 0;
    this.#onChange();
  }
}

function readAsDataUrl(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
