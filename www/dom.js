// Building elements without ever touching HTML: text stays text, whoever wrote it.

/** An element. `properties` are set on the object; `class`, `for`, `aria-*` and `data-*` as
 * attributes. Children are elements or text; null and false are left out. */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name === "class") element.className = value;
    else if (name === "for") element.htmlFor = value;
    else if (name.includes("-") || name === "role" || name === "scope") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Shows text in an element, and hides the element where there is none. */
export function say(element, text) {
  element.textContent = text;
  element.hidden = text === "";
}

/** An interval with its expected value and, after the ride, the true one, on a line from 0 to
 * `most`. A picture of numbers that stand beside it as text, hence hidden from screen readers. */
export function range({ low, expected, high, billed }, most) {
  const share = (value) => `${most > 0 ? Math.min(100, (100 * value) / most) : 0}%`;
  const line = el("span", { class: "range", "aria-hidden": "true" });
  // Set through the object model: the page's policy forbids style attributes.
  line.style.setProperty("--low", share(low));
  line.style.setProperty("--high", share(high));
  line.style.setProperty("--expected", share(expected));
  line.append(el("span", { class: "band" }), el("span", { class: "tick" }));
  if (billed !== undefined) {
    line.style.setProperty("--billed", share(billed));
    line.append(el("span", { class: "billed" }));
  }
  return line;
}

export const hidden = (text) => el("span", { class: "visually-hidden" }, text);
