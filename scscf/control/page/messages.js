/** Messages of everybody, or of whom the filter names. */

import { el } from "./element.js";
import { MessagesOf } from "./messages_of.js";
import { settled } from "./parts.js";

/** The view "Messages". */
export class Messages {
  name = "messages";
  label = "Messages";

  constructor() {
    this.#of = new MessagesOf();
    this.#fields = ["aor", "impi", "call_id"].map((name) => {
      const label = { aor: "Address of record", impi: "Private identity", call_id: "Call-ID" }[name];
      const settle = settled(() => this.#choose());
      return [name, el("input", { type: "text", class: "search", placeholder: label, "aria-label": label, autocomplete: "off", spellcheck: "false", on: { input: settle } })];
    });
    const fields = this.#fields.map(([, input]) => input);
    this.element = el("section", { class: "view panel", "aria-label": "Messages" }, el("div", { class: "bar" }, fields), this.#of.element);
    this.#of.choose({});
  }

  #of;
  #fields;

  show() {
    this.#of.start();
  }

  hide() {
    this.#of.stop();
  }

  stale(is_anew) {
    if (is_anew) this.#of.anew();
    else this.#of.look();
  }

  live() {
    this.#of.look();
  }

  search() {
    this.#fields[0][1].focus();
  }

  #choose() {
    const filter = Object.fromEntries(this.#fields.map(([name, input]) => [name, input.value.trim()]));
    this.#of.choose(filter);
  }
}
