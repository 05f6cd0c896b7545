// The gateway's address and key. The key lives in one variable of this module: not in storage, not
// in the address, not in the document; a reload forgets it. It belongs to the address it was typed
// for, and goes when that address changes.

import { say } from "./dom.js";

const DEFAULT_BASE = "gateway/v1";

const get = (id) => document.getElementById(id);

/** An address as the client takes it, or throws with what is wrong. */
function checkedBase(text) {
  const url = new URL(text, document.baseURI);
  const loopback = ["localhost", "127.0.0.1"].includes(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && (loopback || url.origin === location.origin))) {
    throw new Error(`Address: found ${url.protocol}//${url.host}, wanted https:// (or http:// on this machine).`);
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new Error("Address: wanted one without user, query and fragment; a key belongs into its own field.");
  }
  return url.href.replace(/\/+$/, "");
}

export class Settings {
  #key = null;
  #own = new URL(DEFAULT_BASE, document.baseURI).href;
  #server = null;
  #onChange;

  /** Absolute address of the gateway, without a slash at its end. */
  baseUrl = this.#own;

  constructor({ onChange }) {
    this.#onChange = onChange;
    get("open-settings").addEventListener("click", () => this.#open());
    get("close-settings").addEventListener("click", () => this.#close());
    get("default-gateway").addEventListener("click", () => { get("base-url").value = this.#own; });
    get("forget-key").addEventListener("click", () => this.#use(this.baseUrl, null));
    // Esc and the browser's own ways of closing end here too.
    get("settings").addEventListener("close", () => { get("api-key").value = ""; });
    get("settings-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  get hasKey() {
    return this.#key !== null;
  }

  /** The key, for the client's callback alone. */
  key() {
    return this.#key;
  }

  /** Whether answers come from the sandbox. */
  get sandbox() {
    return this.baseUrl === this.#own && this.#server?.sandbox === true;
  }

  /** What the page's server says of the gateway it forwards to. */
  introduce(server) {
    if (server.baseUrl !== undefined) this.#own = new URL(server.baseUrl, document.baseURI).href;
    this.#server = server.gateway ?? null;
    this.baseUrl = this.#own;
    this.#name();
  }

  #name() {
    const name = this.baseUrl !== this.#own ? new URL(this.baseUrl).host : this.#server === null ? "none" : this.#server.sandbox ? "sandbox" : this.#server.host;
    get("gateway-name").textContent = `Gateway: ${name}`;
  }

  #story() {
    const server = this.#server;
    if (server === null) return "This page's server forwards to no gateway. Name one here.";
    if (server.sandbox) return "This page's server answers from a sandbox on this machine: real streams, invented answers, no cost.";
    return `This page's server forwards to ${server.host}${server.keyOnServer ? " and adds the key itself; none is needed here" : ""}.`;
  }

  #open() {
    say(get("gateway-story"), this.#story());
    say(get("address-error"), "");
    get("base-url").value = this.baseUrl;
    get("api-key").value = "";
    get("forget-key").hidden = !this.hasKey;
    get("key-story").textContent = this.hasKey
      ? "A key is set for this address. It is kept in memory only, and gone when the page is reloaded."
      : "Kept in memory only, and gone when the page is reloaded. With another address than this page's own it goes from your browser straight to that address.";
    get("settings").showModal();
  }

  #close() {
    get("settings").close();
    get("open-settings").focus();
  }

  #submit() {
    let base;
    try {
      base = checkedBase(get("base-url").value.trim() || this.#own);
    } catch (trouble) {
      say(get("address-error"), trouble instanceof TypeError ? "Address: found no address, wanted something like https://host/v1." : trouble.message);
      get("base-url").focus();
      return;
    }
    const entered = get("api-key").value.trim();
    const kept = base === this.baseUrl ? this.#key : null;
    this.#use(base, entered === "" ? kept : entered);
  }

  #use(base, key) {
    this.baseUrl = base;
    this.#key = key;
    this.#name();
    this.#close();
    this.#onChange();
  }
}
