/** One private identity of the embedded HSS stub, and what the HSS says of it unasked. */

import { get, part, post, remove } from "./api.js";
import { ask } from "./dialog.js";
import { button, el } from "./element.js";
import { seldom } from "./frame.js";
import { attempt, note } from "./notes.js";
import { badge, nothing, table } from "./parts.js";

const REASONS = ["permanent_termination", "new_server_assigned", "server_change", "remove_scscf"];

/** The panel of a private identity; `removed()` is told when it was taken out. */
export class Subscriber {
  impi = null;
  #shown = "";

  constructor(removed) {
    this.#removed = removed;
    this.element = el("div", { class: "subscriber" });
    this.look = seldom(() => this.#load(), 500);
    this.show(null);
  }

  #removed;

  /** Show a private identity, null for none. */
  show(impi) {
    this.impi = impi;
    this.#shown = "";
    if (impi === null) this.element.replaceChildren(nothing("Choose a private identity to see how it is authenticated and what it may register."));
    else this.#load();
  }

  async #load() {
    const impi = this.impi;
    if (impi === null) return;
    let shown;
    try {
      shown = await get(`/v1/subscribers/${part(impi)}`);
    } catch (error) {
      if (error.status && impi === this.impi) this.element.replaceChildren(nothing(error.message));
      this.#shown = "";
      return;
    }
    const text = JSON.stringify(shown);
    if (impi !== this.impi || text === this.#shown) return;
    this.#shown = text;
    this.#draw(impi, shown);
  }

  #draw(impi, { subscription, auth, roaming, ccf, ecf, implicit_sets }) {
    const facts = [
      ["subscription", subscription],
      ["authentication", [auth.scheme, ...auth.algorithms].join(", ")],
      ["user name", auth.username],
      ["logon domain", auth.domain],
      ["SQN", auth.sqn],
      ["roaming", roaming?.join(", ")],
      ["charging", [...ccf, ...ecf].join(", ")],
    ].filter(([, value]) => value);
    const sets = implicit_sets.map(({ state, identities }) =>
      el(
        "article",
        { class: "card" },
        el("div", { class: "row" }, badge(state)),
        el("ul", { class: "plain" }, identities.map(({ id, barred, display_name, wildcarded, service_profile }) => el("li", {}, el("span", { class: "mono" }, id), [barred && "barred", wildcarded && "wildcarded", display_name, service_profile].filter(Boolean).map((word) => el("span", { class: "chip" }, word))))),
      ),
    );
    const had_focus = this.element.contains(document.activeElement) ? document.activeElement.textContent : null;
    this.element.replaceChildren(
      el("h2", { class: "mono" }, impi),
      el("dl", { class: "facts" }, facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", { class: "mono" }, value)])),
      el("div", { class: "row actions" }, button("Terminate (RTR)…", () => this.#terminate(impi), { class: "danger" }), button("Push profile (PPR)", () => this.#push(impi)), button("Remove…", () => this.#remove(impi), { class: "quiet" })),
      ...sets,
    );
    for (const each of this.element.querySelectorAll("button")) if (each.textContent === had_focus) each.focus();
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
        this.show(null);
        this.#removed();
      },
    });
  }
}

function pushes(told) {
  if (!told.length) return nothing("No S-CSCF serves this user.");
  return table("Answers", ["command", "identities", "result"], told.map(({ command, impus, result }) => [command, el("span", { class: "mono" }, impus.join(", ")), badge(result)]), { class: "stacks" });
}
