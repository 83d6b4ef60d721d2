/** What happens to everybody, line by line, latest first. */

import { part } from "./api.js";
import { button, el } from "./element.js";
import { badge, nothing } from "./parts.js";

const MOST_LINES = 60;

/** What happens, line by line, while nobody is chosen. */
export class Activity {
  constructor() {
    this.#list = el("ol", { class: "activity", "aria-label": "What happens", hidden: true });
    this.element = el(
      "div",
      { class: "activity-panel" },
      el("div", { class: "user-head" }, el("h2", {}, "What happens"), el("p", { class: "about" }, "Choose a registration to see its contacts, its watchers, its ladder and its documents.")),
      (this.#quiet = nothing("Nothing yet: contacts, NOTIFYs and subscriptions come here as they change.")),
      this.#list,
    );
  }

  #list;
  #quiet;

  live(events) {
    if (this.element.hidden && this.#list.childElementCount === 0) return;
    const told = events.filter(({ kind }) => kind in SENTENCES).slice(-MOST_LINES);
    if (!told.length) return;
    this.#quiet.hidden = true;
    this.#list.hidden = false;
    this.#list.prepend(...told.reverse().map(line));
    while (this.#list.childElementCount > MOST_LINES) this.#list.lastElementChild.remove();
  }
}

const SENTENCES = {
  contact: ({ uri, event, retry_after }) => [badge(event), (retry_after === null ? "" : `again after ${retry_after} s, `) + uri],
  notify: ({ version, status }) => [badge("NOTIFY"), `version ${version}: ${status}`],
  subscription: ({ watcher, state, reason }) => [badge("watcher"), `${watcher} ${state}${reason ? ` (${reason})` : ""}`],
  user_services: ({ available }) => [badge("services"), `user services are ${available ? "available again" : "unavailable"}`],
  third_party_register: ({ as, status }) => [badge("AS"), `${as}: ${status}`],
};

function line({ kind, data }) {
  const aor = String(data.aor);
  const [word, text] = SENTENCES[kind](data);
  return el(
    "li",
    {},
    button(aor, () => {
      location.hash = `#registrations/${part(aor)}`;
    }, { class: "link mono", title: aor }),
    el("span", { class: "mono what", title: text }, word, el("span", {}, text)),
  );
}
