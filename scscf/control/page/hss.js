/** The embedded HSS stub: its subscribers, and what goes wrong with it; of another HSS its peers. */

import { get, post, put, remove } from "./api.js";
import { ask } from "./dialog.js";
import { button, el, mark, say } from "./element.js";
import { HssPeers } from "./hss_peers.js";
import { attempt, note } from "./notes.js";
import { nothing, table } from "./parts.js";
import { Subscriber } from "./subscriber.js";

const PAGE = 100;
const COMMANDS = ["UAR", "SAR", "LIR", "MAR", "RTR", "PPR"];
const KINDS = [
  ["result_code", "is refused with a result"],
  ["delay", "comes late"],
  ["silent", "is not answered"],
  ["disconnect", "cuts the connection"],
  ["corrupt", "is corrupt"],
  ["sqn", "jumps ahead in SQN (MAR)"],
];
const EXAMPLE = `{
  "name": "grace",
  "private_identities": [{"id": "grace@home1.test", "auth": {"scheme": "digest", "password": "secret"}}],
  "implicit_sets": [["sip:grace@home1.test", "tel:+15550100"]]
}`;

/** The view "HSS". */
export class Hss {
  name = "hss";
  label = "HSS";
  #after = 0;
  #next = null;
  #listed = null;

  constructor() {
    this.#list = el("div", { class: "list names", role: "list", "aria-label": "Private identities" });
    this.#count = el("span", { class: "count" });
    this.#back = button("‹", () => this.#turn(-PAGE), { class: "quiet icon", "aria-label": "Previous page" });
    this.#forth = button("›", () => this.#turn(PAGE), { class: "quiet icon", "aria-label": "Next page" });
    this.#find = el("input", {
      type: "text",
      class: "search",
      placeholder: "Private identity",
      "aria-label": "Show a private identity",
      autocomplete: "off",
      spellcheck: "false",
      on: { keydown: (event) => event.key === "Enter" && this.#find.value && this.#choose(this.#find.value.trim()) },
    });
    this.#subscriber = new Subscriber(() => this.#load());
    this.#faults = el("div", {});
    this.#embedded = [
      el(
        "div",
        { class: "panel list-panel" },
        el("div", { class: "bar" }, this.#find, this.#count, this.#back, this.#forth, button("Add…", () => this.#add())),
        this.#list,
      ),
      el(
        "div",
        { class: "panel scroll" },
        this.#subscriber.element,
        el("div", { class: "row" }, el("h3", {}, "What goes wrong"), el("span", { class: "grow" }), button("Set a fault…", () => this.#setFault()), button("Take all back", () => this.#clear(), { class: "quiet" })),
        this.#faults,
      ),
    ];
    this.element = el("section", { class: "split wide view", "aria-label": "HSS" }, this.#embedded);
  }

  #embedded;
  #peers = new HssPeers();
  #is_elsewhere = false;
  #list;
  #count;
  #back;
  #forth;
  #find;
  #subscriber;
  #faults;

  show() {
    this.#load();
    this.#timer = setInterval(() => document.hidden || this.#look(), 2000);
  }

  #timer = 0;

  hide() {
    clearInterval(this.#timer);
  }

  stale() {
    if (!this.element.isConnected) return;
    this.#load();
    this.#subscriber.look();
  }

  live(events) {
    if (this.element.isConnected && events.some(({ kind }) => kind === "contact")) this.#subscriber.look();
  }

  search() {
    this.#find.focus();
  }

  #look() {
    return this.#is_elsewhere ? this.#peers.load() : this.#loadFaults();
  }

  /** Show what there is of an HSS that is another program, or of the one in this process. */
  #turnTo(is_elsewhere) {
    if (is_elsewhere !== this.#is_elsewhere) {
      this.#is_elsewhere = is_elsewhere;
      this.element.replaceChildren(...(is_elsewhere ? [this.#peers.element] : this.#embedded));
    }
    this.#look();
  }

  #turn(by) {
    this.#after = Math.max(0, this.#after + by);
    this.#load();
  }

  async #load() {
    let page;
    try {
      page = await get("/v1/subscribers", { limit: PAGE, after: this.#after });
    } catch (error) {
      if (error.code === "other_hss") this.#turnTo(true);
      else if (error.status) this.#list.replaceChildren(nothing(error.message));
      this.#listed = null;
      return;
    }
    this.#turnTo(false);
    this.#next = page.next;
    const last = this.#after + page.subscribers.length;
    say(this.#count, page.total > PAGE ? `${this.#after + 1}–${last} of ${page.total.toLocaleString()}` : String(page.total));
    this.#back.disabled = this.#after === 0;
    this.#forth.disabled = this.#next === null;
    const text = page.subscribers.join("\n");
    if (text === this.#listed) return;
    this.#listed = text;
    this.#list.replaceChildren(
      ...page.subscribers.map((impi) => el("div", { role: "listitem" }, button(impi, () => this.#choose(impi), { class: "name mono", title: impi, "data-impi": impi, "aria-pressed": String(impi === this.#subscriber.impi) }))),
    );
  }

  /** Show a private identity, null for none. */
  #choose(impi) {
    for (const each of this.#list.querySelectorAll("button")) mark(each, "aria-pressed", String(each.dataset.impi === impi));
    this.#subscriber.show(impi);
  }

  #add() {
    return ask({
      title: "Add a subscription",
      about: "With the keys of the subscribers file, as JSON.",
      fields: [{ name: "text", label: "Subscription", type: "area", value: EXAMPLE, rows: 9 }],
      submit: "Add",
      run: async ({ text }) => {
        const { subscribers } = await post("/v1/subscribers", json(text));
        note(`added: ${subscribers.join(", ")}`);
        this.#load();
      },
    });
  }

  async #loadFaults() {
    let faults;
    try {
      ({ faults } = await get("/v1/faults"));
    } catch (error) {
      if (error.status) this.#faults.replaceChildren(nothing(error.message));
      this.#shown = "";
      return;
    }
    const text = JSON.stringify(faults);
    if (text === this.#shown) return;
    this.#shown = text;
    const rows = faults.map((fault) => [
      el("b", {}, fault.command),
      KINDS.filter(([name]) => fault[name]).map(([name, words]) => (typeof fault[name] === "boolean" ? words : `${words}: ${fault[name]}`)).join("; "),
      fault.impi ? el("span", { class: "mono" }, fault.impi) : "everybody",
      `${fault.hits} of ${fault.seen}${fault.count ? `, at most ${fault.count}` : ""}`,
      button("Take back", () => attempt(() => remove(`/v1/faults/${fault.command}`)).then(() => this.#loadFaults()), { class: "small" }),
    ]);
    this.#faults.replaceChildren(rows.length ? table("Faults", ["command", "what", "whose", "done", ""], rows, { class: "stacks" }) : nothing("Nothing: the HSS behaves."));
  }

  #shown = "";

  #setFault() {
    const is = (kind) => ({ kind: chosen }) => chosen === kind;
    return ask({
      title: "A fault of the HSS",
      about: "From now on, in place of what went wrong with that command before.",
      fields: [
        { name: "command", label: "Command", type: "select", options: COMMANDS.map((each) => [each, each]), value: "MAR" },
        { name: "kind", label: "Its answer", type: "select", options: KINDS, value: "result_code" },
        { name: "result_code", label: "Result", value: "USER_UNKNOWN", help: "A name, or a number like 5001.", when: is("result_code") },
        { name: "delay", label: "Seconds", type: "number", min: 0, max: 3600, step: "any", value: 2, when: is("delay") },
        { name: "corrupt", label: "What", type: "select", options: [["mac", "MAC in AUTN"], ["sqn", "SQN too old"], ["garbage", "the whole answer"]], value: "mac", when: is("corrupt") },
        { name: "sqn", label: "By", type: "number", value: 65536, when: is("sqn") },
        { name: "after", label: "After", type: "number", min: 0, value: 0, help: "So many pass before." },
        { name: "count", label: "Count", type: "number", min: 1, optional: true, help: "To so many; to all where it is empty." },
        { name: "impi", label: "Private identity", optional: true, help: "Everybody's where it is empty." },
      ],
      submit: "Set",
      run: async ({ command, kind, ...values }) => {
        const is_switch = kind === "silent" || kind === "disconnect";
        if (/^\d+$/.test(values.result_code ?? "")) values.result_code = Number(values.result_code);
        await put(`/v1/faults/${command}`, is_switch ? { ...values, [kind]: true } : values);
        this.#loadFaults();
      },
    });
  }

  async #clear() {
    await attempt(() => remove("/v1/faults"), ({ removed }) => `${removed} taken back`);
    this.#loadFaults();
  }
}

/** Return the object that a text is. Throws an error that says what is wrong with it. */
export function json(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`no JSON: ${error.message}`);
  }
}
