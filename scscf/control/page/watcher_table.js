/** Watchers: who is told, which version they were told last, and what they answered. */

import { patch, post, part } from "./api.js";
import { endSubscription } from "./commands.js";
import { arrange, button, el, mark, say } from "./element.js";
import { attempt } from "./notes.js";
import { TimeLeft, answerBadge, badge, nothing, rebadge, setAnswer } from "./parts.js";
import { now, timeOfDay } from "./time.js";

const MODES = ["full", "partial", "delta"];
const HEADS = ["watches", "watcher", "state", "last document", "answer", ""];

class WatcherRow {
  constructor(id, { withAor, changed, open }) {
    this.id = id;
    this.granted = 0;
    this.aor = el("span", { class: "mono" });
    this.watcher = el("span", { class: "mono" });
    this.target = el("small", { class: "mono dim" });
    this.event = el("small", { class: "dim" });
    this.state = badge("");
    this.version = button("", () => open?.(id), { class: "link", title: "Show this document" });
    this.answer = answerBadge(null);
    this.at = el("small", { class: "dim" });
    this.time = new TimeLeft();
    this.mode = el(
      "select",
      { "aria-label": "Documents", on: { change: () => this.#setMode(changed) } },
      MODES.map((mode) => el("option", { value: mode }, mode)),
    );
    this.actions = el(
      "span",
      { class: "row tight" },
      this.mode,
      button("NOTIFY", () => this.#notify(changed), { class: "small", title: "Send a NOTIFY with the full state now" }),
      button("End…", () => endSubscription(id, this.watcher.textContent).then(changed), { class: "small" }),
    );
    const cells = [
      withAor ? this.aor : null,
      el("span", { class: "stack" }, this.watcher, this.event, this.target),
      el("span", { class: "stack" }, this.state, this.time.element),
      el("span", { class: "stack" }, this.version, this.at),
      this.answer,
      this.actions,
    ];
    this.element = el("tr", {}, cells.map((cell, at) => cell && el("td", { "data-label": HEADS[at] }, cell)));
  }

  async #notify(changed) {
    await attempt(
      () => post(`/v1/subscriptions/${part(this.id)}/notify`, {}, { wait: 3 }),
      (told) => `version ${told.version}: the watcher says ${told.status}`,
    );
    changed();
  }

  async #setMode(changed) {
    await attempt(() => patch(`/v1/subscriptions/${part(this.id)}`, { documents: this.mode.value }), "from the next NOTIFY on");
    changed();
  }

  show(view, time) {
    const is_live = view.state === "active";
    this.is_endpoint = view.event !== "reg";
    say(this.aor, view.aor);
    say(this.watcher, view.watcher);
    say(this.target, view.remote_target);
    say(this.event, this.is_endpoint ? [view.event, view.epid].filter(Boolean).join(", endpoint ") : "");
    this.event.hidden = !this.is_endpoint;
    rebadge(this.state, view.state);
    this.state.title = view.reason ?? "";
    if (view.reason) say(this.state, `${view.state} (${view.reason})`);
    say(this.version, view.version === null ? "–" : this.#named(view.version));
    setAnswer(this.answer, view.outstanding ? null : view.last_notify?.status);
    this.answer.hidden = view.version === null && !view.outstanding;
    this.version.disabled = view.version === null || this.is_endpoint;
    say(this.at, view.last_notify ? `${timeOfDay(view.last_notify.at)}, CSeq\u00a0${view.last_notify.cseq}` : "");
    if (document.activeElement !== this.mode) this.mode.value = view.documents;
    this.actions.hidden = !is_live || this.is_endpoint;
    mark(this.element, "data-state", view.state);
    this.granted = Math.max(this.granted, view.expires);
    this.ends = time + view.expires;
    this.time.element.hidden = !is_live;
    this.time.set(this.ends, this.granted);
    this.time.look(time);
  }

  #named(version) {
    return this.is_endpoint ? "notice" : `version ${version}`;
  }

  /** Take an event about it. */
  happened(kind, data) {
    if (kind === "notify") {
      say(this.version, this.#named(data.version));
      setAnswer(this.answer, data.status);
      this.answer.hidden = false;
      say(this.at, timeOfDay(data.at));
    } else {
      rebadge(this.state, data.state);
      if (data.reason) say(this.state, `${data.state} (${data.reason})`);
      this.actions.hidden = data.state !== "active" || this.is_endpoint;
      mark(this.element, "data-state", data.state);
    }
    this.element.animate([{ backgroundColor: "var(--flash)" }, { backgroundColor: "transparent" }], { duration: 1400 });
  }
}

/** A table of watchers; `changed()` is told when one was changed from here, `open(id)` when a document is wanted. */
export class WatcherTable {
  #rows = new Map();
  #options;

  constructor(options) {
    this.#options = options;
    const heads = options.withAor ? HEADS : HEADS.slice(1);
    this.#body = el("tbody");
    this.#table = el(
      "table",
      { class: "watchers stacks" },
      el("caption", { class: "unseen" }, "Watchers"),
      el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head || el("span", { class: "unseen" }, "commands"))))),
      this.#body,
    );
    this.#nobody = nothing("Nobody watches.");
    this.element = el("div", { class: "watcher-table" }, this.#table, this.#nobody);
    this.show([]);
  }

  #body;
  #table;
  #nobody;

  /** Show these subscriptions. */
  show(subscriptions) {
    const time = now();
    const rows = new Map();
    for (const view of subscriptions) {
      const row = this.#rows.get(view.id) ?? new WatcherRow(view.id, this.#options);
      row.show(view, time);
      rows.set(view.id, row);
    }
    this.#rows = rows;
    arrange(this.#body, [...rows.values()].map((row) => row.element));
    this.#table.hidden = rows.size === 0;
    this.#nobody.hidden = rows.size > 0;
  }

  /** Take a batch of events; tell whether one is about a watcher who is not here. */
  live(events) {
    const latest = new Map();
    let is_other = false;
    for (const { kind, data } of events) {
      if (kind !== "notify" && kind !== "subscription") continue;
      const id = kind === "notify" ? data.subscription : data.id;
      if (this.#rows.has(id)) latest.set(`${kind} ${id}`, { kind, data, row: this.#rows.get(id) });
      else if (kind === "subscription") is_other = true;
    }
    for (const { kind, data, row } of latest.values()) row.happened(kind, data);
    return is_other;
  }

  tick(time) {
    for (const row of this.#rows.values()) if (!row.time.element.hidden) row.time.look(time);
  }
}
