/** Metrics as small charts, of the last minutes that this page has seen. */

import { get } from "./api.js";
import { Chart } from "./chart.js";
import { arrange, el, say } from "./element.js";
import { nothing } from "./parts.js";
import { parseMetrics, points, readings } from "./prometheus.js";

const EVERY = 2000; // ms
const SELDOM = 5; // while nobody looks, each fifth time
const KEPT = 150;
const MOST_FAMILIES = 60;

/** The view "Metrics". */
export class Metrics {
  name = "metrics";
  label = "Metrics";
  #charts = new Map();
  #before = new Map();
  #at = 0;
  #timer = 0;

  constructor() {
    this.#about = el("p", { class: "about", role: "status" });
    this.#grid = el("div", { class: "charts" });
    this.#still = el("p", { class: "still dim mono" });
    this.element = el("section", { class: "view scroll", "aria-label": "Metrics" }, this.#about, this.#grid, this.#still);
  }

  #about;
  #grid;
  #still;

  /** Tell whether there are metrics: `tell(whether)`. */
  offer(tell) {
    this.#look().then((is_there) => {
      tell(is_there);
      let times = 0;
      if (is_there) {
        setInterval(() => {
          times += 1;
          if (!document.hidden && (this.#timer || times % SELDOM === 0)) this.#look();
        }, EVERY);
      }
    });
  }

  show() {
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), EVERY);
  }

  hide() {
    clearInterval(this.#timer);
    this.#timer = 0;
  }

  stale() {}

  live() {}

  async #look() {
    let families;
    try {
      families = parseMetrics(await get("/metrics", {}, { text: true }));
    } catch (error) {
      if (error.status === 404) say(this.#about, "This S-CSCF has no /metrics.");
      return error.status !== 404;
    }
    const now = performance.now() / 1000;
    for (const family of [...families.values()].slice(0, MOST_FAMILIES)) {
      const read = readings(family);
      const shown = points(family, read, this.#before.get(family.name) ?? null, now - this.#at);
      this.#before.set(family.name, read);
      const chart = this.#charts.get(family.name) ?? new Chart(family.name, family.help, unit(family), KEPT);
      this.#charts.set(family.name, chart);
      chart.add(now, shown);
    }
    this.#at = now;
    return true;
  }

  #draw() {
    const charts = [...this.#charts].filter(([, chart]) => chart.hasMoved());
    const still = [...this.#charts.keys()].filter((name) => !charts.some(([moved]) => moved === name));
    for (const [, chart] of charts) chart.draw();
    arrange(this.#grid, charts.length ? charts.map(([, chart]) => chart.element) : [nothing("Nothing is measured yet.")]);
    say(this.#still, still.length ? `Nothing yet: ${still.join(", ")}` : "");
  }
}

function unit({ name, type }) {
  if (type === "histogram") return "ms";
  if (type === "counter" || /_total$/.test(name)) return "/s";
  return "";
}
