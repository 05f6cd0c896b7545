// Tells a collector of OpenTelemetry of every request, where its address is given. Off until then; the
// module for it is loaded then.

const get = (id) => document.getElementById(id);

export class Telemetry {
  #sink = null;
  #onChange;

  constructor({ onChange }) {
    this.#onChange = onChange;
    get("collector").addEventListener("change", () => this.#changed());
  }

  /** Options of the client. */
  get options() {
    return this.#sink === null ? {} : { telemetry: this };
  }

  begin() {
    return this.#sink.begin();
  }

  record(receipt, request) {
    this.#sink?.record(receipt, request);
    this.#say();
  }

  async #changed() {
    const address = get("collector").value.trim();
    await this.#sink?.stop();
    this.#sink = null;
    let trouble = "";
    if (address !== "") {
      try {
        const workshop = await import("./promptfare/workshop.js");
        await workshop.default();
        this.#sink = workshop.openTelemetry({ endpoint: address, serviceName: "promptfare-page", everyMs: 2000 });
      } catch (error) {
        trouble = error.message;
      }
    }
    get("collector-error").textContent = trouble;
    get("collector-error").hidden = trouble === "";
    this.#say();
    this.#onChange();
  }

  /** How it stands, now and when the next batch is out. */
  #say() {
    const told = () => {
      const state = this.#sink?.state;
      get("collector-state").textContent = state === undefined ? ""
        : `${state.sent} told, ${state.waiting} waiting${state.problem === null ? "" : `; ${state.problem}`}.`;
    };
    told();
    setTimeout(told, 3000);
  }
}
