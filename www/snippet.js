// The folded panel with the request as JSON, curl, fetch and SDK code.

import { count } from "./format.js";
import { requestSnippet } from "./promptfare/promptfare.js";

const get = (id) => document.getElementById(id);

/** As much as is shown, in UTF-16 units: laying out megabytes would hold up the page. */
const MOST_SHOWN = 50_000;

/** A data: URL is shown by its beginning: a page of base64 helps nobody. So is a very long request.
 * The copied text is whole. */
function shortened(text) {
  const short = text.replace(/(data:[\w/+.-]+;base64,[\w+/]{24})[\w+/=]+/g, "$1…");
  return short.length <= MOST_SHOWN ? short : `${short.slice(0, MOST_SHOWN)}…\n\n(${count(short.length - MOST_SHOWN)} more characters; Copy takes all of them)`;
}

export class Snippet {
  #panel;
  #baseUrl;
  #request = null;
  #whole = "";

  constructor(panel, baseUrl) {
    this.#panel = panel;
    this.#baseUrl = baseUrl;
    panel.addEventListener("toggle", () => this.#draw());
    panel.addEventListener("change", () => this.#draw());
    get("copy").addEventListener("click", () => this.#copy());
  }

  /** Shows a request; null where there is none. */
  show(request) {
    this.#request = request;
    this.#draw();
  }

  #draw() {
    if (!this.#panel.open) return;
    const language = this.#panel.querySelector("input[name=language]:checked").value;
    if (this.#request === null) this.#whole = "";
    else if (language === "json") this.#whole = JSON.stringify(this.#request, null, 2);
    else this.#whole = requestSnippet(this.#request, { baseUrl: this.#baseUrl(), language });
    get("snippet").textContent = this.#whole === "" ? "The request appears here once there is a prompt." : shortened(this.#whole);
    get("copy").disabled = this.#whole === "";
    get("copy").textContent = "Copy";
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.#whole);
      get("copy").textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(get("snippet"));
      get("copy").textContent = "Selected: press Ctrl+C";
    }
  }
}
