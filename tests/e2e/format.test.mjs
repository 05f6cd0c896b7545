// The page's numbers as text: money is cut as a string and never wrong by a digit.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, count, dollars, dollarsExactly, seconds, significant, span, tokens } from "../../www/format.js";

test("money for a glance", () => {
  const cases = [
    ["0", "$0"],
    ["0.0263812", "$0.026"],
    ["0.00018", "$0.00018"],
    ["0.000024", "$0.000024"],
    ["0.1", "$0.10"],
    ["0.995", "$1.00"],
    ["1.2", "$1.20"],
    ["9.999", "$10.00"],
    ["99.994", "$99.99"],
    ["12345.678", "$12,345.68"],
    ["15", "$15.00"],
  ];
  for (const [text, shown] of cases) assert.equal(dollars(text), shown, text);
});

test("rounding to significant digits agrees with decimal arithmetic for every short number", () => {
  // All decimals of up to four digits behind the point, against whole-number rounding.
  for (let units = 1; units < 10_000; units += 7) {
    const text = `0.${String(units).padStart(4, "0")}`;
    const digits = String(units).length;
    const step = 10 ** Math.max(0, digits - 2);
    const rounded = Math.floor((units + step / 2) / step) * step;
    assert.equal(Number(significant(text, 2)), rounded / 10_000, text);
  }
});

test("money to the last digit keeps every digit", () => {
  assert.equal(dollarsExactly("0.003186"), "$0.003186");
  assert.equal(dollarsExactly("1234567.000000000001"), "$1,234,567.000000000001");
});

test("what is no number is refused", () => {
  for (const text of ["", "1e-7", "NaN", ".5", "1,5"]) assert.throws(() => significant(text, 2), /wanted a decimal number/);
});

test("tokens, spans, times, sizes", () => {
  assert.equal(count(1234567), "1,234,567");
  assert.equal(tokens({ tokens: 24, exact: true }), "24");
  assert.equal(tokens({ tokens: 1024, exact: false }), "≈ 1,024");
  assert.equal(span(40, 1400), "40 – 1,400");
  assert.equal(span(40, 40), "40");
  assert.equal(seconds(420), "0.42 s");
  assert.equal(seconds(12_340), "12.3 s");
  assert.equal(bytes(82_000), "82 kB");
  assert.equal(bytes(704_634), "0.7 MB");
});
