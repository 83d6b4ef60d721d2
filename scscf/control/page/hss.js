/** The embedded HSS stub: subscribers, what it says unasked, and what goes wrong with it. */

import { get, part, post, put, remove } from "./api.js";
import { ask } from "./dialog.js";
import { button, el, say } from "./element.js";
import { attempt, note } from "./notes.js";
import { badge, nothing, table } from "./parts.js";

const PAGE = 100;
const REASONS = ["permanent_termination", "new_server_assigned", "server_change", "remove_scscf"];
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
  #chosen = null;

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
    this.#subscriber = el("div", { class: "subscriber" });
    this.#faults = el("div", {});
    this.element = el(
      "section",
      { class: "split wide view", "aria-label": "HSS" },
      el(
        "div",
        { class: "panel list-panel" },
        el("div", { class: "bar" }, this.#find, this.#count, this.#back, this.#forth, button("Add…", () => this.#add())),
        this.#list,
      ),
      el(
        "div",
        { class: "panel scroll" },
        this.#subscriber,
        el("div", { class: "row" }, el("h3", {}, "What goes wrong"), el("span", { class: "grow" }), button("Set a fault…", () => this.#setFault()), button("Take all back", () => this.#clear(), { class: "quiet" })),
        this.#faults,
      ),
    );
  }

  #list;
  #count;
  #back;
  #forth;
  #find;
  #subscriber;
  #faults;

  show() {
    this.#load();
    this.#loadFaults();
    this.#timer = setInterval(() => document.hidden || this.#loadFaults(), 2000);
  }

  #timer = 0;

  hide() {
    clearInterval(this.#timer);
  }

  stale() {
    if (this.element.isConnected) this.#load();
  }

  live() {}

  search() {
    this.#find.focus();
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
      this.#list.replaceChildren(nothing(error.message));
      return;
    }
    this.#next = page.next;
    const last = this.#after + page.subscribers.length;
    say(this.#count, page.total > PAGE ? `${this.#after + 1}–${last} of ${page.total.toLocaleString()}` : String(page.total));
    this.#back.disabled = this.#after === 0;
    this.#forth.disabled = this.#next === null;
    this.#list.replaceChildren(
      ...page.subscribers.map((impi) => el("div", { role: "listitem" }, button(impi, () => this.#choose(impi), { class: "name mono", "aria-pressed": String(impi === this.#chosen) }))),
    );
    if (this.#chosen === null) this.#subscriber.replaceChildren(nothing("Choose a private identity to see how it is authenticated and what it may register."));
  }

  async #choose(impi) {
    this.#chosen = impi;
    for (const each of this.#list.querySelectorAll("button")) each.setAttribute("aria-pressed", String(each.textContent === impi));
    let shown;
    try {
      shown = await get(`/v1/subscribers/${part(impi)}`);
    } catch (error) {
      this.#subscriber.replaceChildren(nothing(error.message));
      return;
    }
    const { scheme, algorithms, username, domain, sqn } = shown.auth;
    const facts = [
      ["subscription", shown.subscription],
      ["authentication", [scheme, ...algorithms].join(", ")],
      ["user name", username],
      ["logon domain", domain],
      ["SQN", sqn],
      ["roaming", shown.roaming?.join(", ")],
      ["charging", [...shown.ccf, ...shown.ecf].join(", ")],
    ].filter(([, value]) => value);
    const sets = shown.implicit_sets.map(({ state, identities }) =>
      el(
        "article",
        { class: "card" },
        el("div", { class: "row" }, badge(state)),
        el("ul", { class: "plain" }, identities.map(({ id, barred, display_name, wildcarded, service_profile }) => el("li", {}, el("span", { class: "mono" }, id), [barred && "barred", wildcarded && "wildcarded", display_name, service_profile].filter(Boolean).map((word) => el("span", { class: "chip" }, word))))),
      ),
    );
    this.#subscriber.replaceChildren(
      el("div", { class: "row" }, el("h2", { class: "mono" }, impi), el("span", { class: "grow" })),
      el("dl", { class: "facts" }, facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", { class: "mono" }, value)])),
      el("div", { class: "row actions" }, button("Terminate (RTR)…", () => this.#terminate(impi), { class: "danger" }), button("Push profile (PPR)", () => this.#push(impi)), button("Remove…", () => this.#remove(impi), { class: "quiet" })),
      ...sets,
    );
  }

  #terminate(impi) {
    return ask({
      title: "Registration-Termination-Request",
      about: `The HSS ends what ${impi} has registered (TS 29.228 §6.1.3).`,
      fields: [
        { name: "reason", label: "Reason", type: "select", options: REASONS.map((each) => [each, each]), value: REASONS[0] },
        { name: "reason_info", label: "Reason info", optional: true },
        { name: "wait", label: "Wait", type: "number", min: 0, max: 600, step: "any", value: 3 },
      ],
      submit: "Send RTR",
      danger: true,
      run: async (values) => pushes((await post("/v1/terminations", { impi, ...values })).pushes),
    });
  }

  #push(impi) {
    return attempt(() => post("/v1/pushes", { impi }), ({ pushes: told }) => `PPR: ${told.map(({ result }) => result).join(", ") || "nobody serves this user"}`);
  }

  #remove(impi) {
    return ask({
      title: "Remove the subscription",
      about: `The whole subscription of ${impi} goes; who is registered is de-registered.`,
      submit: "Remove",
      danger: true,
      run: async () => {
        const { subscribers } = await remove(`/v1/subscribers/${part(impi)}`);
        note(`removed: ${subscribers.join(", ")}`);
        this.#chosen = null;
        this.#load();
      },
    });
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
      this.#faults.replaceChildren(nothing(error.message));
      return;
    }
    const rows = faults.map((fault) => [
      el("b", {}, fault.command),
      KINDS.filter(([name]) => fault[name]).map(([name, words]) => (typeof fault[name] === "boolean" ? words : `${words}: ${fault[name]}`)).join("; "),
      fault.impi ? el("span", { class: "mono" }, fault.impi) : "everybody",
      `${fault.hits} of ${fault.seen}${fault.count ? `, at most ${fault.count}` : ""}`,
      button("Take back", () => attempt(() => remove(`/v1/faults/${fault.command}`)).then(() => this.#loadFaults()), { class: "small" }),
    ]);
    this.#faults.replaceChildren(rows.length ? table("Faults", ["command", "what", "whose", "done", ""], rows) : nothing("Nothing: the HSS behaves."));
  }

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

function pushes(told) {
  if (!told.length) return nothing("No S-CSCF serves this user.");
  return table("Answers", ["command", "identities", "result"], told.map(({ command, impus, result }) => [command, el("span", { class: "mono" }, impus.join(", ")), badge(result)]));
}

/** Return the object that a text is. Throws an error that says what is wrong with it. */
export function json(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`no JSON: ${error.message}`);
  }
}
