/** One registration in the list: an address of record, its set, and its contacts with what happened to each. */

import { arrange, el, mark, say } from "./element.js";
import { TimeLeft, badge, brief, rebadge } from "./parts.js";

/** Seconds for which what has ended stays to be seen. */
export const LINGER = 8;
const MOST_CONTACTS = 6;
const MOST_OTHERS = 5;
const MOST_FADING = 4;
let fading = 0;

class ContactLine {
  constructor() {
    this.event = badge("");
    this.epid = el("b", {});
    this.words = el("span", {});
    this.uri = el("span", { class: "uri mono" }, this.epid, this.words);
    this.time = new TimeLeft();
    this.element = el("div", { class: "contact-line" }, this.uri, this.event, this.time.element);
  }

  show(contact, now) {
    rebadge(this.event, contact.event);
    say(this.epid, contact.epid ? `${contact.epid} ` : "");
    say(this.words, brief(contact.uri));
    mark(this.uri, "title", (contact.epid ? `endpoint ${contact.epid}: ` : "") + contact.uri);
    mark(this.element, "data-state", contact.state);
    if (contact.state === "active") this.time.set(contact.expires_at, contact.granted);
    else this.time.end();
    this.time.look(now);
  }
}

/** A row and the data that it shows. */
export class Row {
  constructor(aor) {
    this.aor = aor;
    this.contacts = new Map();
    this.set = [];
    this.barred = false;
    this.gone_at = null;
    this.#lines = new Map();
    this.#name = el("span", { class: "aor mono" }, aor);
    this.#others = el("span", { class: "others mono" });
    this.#list = el("div", { class: "contact-lines" });
    this.element = el(
      "div",
      { class: "registration", role: "option", tabindex: "-1", "aria-selected": "false" },
      el("div", { class: "who" }, this.#name, this.#others),
      this.#list,
    );
    this.element.title = aor;
  }

  #lines;
  #name;
  #others;
  #list;

  /** Take what the API shows of it. */
  take(view, now) {
    this.set = view.implicit_set;
    this.barred = view.barred;
    const ended = [...this.contacts].filter(([, contact]) => contact.gone_at && now - contact.gone_at < LINGER);
    this.contacts = new Map([...view.contacts.map((contact) => [contact.id, { ...contact, gone_at: null }])]);
    for (const [id, contact] of ended) if (!this.contacts.has(id)) this.contacts.set(id, contact);
    this.gone_at = this.isActive() ? null : (this.gone_at ?? now);
    this.show(now);
  }

  /** Take an event of one of its contacts; tell whether more has to be asked for. */
  happened(event) {
    const known = this.contacts.get(event.id);
    const is_active = event.state === "active";
    this.contacts.set(event.id, {
      ...known,
      id: event.id,
      uri: event.uri,
      state: event.state,
      event: event.event,
      expires_at: event.expires >= 4294967295 ? null : event.at + event.expires,
      granted: event.event === "shortened" && known ? Math.max(known.granted, event.expires) : event.expires,
      gone_at: is_active ? null : event.at,
    });
    this.gone_at = this.isActive() ? null : (this.gone_at ?? event.at);
    return !known;
  }

  isActive() {
    for (const contact of this.contacts.values()) if (contact.state === "active") return true;
    return false;
  }

  /** Draw it as it is. */
  show(now) {
    const others = this.set.filter((uri) => uri !== this.aor).slice(0, MOST_OTHERS);
    const words = [this.barred ? "barred" : "", others.length ? `with ${others.map(brief).join(", ")}` : ""];
    say(this.#others, words.filter(Boolean).join(", "));
    const shown = [...this.contacts.values()].slice(0, MOST_CONTACTS);
    const lines = shown.map((contact) => {
      const line = this.#lines.get(contact.id) ?? new ContactLine();
      this.#lines.set(contact.id, line);
      line.show(contact, now);
      return line.element;
    });
    for (const id of this.#lines.keys()) if (!this.contacts.has(id)) this.#lines.delete(id);
    const more = this.contacts.size - shown.length;
    arrange(this.#list, more > 0 ? [...lines, this.#more(more)] : lines);
    mark(this.element, "data-gone", this.gone_at === null ? null : "yes");
    this.#describe(shown);
  }

  #more(count) {
    return el("div", { class: "contact-line dim" }, `and ${count} more`);
  }

  #describe(shown) {
    const told = shown.map(({ uri, epid, state, event }) => `${epid ? `endpoint ${epid} ` : ""}${uri} ${state} ${event}`);
    mark(this.element, "aria-label", `${this.aor}: ${told.join("; ") || "no contact"}`);
  }

  /** Let time run off; tell whether it has lingered long enough. */
  tick(now) {
    let is_changed = false;
    for (const [id, contact] of this.contacts) {
      if (contact.gone_at !== null && now - contact.gone_at > LINGER && this.isActive()) {
        this.contacts.delete(id);
        is_changed = true;
      } else if (contact.state === "active") {
        this.#lines.get(id)?.time.look(now);
      }
    }
    if (is_changed) this.show(now);
    return this.gone_at !== null && now - this.gone_at > LINGER;
  }

  /** Draw the eye to it for a moment; where much happens at once, to a few only: each frame of it has to be painted. */
  flash() {
    if (this.#fading || fading >= MOST_FADING) return;
    this.#fading = true;
    fading += 1;
    const over = () => {
      this.#fading = false;
      fading -= 1;
    };
    this.element.animate([{ backgroundColor: "var(--flash)" }, { backgroundColor: "transparent" }], {
      duration: 1200,
      easing: "ease-out",
    }).finished.then(over, over);
  }

  #fading = false;
}
