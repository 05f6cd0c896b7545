// Answers kept in this browser, where that is ticked: the same request again costs nothing.

import { count } from "./format.js";

export class Kept {
  #box;

  /** `purge` forgets them and resolves to how many there were. */
  constructor(box, button, { onChange, purge }) {
    this.#box = box;
    box.addEventListener("change", () => {
      button.hidden = !box.checked;
      button.textContent = "Forget them";
      onChange();
    });
    button.addEventListener("click", async () => {
      const gone = await purge();
      button.textContent = gone === 1 ? "1 answer forgotten" : `${count(gone)} answers forgotten`;
    });
  }

  /** Options of the client. A prompt here names no temperature: whoever ticks the box wants the one
   * answer again. */
  get options() {
    return this.#box.checked ? { cache: { scope: "page", allowSampling: true } } : {};
  }
}
