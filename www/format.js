// Numbers as people read them. Money arrives as a decimal string and is only ever cut as a string:
// no floating point touches it, not even for show.

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** Rounds a decimal string to `digits` significant digits, half up; the whole part always stays.
 * "0.0263812" and 2: "0.026". */
export function significant(text, digits) {
  const parts = DECIMAL.exec(text);
  if (parts === null) throw new Error(`money: found ${JSON.stringify(text)}, wanted a decimal number`);
  const [, sign, whole, fraction = ""] = parts;
  const all = whole + fraction;
  const first = all.search(/[1-9]/);
  if (first === -1) return "0";
  const keep = Math.max(first + digits, whole.length);
  if (keep >= all.length) return sign + withPoint(all, whole.length);
  const up = all.charAt(keep) >= "5" ? 1n : 0n;
  const kept = (BigInt(all.slice(0, keep)) + up).toString().padStart(keep, "0");
  // A carry may have made it one digit longer.
  return sign + withPoint(kept, whole.length + kept.length - keep);
}

function withPoint(digits, point) {
  const whole = digits.slice(0, point).replace(/^0+(?=\d)/, "") || "0";
  const fraction = digits.slice(point);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** Money for a glance: to the cent from a dollar on, two significant digits below. */
export function dollars(text) {
  const wholeDigits = text.split(".")[0].replace(/^-?0*/, "").length;
  const [whole, fraction = ""] = significant(text, wholeDigits + 2).split(".");
  if (whole === "0" && fraction === "") return "$0";
  return `$${grouped(whole)}.${fraction.padEnd(2, "0")}`;
}

/** Money to the last digit. */
export function dollarsExactly(text) {
  const [whole, fraction] = text.split(".");
  return `$${grouped(whole)}${fraction === undefined ? "" : `.${fraction}`}`;
}

function grouped(digits) {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** A number of tokens: 12,345. */
export function count(number) {
  return grouped(String(number));
}

/** "24" where it is exact, "≈ 24" where it is an estimate. */
export function tokens({ tokens: number, exact }) {
  return exact ? count(number) : `≈ ${count(number)}`;
}

/** "21 – 30", or one figure where there is nothing between. */
export function span(low, high, show = count) {
  return low === high ? show(low) : `${show(low)} – ${show(high)}`;
}

/** Milliseconds as seconds: "0.42 s", "12.3 s". */
export function seconds(milliseconds) {
  const value = milliseconds / 1000;
  return `${value < 10 ? value.toFixed(2) : value.toFixed(1)} s`;
}

/** Bytes of a download: "82 kB", "0.7 MB". */
export function bytes(number) {
  return number < 500_000 ? `${Math.max(1, Math.round(number / 1000))} kB` : `${(number / 1_000_000).toFixed(1)} MB`;
}

/** 0..1 as "18 %". */
export function percent(share) {
  return `${Math.round(share * 100)} %`;
}

/** 0..1 in words, with the figure. */
export function sureness(confidence) {
  const word = confidence >= 0.85 ? "Sure" : confidence >= 0.65 ? "Fairly sure" : confidence >= 0.45 ? "Not very sure" : "Unsure";
  return `${word}, ${percent(confidence)}`;
}
