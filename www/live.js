// The tokens of the prompt alone, while it is typed. A counter takes the edits, so that a key costs
// what it changes and not the text; a long paste is given to it in pieces, between which the page
// stays free for keys and clicks.

/** How long one turn of counting a paste may take, in milliseconds: half a frame. */
const TURN_MS = 8;
/** UTF-16 units that are given to the counter at once: far below a turn for any text. */
const PIECE = 8192;
/** So many pieces in a row that take longer than this, in milliseconds, are too many to go on. */
const SLOW_MS = 25;
const MOST_SLOW = 3;
/** An estimate passes over the whole text at every edit: up to this many units. */
const MOST_ESTIMATED = 100_000;

/** How many units two texts share, up to `most`, where `same(from, to)` compares a stretch. */
function shared(most, same) {
  let length = 0;
  for (let stretch = 65_536; stretch >= 1; stretch /= 2) {
    while (length + stretch <= most && same(length, length + stretch)) length += stretch;
  }
  return length;
}

/** The one edit that makes `after` of `before`: `{ start, deleteCount, insert }`. */
export function difference(before, after) {
  const most = Math.min(before.length, after.length);
  const start = shared(most, (from, to) => before.slice(from, to) === after.slice(from, to));
  const [a, b] = [before.length, after.length];
  const end = shared(most - start, (from, to) => before.slice(a - to, a - from) === after.slice(b - to, b - from));
  return { start, deleteCount: a - end - start, insert: after.slice(start, b - end) };
}

export class LivePrompt {
  #create;
  #onChange;
  /** Null where nothing is counted live. */
  #counter = null;
  #basis = null;
  #gaveUp = false;
  #text = "";
  /** Units from..to of the text wait to be given to the counter; none where both are equal. */
  #from = 0;
  #to = 0;
  #turn = null;
  #slow = 0;

  /** `create(model)` makes a counter; `onChange` is called when waiting units were counted. */
  constructor({ create, onChange }) {
    this.#create = create;
    this.#onChange = onChange;
  }

  /** Counts for `model` from now on. `basis` names what the counts depend on: its tokenizer, and
   * whether its vocabulary is there. The same basis keeps the counter. */
  follow(model, basis) {
    const again = this.#gaveUp && this.#text.length <= MOST_ESTIMATED;
    if (basis === this.#basis && !again) return;
    this.#stop();
    this.#basis = basis;
    this.#gaveUp = false;
    try {
      this.#counter = this.#create(model);
    } catch {
      // A model that the catalogue does not know: no live count.
      return;
    }
    this.#to = this.#text.length;
    this.#give();
  }

  /** The text is this now. */
  set text(text) {
    const { start, deleteCount, insert } = difference(this.#text, text);
    this.#text = text;
    if (this.#counter === null) return;
    const end = start + deleteCount;
    if (this.#from === this.#to) [this.#from, this.#to] = [start, start];
    const waits = this.#to - this.#from;
    if (insert.length <= PIECE && start >= this.#to) {
      this.#counter.splice(start - waits, deleteCount, insert);
    } else if (insert.length <= PIECE && end <= this.#from) {
      this.#counter.splice(start, deleteCount, insert);
      this.#from += insert.length - deleteCount;
      this.#to += insert.length - deleteCount;
    } else {
      // What waits and what came become one stretch; what the counter holds of it goes.
      const [from, to] = [Math.min(this.#from, start), Math.max(this.#to, end)];
      this.#counter.splice(from, to - from - waits, "");
      [this.#from, this.#to] = [from, to + insert.length - deleteCount];
    }
    this.#give();
  }

  /** `{ tokens, exact }`; "counting" while units wait; null where there is no live count. */
  get reading() {
    if (this.#counter === null) return null;
    return this.#from < this.#to ? "counting" : { tokens: this.#counter.tokens, exact: this.#counter.exact };
  }

  #stop() {
    clearTimeout(this.#turn);
    this.#counter?.free();
    this.#counter = null;
    [this.#from, this.#to] = [0, 0];
  }

  /** Until the text is short again, or another basis is there. */
  #giveUp() {
    this.#stop();
    this.#gaveUp = true;
  }

  /** Gives what waits: now what fits in a turn, the rest in later ones. */
  #give() {
    clearTimeout(this.#turn);
    if (!this.#counter.exact && this.#text.length > MOST_ESTIMATED) return this.#giveUp();
    const until = performance.now() + TURN_MS;
    while (this.#from < this.#to) {
      const began = performance.now();
      if (began >= until) {
        this.#turn = setTimeout(() => {
          this.#give();
          if (this.#from === this.#to) this.#onChange();
        });
        return;
      }
      const piece = this.#text.slice(this.#from, Math.min(this.#to, this.#from + PIECE));
      this.#counter.splice(this.#from, 0, piece);
      this.#from += piece.length;
      // One endless word can only be counted as a whole, at every piece.
      this.#slow = performance.now() - began > SLOW_MS ? this.#slow + 1 : 0;
      if (this.#slow > MOST_SLOW) return this.#giveUp();
    }
  }
}
