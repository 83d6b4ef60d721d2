/** The contacts of one user with everything that is known of each binding. */

import { deregister, shorten } from "./commands.js";
import { arrange, button, el, mark, say } from "./element.js";
import { TimeLeft, badge, nothing, rebadge } from "./parts.js";
import { now, timeOfDay } from "./time.js";

const FACTS = [
  ["private identity", (contact) => contact.private_identity],
  ["from", (contact) => [contact.transport, contact.source].filter(Boolean).join(" ") || null],
  ["user agent", (contact) => contact.user_agent],
  ["path", (contact) => contact.path.join(", ") || null],
  ["q", (contact) => contact.q],
  ["endpoint (epid)", (contact) => contact.epid],
  ["instance", (contact) => (contact.instance ? contact.instance + (contact.reg_id ? `, reg-id ${contact.reg_id}` : "") : null)],
  ["GRUU", (contact) => contact.gruu],
  ["public GRUU", (contact) => contact.pub_gruu],
  ["temporary GRUU", (contact) => contact.temp_gruu],
  ["parameters", (contact) => Object.entries(contact.params).map(([name, value]) => (value === null ? name : `${name}=${value}`)).join("; ") || null],
  ["Call-ID, CSeq", (contact) => `${contact.callid}, ${contact.cseq}`],
  ["since", (contact) => `${timeOfDay(contact.registered_at)}, granted ${contact.granted} s`],
  ["id", (contact) => contact.id],
];

class Card {
  constructor() {
    this.uri = el("span", { class: "uri mono" });
    this.event = badge("");
    this.time = new TimeLeft();
    this.facts = el("dl", { class: "facts" });
    this.element = el(
      "article",
      { class: "card" },
      el("div", { class: "row" }, this.uri, el("div", { class: "row" }, this.event, el("span", { class: "grow" }), this.time.element)),
      this.facts,
      el(
        "div",
        { class: "row card-actions" },
        button("De-register this contact…", () => deregister({ aor: this.aor, contact: this.contact.uri }), { class: "small" }),
        button("This device…", () => deregister({ impi: this.contact.private_identity }, this.aor), { class: "small", title: "Every registration of its private identity" }),
        button("Shorten…", () => shorten({ aor: this.aor, contact: this.contact.uri }), { class: "small" }),
      ),
    );
  }

  show(aor, contact) {
    this.aor = aor;
    this.contact = contact;
    say(this.uri, contact.uri);
    rebadge(this.event, contact.event);
    mark(this.element, "aria-label", `Contact ${contact.uri}, ${contact.event}`);
    this.time.set(contact.expires_at, contact.granted);
    const facts = FACTS.map(([name, read]) => [name, read(contact)]).filter(([, value]) => value);
    const text = JSON.stringify(facts);
    if (text !== this.text) {
      this.text = text;
      this.facts.replaceChildren(...facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", { class: "mono" }, String(value))]));
    }
    this.time.look(now());
  }
}

/** All contacts of a user. */
export class ContactCards {
  #cards = new Map();

  constructor() {
    this.element = el("div", { class: "cards" });
  }

  /** Show a registration; null: there is none. */
  show(registration) {
    const contacts = registration?.contacts ?? [];
    const cards = new Map();
    for (const contact of contacts) {
      const card = this.#cards.get(contact.id) ?? new Card();
      card.show(registration.aor, contact);
      cards.set(contact.id, card);
    }
    this.#cards = cards;
    arrange(this.element, cards.size ? [...cards.values()].map((card) => card.element) : [nothing("No contact is bound.")]);
  }

  tick(time) {
    for (const card of this.#cards.values()) card.time.look(time);
  }
}
