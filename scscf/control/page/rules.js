/** Rules and quirks: how the S-CSCF is made to misbehave while it runs. */

import { get, part, put, remove } from "./api.js";
import { ask } from "./dialog.js";
import { button, el } from "./element.js";
import { json } from "./hss.js";
import { attempt } from "./notes.js";
import { badge, nothing, table } from "./parts.js";

const EXAMPLES = [
  ["refuse", "Refuse a REGISTER", { match: { method: "REGISTER", phase: "initial" }, count: 1, do: { answer: { status: 423, headers: { "Min-Expires": "600000" } } } }],
  ["busy", "Busy at SUBSCRIBE", { match: { method: "SUBSCRIBE", phase: "initial" }, count: 1, do: { answer: { status: 503, headers: { "Retry-After": "30" } } } }],
  ["lost-notify", "Lose a NOTIFY", { match: { method: "NOTIFY", direction: "out" }, count: 1, do: { drop: true } }],
  ["slow", "Be late", { match: { method: "REGISTER" }, do: { delay: 3 } }],
  ["other-reason", "Say another reason", { match: { event: "deactivated" }, do: { edit: [{ replace: 'event="deactivated"', with: 'event="rejected"', in: "body" }] } }],
  ["bad-sim", "A vector that no USIM takes", { match: { method: "REGISTER" }, count: 1, do: { vector: "bad_mac" } }],
];

/** The view "Rules". */
export class Rules {
  name = "rules";
  label = "Rules";
  #timer = 0;

  constructor() {
    this.#rules = el("div", {});
    this.#quirks = el("div", { class: "quirks" });
    this.element = el(
      "section",
      { class: "split wide view", "aria-label": "Rules" },
      el(
        "div",
        { class: "panel scroll" },
        el("div", { class: "row" }, el("h2", {}, "Rules"), el("span", { class: "grow" }), button("Take all back", () => this.#clear(), { class: "quiet" })),
        el("p", { class: "about" }, "A rule does something else than the right thing with the messages that it is about."),
        el("div", { class: "row wrap" }, EXAMPLES.map(([name, label, rule]) => button(`${label}…`, () => this.#add(name, rule), { class: "small" }))),
        this.#rules,
      ),
      el("div", { class: "panel scroll" }, el("h2", {}, "Quirks"), el("p", { class: "about" }, "Ways to misbehave that were seen in the field."), this.#quirks),
    );
  }

  #rules;
  #quirks;

  show() {
    this.#load();
    this.#loadQuirks();
    this.#timer = setInterval(() => document.hidden || this.#load(), 2000);
  }

  hide() {
    clearInterval(this.#timer);
  }

  stale() {
    if (!this.element.isConnected) return;
    this.#load();
    this.#loadQuirks();
  }

  live() {}

  async #load() {
    let rules;
    try {
      ({ rules } = await get("/v1/rules"));
    } catch (error) {
      if (error.status) this.#rules.replaceChildren(nothing(error.message));
      return;
    }
    const text = JSON.stringify(rules);
    if (text === this.#shown) return;
    this.#shown = text;
    const rows = rules.map((rule) => [
      el("b", { class: "mono" }, rule.name),
      el("span", { class: "mono" }, brief(rule.match) || "every message"),
      el("span", { class: "mono" }, brief(rule.do)),
      `${rule.hits} of ${rule.seen}${rule.count ? `, at most ${rule.count}` : ""}${rule.after ? `, after ${rule.after}` : ""}`,
      el(
        "span",
        { class: "row tight" },
        button("Edit…", () => this.#add(rule.name, { match: rule.match, after: rule.after, ...(rule.count ? { count: rule.count } : {}), do: rule.do }), { class: "small" }),
        button("Take back", () => attempt(() => remove(`/v1/rules/${part(rule.name)}`)).then(() => this.#load()), { class: "small" }),
      ),
    ]);
    this.#rules.replaceChildren(rows.length ? table("Rules", ["rule", "match", "do", "done", ""], rows, { class: "stacks" }) : nothing("No rule is set."));
  }

  #shown = "";

  #add(name, rule) {
    return ask({
      title: "Set a rule",
      about: "In place of the one of that name; it counts from the beginning.",
      fields: [
        { name: "name", label: "Name", value: name },
        { name: "text", label: "Rule", type: "area", value: JSON.stringify(rule, null, 2), rows: 14 },
      ],
      submit: "Set",
      run: async (values) => {
        await put(`/v1/rules/${part(values.name)}`, json(values.text));
        this.#load();
      },
    });
  }

  async #clear() {
    await attempt(() => remove("/v1/rules"), ({ removed }) => `${removed} taken back`);
    this.#load();
  }

  async #loadQuirks() {
    let quirks;
    try {
      ({ quirks } = await get("/v1/quirks"));
    } catch (error) {
      if (error.status) this.#quirks.replaceChildren(nothing(error.message));
      return;
    }
    this.#quirks.replaceChildren(...quirks.map((quirk) => this.#quirk(quirk)));
  }

  #quirk({ name, about, seen_in, breaks, on }) {
    const id = `quirk-${name}`;
    const box = el("input", { type: "checkbox", role: "switch", id, checked: on });
    box.addEventListener("change", async () => {
      const done = await attempt(() => (box.checked ? put(`/v1/quirks/${part(name)}`, {}) : remove(`/v1/quirks/${part(name)}`)));
      if (done === null) box.checked = !box.checked;
    });
    return el("div", { class: "quirk" }, box, el("label", { for: id }, el("b", { class: "mono" }, name), el("span", {}, about), el("small", { class: "dim" }, [seen_in, breaks].filter(Boolean).join("; ")), breaks ? null : badge("allowed")));
  }
}

function brief(value) {
  const text = JSON.stringify(value).replaceAll('"', "");
  const inner = text.slice(1, -1);
  return inner.length > 160 ? `${inner.slice(0, 159)}…` : inner;
}
