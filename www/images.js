// Attached images, kept as data: URLs in this page.

import { el, say } from "./dom.js";
import { count } from "./format.js";

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

export class ImageList {
  #list;
  #advice;
  #onChange;
  /** `{ url, line, model }`: the line under a picture, and the model that it speaks of. */
  #pictures = [];

  /** `advice(url, model)` says what a smaller picture would save. */
  constructor(list, input, { advice, onChange }) {
    this.#list = list;
    this.#advice = advice;
    this.#onChange = onChange;
    input.addEventListener("change", async () => {
      const files = [...input.files].filter((file) => file.size <= MOST_BYTES);
      const refused = input.files.length - files.length;
      input.setCustomValidity(refused === 0 ? "" : "An image may have at most 20 MB.");
      input.reportValidity();
      for (const file of files) this.#add(file.name, await readAsDataUrl(file));
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
      if (picture.model === model) continue;
      picture.model = model;
      let advice = null;
      try {
        if (model !== null) advice = this.#advice(picture.url, model);
      } catch {
        // A model that the catalogue does not know.
      }
      say(picture.line, advice === null ? "" : adviceText(advice, model));
    }
  }

  #add(name, url) {
    const picture = { url, line: el("p", { class: "advice", hidden: true }), model: null };
    this.#pictures.push(picture);
    const item = el("li", {},
      el("img", { src: url, alt: name }),
      el("div", {}, el("p", { class: "picture-name" }, name), picture.line),
      el("button", { type: "button", class: "remove", "aria-label": `Remove ${name}`, onclick: () => this.#remove(item, picture) }, "×"));
    this.#list.append(item);
    this.#list.hidden = false;
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
