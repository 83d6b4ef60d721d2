/** An HSS over Diameter: its peers, and what it is owed; the rest of it is its own. */

import { get } from "./api.js";
import { el } from "./element.js";
import { badge, nothing, table } from "./parts.js";
import { timeOfDay } from "./time.js";

/** What there is to be seen of an HSS that is another program. */
export class HssPeers {
  constructor() {
    this.#peers = el("div", {});
    this.#duties = el("div", {});
    this.element = el(
      "div",
      { class: "panel scroll" },
      el("h2", {}, "The HSS is another program, over Diameter"),
      el(
        "p",
        { class: "about" },
        "So there are no subscribers, RTR, PPR and faults here: they are the HSS's own. An hss-stub has them at its API (port 8061 where nothing else is configured) and as commands, like ",
        el("code", {}, "hss-stub deregister --impi alice@home1.test --reason server_change"),
        " What was said with it is under Messages.",
      ),
      el("h3", {}, "Peers"),
      this.#peers,
      el("h3", {}, "What it is owed"),
      this.#duties,
    );
  }

  #peers;
  #duties;

  /** Ask for it all and show it. */
  async load() {
    let health;
    let owed;
    try {
      [health, owed] = await Promise.all([get("/v1/health"), get("/v1/duties")]);
    } catch {
      return; // The connection says so already.
    }
    const peers = health.hss.peers.map(({ host, realm, address, state, why }) => {
      const shown = badge(state.endsWith("Open") ? "up" : "down");
      return [mono(address), mono([host, realm].filter(Boolean).join(", ") || "–"), el("span", {}, shown, " ", state), why];
    });
    this.#peers.replaceChildren(table("Peers", ["address", "host, realm", "state", "why"], peers, { class: "stacks" }));
    const duties = owed.duties.map(({ aor, private_identity, assignment, result, attempts, since }) => [
      mono(aor),
      mono(private_identity),
      assignment,
      badge(result),
      `${attempts}, since ${timeOfDay(since)}`,
    ]);
    this.#duties.replaceChildren(
      duties.length
        ? table("Owed", ["identity", "private identity", "assignment", "last result", "attempts"], duties, { class: "stacks" })
        : nothing("Nothing: it has heard of every assignment."),
    );
  }
}

function mono(text) {
  return el("span", { class: "mono" }, text);
}
