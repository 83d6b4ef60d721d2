/** All watchers: a page of the subscriptions as the server filters them, kept up by events. */

import { get } from "./api.js";
import { button, el, mark, say } from "./element.js";
import { seldom } from "./frame.js";
import { settled } from "./parts.js";
import { eachSecond } from "./time.js";
import { WatcherTable } from "./watcher_table.js";

const PAGE = 100;

/** The view "Watchers". */
export class Watchers {
  name = "watchers";
  label = "Watchers";
  #skip = 0;
  #is_shown = false;
  #aors = new Map();

  constructor(go) {
    this.#search = el("input", {
      type: "text",
      role: "searchbox",
      class: "search",
      placeholder: "Find a watcher or who is watched",
      "aria-label": "Find watchers",
      autocomplete: "off",
      spellcheck: "false",
      on: { input: settled(() => this.#turn(-this.#skip)) },
    });
    this.#count = el("span", { class: "count" });
    this.#back = button("‹", () => this.#turn(-PAGE), { class: "quiet icon", "aria-label": "Previous page" });
    this.#forth = button("›", () => this.#turn(PAGE), { class: "quiet icon", "aria-label": "Next page" });
    this.#ended = el("input", { type: "checkbox", id: "ended", on: { change: () => this.#turn(-this.#skip) } });
    this.#table = new WatcherTable({ withAor: true, changed: () => this.#reload(), open: (id) => go("registrations", this.#aors.get(id)) });
    this.element = el(
      "section",
      { class: "view panel", "aria-label": "Watchers" },
      el("div", { class: "bar" }, this.#search, el("label", { class: "check", for: "ended" }, this.#ended, "ended ones too"), this.#count, this.#back, this.#forth),
      el("div", { class: "scroll" }, this.#table.element),
    );
    this.#reload = seldom(() => this.#load(), 1000);
    eachSecond((now) => {
      if (this.#is_shown) this.#table.tick(now);
    });
  }

  #search;
  #count;
  #back;
  #forth;
  #ended;
  #table;
  #reload;

  show() {
    this.#is_shown = true;
    this.#reload();
  }

  hide() {
    this.#is_shown = false;
  }

  stale() {
    if (this.#is_shown) this.#reload();
  }

  /** Take a batch of events. */
  live(events) {
    if (this.#is_shown && this.#table.live(events)) this.#reload();
  }

  search() {
    this.#search.focus();
  }

  #turn(by) {
    this.#skip = Math.max(0, this.#skip + by);
    this.#reload();
  }

  async #load() {
    if (!this.#is_shown) return;
    const skip = this.#skip;
    let page;
    try {
      page = await get("/v1/subscriptions", { q: this.#search.value.trim(), limit: PAGE, skip, bodies: "false", ended: this.#ended.checked ? "true" : "" });
    } catch (error) {
      if (error.status) say(this.#count, error.message);
      return;
    }
    if (skip !== this.#skip) return;
    this.#aors = new Map(page.subscriptions.map(({ id, aor }) => [id, aor]));
    this.#table.show(page.subscriptions);
    const last = Math.min(skip + PAGE, page.found);
    say(this.#count, page.found > PAGE ? `${skip + 1}–${last} of ${page.found.toLocaleString()}` : String(page.found));
    this.#back.disabled = skip === 0;
    this.#forth.disabled = last >= page.found;
    mark(this.element, "data-found", page.found);
  }
}
