/** A line of figures above the list: how many, how fast, and how the HSS is. */

import { get } from "./api.js";
import { el, mark, say, svg } from "./element.js";
import { seldom } from "./frame.js";
import { eachSecond } from "./time.js";

const SECONDS = 60;

/** The figures. */
export class Tiles {
  #changes = new Array(SECONDS).fill(0);
  #now = 0;

  constructor() {
    this.#registered = tile("registered");
    this.#watchers = tile("watchers");
    this.#rate = tile("changes a second");
    this.#told = tile("NOTIFYs without a 200");
    this.#hss = tile("HSS");
    this.#line = svg("polyline", { class: "spark-line" });
    this.#rate.element.append(
      svg("svg", { class: "spark", viewBox: `0 0 ${SECONDS} 20`, preserveAspectRatio: "none", "aria-hidden": "true" }, this.#line),
    );
    this.element = el(
      "div",
      { class: "tiles" },
      [this.#registered, this.#watchers, this.#rate, this.#told, this.#hss].map((each) => each.element),
    );
    say(this.#told.value, "0");
    this.#ask = seldom(() => this.#look(), 1500);
    this.#ask();
    eachSecond(() => this.#tick());
  }

  #registered;
  #watchers;
  #rate;
  #told;
  #hss;
  #line;
  #ask;
  #failures = 0;
  #ticks = 0;

  /** Take a batch of events. */
  live(events) {
    for (const { kind, data } of events) {
      if (kind === "contact") this.#now += 1;
      if (kind === "subscription") this.#ask();
      if (kind === "notify" && !/^2\d\d$/.test(String(data.status))) this.#failures += 1;
    }
    say(this.#told.value, String(this.#failures));
    mark(this.#told.element, "data-bad", this.#failures > 0 ? "yes" : null);
  }

  /** Say how many are registered. */
  registered(total) {
    say(this.#registered.value, total.toLocaleString());
  }

  stale() {
    this.#ask();
  }

  async #look() {
    try {
      const health = await get("/v1/health");
      say(this.#watchers.value, health.subscriptions.toLocaleString());
      const { kind, state } = health.hss;
      say(this.#hss.value, kind === "embedded" ? "embedded" : state);
      mark(this.#hss.element, "data-bad", state === "up" ? null : "yes");
    } catch {
      // The connection says so already.
    }
  }

  #tick() {
    this.#changes.push(this.#now);
    this.#changes.shift();
    this.#now = 0;
    const most = Math.max(1, ...this.#changes);
    const last = this.#changes.slice(-5);
    const rate = last.reduce((sum, each) => sum + each, 0) / last.length;
    say(this.#rate.value, rate >= 10 ? String(Math.round(rate)) : rate.toFixed(1));
    const points = this.#changes.map((each, at) => `${at},${(19 - (18 * each) / most).toFixed(1)}`).join(" ");
    mark(this.#line, "points", points);
    this.#ticks += 1;
    if (this.#ticks % 10 === 0) this.#ask();
  }
}

function tile(label) {
  const value = el("span", { class: "tile-value" }, "–");
  return { value, element: el("div", { class: "tile" }, value, el("span", { class: "tile-label" }, label)) };
}
