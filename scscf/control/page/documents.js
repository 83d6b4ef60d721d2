/** The documents that watchers of a user were sent, each as a tree with the difference to the one before. */

import { get } from "./api.js";
import { el, mark, say } from "./element.js";
import { badge, nothing } from "./parts.js";
import { difference, differs, headOf, parse } from "./reginfo.js";
import { header, read } from "./sip_text.js";
import { timeOfDay } from "./time.js";
import { treeOf } from "./tree.js";

const KEPT = 50;

/** The panel "Documents". */
export class Documents {
  #aor = null;
  #watchers = new Map(); // call id → {id, watcher, call_id, since, documents: Map(version → {body, at})}
  #chosen = null;
  #version = null;
  #drawn = "";

  constructor() {
    this.#select = el("select", { "aria-label": "Watcher", on: { change: () => this.#choose(this.#select.value) } });
    this.#versions = el("div", { class: "versions", role: "group", "aria-label": "Versions" });
    this.#about = el("p", { class: "about" });
    this.#place = el("div", { class: "tree-place" });
    this.#raw = el("details", { class: "raw" }, el("summary", {}, "as it was sent"), (this.#source = el("pre", { class: "mono", tabindex: "0" })));
    this.element = el(
      "div",
      { class: "documents" },
      el("div", { class: "row" }, el("label", {}, "Watcher ", this.#select)),
      this.#versions,
      this.#about,
      this.#place,
      this.#raw,
    );
  }

  #select;
  #versions;
  #about;
  #place;
  #raw;
  #source;

  /** Choose whose watchers. */
  choose(aor) {
    this.#aor = aor;
    this.#watchers = new Map();
    this.#chosen = null;
    this.#version = null;
    this.#drawn = "";
    this.#draw();
  }

  /** Take what is known of the watchers: each with the last document it was sent. */
  told(subscriptions) {
    for (const { id, watcher, call_id, last_notify } of subscriptions) {
      if (last_notify?.body) this.#keep({ id, watcher, call_id }, last_notify.body, last_notify.at);
      else if (!this.#watchers.has(call_id)) this.#watchers.set(call_id, { id, watcher, call_id, since: 0, documents: new Map() });
      const known = this.#watchers.get(call_id);
      known.id = id;
      known.watcher = watcher;
    }
    this.#draw();
  }

  /** Show the watcher of a subscription. */
  open(id) {
    const found = [...this.#watchers.values()].find((each) => each.id === id);
    if (found) this.#choose(found.call_id);
  }

  /** Look for earlier documents among the messages that are kept. */
  async look() {
    const aor = this.#aor;
    let page;
    try {
      page = await get("/v1/messages", { aor, limit: 1000 });
    } catch {
      return;
    }
    if (aor !== this.#aor) return;
    for (const { direction, protocol, summary, raw, at, call_id } of page.messages) {
      if (direction !== "out" || protocol !== "sip" || !summary.startsWith("NOTIFY") || !raw) continue;
      const message = read(raw);
      if (!/application\/reginfo/i.test(header(message, "content-type") ?? "")) continue;
      const watcher = /<([^>]*)>/.exec(header(message, "to") ?? "")?.[1] ?? "a watcher";
      this.#keep({ id: null, watcher, call_id, ...this.#watchers.get(call_id) }, message.body, at);
    }
    this.#draw();
  }

  #keep({ id, watcher, call_id }, text, at) {
    const known = this.#watchers.get(call_id) ?? { id, watcher, call_id, since: 0, documents: new Map() };
    this.#watchers.set(call_id, known);
    const body = text.replace(/\r\n?/g, "\n");
    const { version } = headOf(body);
    const same = known.documents.get(version);
    if (version === null || same?.body === body || at < (same?.at ?? known.since)) return;
    // Another document of that version: the watcher has begun anew under the same Call-ID.
    if (same) [known.documents, known.since] = [new Map(), at];
    known.documents.set(version, { body, at });
    known.documents = new Map([...known.documents].sort(([a], [b]) => a - b).slice(-KEPT));
  }

  #choose(call_id) {
    this.#chosen = call_id;
    this.#version = null;
    this.#draw();
  }

  #draw() {
    const watchers = [...this.#watchers.values()].filter(({ documents }) => documents.size);
    const shown = watchers.find(({ call_id }) => call_id === this.#chosen) ?? watchers[0];
    const state = JSON.stringify([watchers.map((each) => [each.call_id, [...each.documents.keys()]]), shown?.call_id, this.#version]);
    if (state === this.#drawn) return;
    this.#drawn = state;
    this.#select.replaceChildren(
      ...watchers.map(({ watcher, call_id }) => el("option", { value: call_id, selected: call_id === shown?.call_id }, `${watcher.slice(0, 60)}  ${call_id.slice(0, 24)}`)),
    );
    const is_empty = !shown;
    for (const each of [this.#select.parentElement, this.#versions, this.#raw]) each.hidden = is_empty;
    if (is_empty) {
      say(this.#about, "");
      this.#place.replaceChildren(nothing("No watcher was sent a document yet."));
      return;
    }
    const all = [...shown.documents.keys()];
    const version = this.#version !== null && shown.documents.has(this.#version) ? this.#version : all.at(-1);
    this.#versions.replaceChildren(...all.map((each) => this.#button(each, each === version)));
    this.#show(shown.documents, version, all[all.indexOf(version) - 1]);
  }

  #button(version, is_chosen) {
    const choose = () => {
      this.#version = version;
      this.#draw();
      this.#versions.querySelector('[aria-pressed="true"]')?.focus();
    };
    return el("button", { type: "button", class: "small version", "aria-pressed": String(is_chosen), on: { click: choose } }, String(version));
  }

  #show(documents, version, earlier) {
    const { body, at } = documents.get(version);
    const { state } = headOf(body);
    say(this.#source, body);
    try {
      const now = parse(body);
      const before = earlier === undefined ? null : parse(documents.get(earlier).body);
      const compared = difference(before, now, state === "partial");
      const words = before === null ? "the first one that is kept" : differs(compared) ? `marked: what is not as in version ${earlier}` : `as version ${earlier}`;
      this.#about.replaceChildren(badge(state ?? "?"), ` version ${version}, ${timeOfDay(at, true)}; ${words}`);
      this.#place.replaceChildren(treeOf(compared));
      mark(this.#place, "data-first", before === null ? "yes" : null);
    } catch (error) {
      say(this.#about, error.message);
      this.#place.replaceChildren();
    }
  }
}
