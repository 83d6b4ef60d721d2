/** Who is registered: a page of the list as the server filters it, kept up by events, and one user beside it. */

import { get } from "./api.js";
import { arrange, button, el, mark, say } from "./element.js";
import { seldom } from "./frame.js";
import { nothing, settled } from "./parts.js";
import { Row } from "./row.js";
import { Tiles } from "./tiles.js";
import { eachSecond, now } from "./time.js";
import { User } from "./user.js";

const PAGE = 100;
const NEW = new Set(["registered", "created"]);

/** The view "Registrations". */
export class Registrations {
  name = "registrations";
  label = "Registrations";
  #rows = new Map();
  #before = [];
  #after = "";
  #next = null;
  #found = 0;
  #total = 0;
  #chosen = null;
  #is_shown = false;

  constructor(go) {
    this.#go = go;
    this.tiles = new Tiles();
    this.#search = el("input", {
      type: "text",
      id: "search",
      role: "searchbox",
      class: "search",
      placeholder: "Find an identity, a contact, a private identity",
      "aria-label": "Find registrations",
      "aria-keyshortcuts": "/",
      autocomplete: "off",
      spellcheck: "false",
      on: { input: settled(() => this.#restart()), keydown: (event) => this.#enter(event) },
    });
    this.#count = el("span", { class: "count" });
    this.#back = button("‹", () => this.#turn(-1), { class: "quiet icon", "aria-label": "Previous page" });
    this.#forth = button("›", () => this.#turn(1), { class: "quiet icon", "aria-label": "Next page" });
    this.#list = el("div", {
      class: "list",
      role: "listbox",
      id: "registration-list",
      "aria-label": "Registrations",
      tabindex: "-1",
      on: { click: (event) => this.#clicked(event), keydown: (event) => this.#pressed(event) },
    });
    this.#empty = el("div", { class: "empty", hidden: true });
    this.user = new User(() => this.choose(null));
    this.element = el(
      "section",
      { class: "registrations", "aria-label": "Registrations" },
      this.tiles.element,
      el(
        "div",
        { class: "split" },
        el(
          "div",
          { class: "panel list-panel" },
          el("div", { class: "bar" }, this.#search, this.#count, this.#back, this.#forth),
          this.#list,
          this.#empty,
        ),
        this.user.element,
      ),
    );
    this.#reload = seldom(() => this.#load(), 1000);
    eachSecond((time) => this.#tick(time));
  }

  #go;
  #search;
  #count;
  #back;
  #forth;
  #list;
  #empty;
  #reload;

  /** Be seen, with a chosen address of record or none. */
  show(aor) {
    this.#is_shown = true;
    this.#reload();
    this.#choose(aor || null);
  }

  hide() {
    this.#is_shown = false;
    this.user.hide();
  }

  /** Everything may have changed: the connection was away. */
  stale(is_anew) {
    this.tiles.stale();
    if (!this.#is_shown) return;
    this.#reload();
    this.user.stale(is_anew);
  }

  /** Take a batch of events. */
  live(events) {
    const changed = new Set();
    let is_short = false;
    for (const { kind, data } of events) {
      if (kind !== "contact") {
        if (kind === "registration" && data.cause === "lost") is_short = true;
        continue;
      }
      const row = this.#rows.get(data.aor);
      if (row) {
        if (row.happened(data)) is_short = true;
        changed.add(row);
      } else if (NEW.has(data.event) || data.state === "terminated") {
        is_short = true;
      }
    }
    this.tiles.live(events);
    if (!this.#is_shown) return;
    const time = now();
    for (const row of changed) {
      row.show(time);
      row.flash();
    }
    if (is_short) this.#reload();
    this.user.live(events);
  }

  /** Put the cursor into the search field. */
  search() {
    this.#search.focus();
    this.#search.select();
  }

  /** Choose an address of record, null for none; it goes into the page's address. */
  choose(aor) {
    this.#go("registrations", aor);
  }

  async #load() {
    if (!this.#is_shown) return;
    const query = { limit: PAGE, after: this.#after, q: this.#search.value.trim() };
    let page;
    try {
      page = await get("/v1/registrations", query);
    } catch (error) {
      if (error.status !== 0) say(this.#count, error.message);
      return;
    }
    if (query.after !== this.#after || query.q !== this.#search.value.trim()) return;
    if (!page.registrations.length && this.#after) {
      this.#before = [];
      this.#after = "";
      this.#reload();
      return;
    }
    this.#take(page);
  }

  #take(page) {
    const time = now();
    const rows = new Map();
    for (const view of page.registrations) {
      const row = this.#rows.get(view.aor) ?? new Row(view.aor);
      row.take(view, time);
      rows.set(view.aor, row);
    }
    // Who has just gone stays a moment, where they were.
    for (const [aor, row] of this.#rows) {
      if (rows.has(aor) || !row.gone_at || row.tick(time)) continue;
      rows.set(aor, row);
    }
    const order = [...rows.keys()].sort((a, b) => (a < b ? -1 : 1));
    this.#rows = new Map(order.map((aor) => [aor, rows.get(aor)]));
    this.#next = page.next;
    this.#found = page.found ?? page.total;
    this.#total = page.total;
    this.tiles.registered(page.total);
    this.#arrange();
  }

  #arrange() {
    arrange(this.#list, [...this.#rows.values()].map((row) => row.element));
    const of_all = this.#found === this.#total ? "" : ` of ${this.#total.toLocaleString()}`;
    const from = this.#before.length * PAGE;
    const range = this.#found > PAGE ? `${from + 1}–${Math.min(from + PAGE, this.#found)} of ` : "";
    say(this.#count, `${range}${this.#found.toLocaleString()}${range ? "" : of_all}`);
    this.#back.disabled = this.#before.length === 0;
    this.#forth.disabled = this.#next === null;
    const is_empty = this.#rows.size === 0;
    this.#empty.hidden = !is_empty;
    this.#list.hidden = is_empty;
    if (is_empty) {
      const why = this.#search.value ? "Nobody is registered whom this finds." : "Nobody is registered.";
      const hint = this.#search.value ? null : nothing("Try: ", el("code", {}, "scscf ue sip:alice@home1.test --password secret --subscribe --hold"));
      this.#empty.replaceChildren(nothing(why), hint ?? "");
    }
    this.#rove();
  }

  #restart() {
    this.#rows.clear();
    this.#before = [];
    this.#after = "";
    this.#load();
  }

  #turn(way) {
    if (way > 0 && this.#next !== null) {
      this.#before.push(this.#after);
      this.#after = this.#next;
    } else if (way < 0 && this.#before.length) {
      this.#after = this.#before.pop();
    }
    this.#rows.clear();
    this.#list.scrollTop = 0;
    this.#load();
  }

  #tick(time) {
    if (!this.#is_shown) return;
    let is_gone = false;
    for (const [aor, row] of this.#rows) {
      if (row.tick(time)) {
        this.#rows.delete(aor);
        is_gone = true;
      }
    }
    if (is_gone) {
      this.#arrange();
      this.#reload();
    }
    this.user.tick(time);
  }

  #clicked(event) {
    const found = event.target.closest(".registration");
    if (found) this.choose(this.#aorOf(found));
  }

  #aorOf(element) {
    for (const row of this.#rows.values()) if (row.element === element) return row.aor;
    return null;
  }

  #pressed(event) {
    const elements = [...this.#list.children];
    const at = elements.indexOf(document.activeElement);
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: elements.length - 1,
      PageDown: Math.min(at + 10, elements.length - 1),
      PageUp: Math.max(at - 10, 0),
    }[event.key];
    if (to !== undefined) {
      elements[to]?.focus();
      for (const each of elements) mark(each, "tabindex", each === elements[to] ? "0" : "-1");
    } else if (at >= 0 && (event.key === "Enter" || event.key === " ")) {
      this.choose(this.#aorOf(elements[at]));
    } else {
      return;
    }
    event.preventDefault();
  }

  /** From the search field into the list. */
  #enter(event) {
    if (event.key !== "ArrowDown" || !this.#list.firstElementChild) return;
    this.#list.firstElementChild.focus();
    event.preventDefault();
  }

  #choose(aor) {
    const left = this.user.element.contains(document.activeElement) ? this.#rows.get(this.#chosen)?.element : null;
    this.#chosen = aor;
    this.user.show(aor);
    mark(this.element, "data-chosen", aor === null ? null : "yes");
    if (aor === null) left?.focus();
    this.#rove();
  }

  /** One row takes the focus from the keyboard: the focused one, the chosen one or the first. */
  #rove() {
    const focused = this.#list.contains(document.activeElement) ? document.activeElement : null;
    const chosen = this.#rows.get(this.#chosen)?.element;
    const reachable = focused ?? chosen ?? this.#list.firstElementChild;
    for (const row of this.#rows.values()) {
      mark(row.element, "aria-selected", row.aor === this.#chosen ? "true" : "false");
      mark(row.element, "tabindex", row.element === reachable ? "0" : "-1");
    }
  }
}
