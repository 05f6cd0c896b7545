// Attached images, kept as data: URLs in this page.

import { el } from "./dom.js";

/** Larger files are refused: most gateways refuse them too. */
const MOST_BYTES = 20_000_000;

export class ImageList {
  #list;
  #onChange;

  /** The images as `data:` URLs, in order. */
  urls = [];

  constructor(list, input, onChange) {
    this.#list = list;
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

  #add(name, url) {
    this.urls.push(url);
    const item = el("li", {},
      el("img", { src: url, alt: name }),
      el("button", { type: "button", class: "remove", "aria-label": `Remove ${name}`, onclick: () => this.#remove(item, url) }, "×"));
    this.#list.append(item);
    this.#list.hidden = false;
    this.#onChange();
  }

  #remove(item, url) {
    this.urls.splice(this.urls.indexOf(url), 1);
    item.remove();
    this.#list.hidden = this.urls.length === 0;
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
