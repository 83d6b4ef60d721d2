/** One small chart: lines over the last minutes, with the latest values beside their names. */

import { arrange, el, mark, say, svg } from "./element.js";

const WIDTH = 300;
const HEIGHT = 80;
const COLOURS = 6;

/** A chart of one family of metrics. */
export class Chart {
  #kept;
  #series = new Map(); // name → [[seconds, value]]
  #lines = new Map();

  constructor(name, help, unit, kept) {
    this.#kept = kept;
    this.unit = unit;
    this.#plot = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", class: "plot", "aria-hidden": "true" });
    this.#most = el("span", { class: "chart-most dim" });
    this.#legend = el("ul", { class: "legend" });
    this.element = el("figure", { class: "panel chart" }, el("figcaption", {}, el("b", { class: "mono" }, name), el("small", { class: "dim" }, help)), el("div", { class: "plot-place" }, this.#plot, this.#most), this.#legend);
  }

  #plot;
  #most;
  #legend;

  /** Take the values at one time. */
  add(at, values) {
    for (const [name, value] of values) {
      if (!this.#series.has(name)) {
        if (this.#series.size >= 24) continue;
        this.#series.set(name, []);
      }
      const series = this.#series.get(name);
      series.push([at, value]);
      if (series.length > this.#kept) series.shift();
    }
  }

  /** Tell whether anything but nothing was measured. */
  hasMoved() {
    for (const series of this.#series.values()) if (series.some(([, value]) => value > 0)) return true;
    return false;
  }

  /** Give each of these lines a colour and a dash of its own, the one it had where it can be. */
  #colour(lines) {
    const free = new Set(Array.from({ length: COLOURS }, (_, at) => at));
    for (const line of lines.filter((each) => !free.delete(each.colour))) {
      [line.colour] = free;
      free.delete(line.colour);
    }
    for (const { path, element, colour } of lines) for (const each of [path, element]) mark(each, "data-colour", colour);
  }

  draw() {
    const all = [...this.#series.values()].flat();
    const from = Math.min(...all.map(([at]) => at));
    const to = Math.max(from + 30, ...all.map(([at]) => at));
    const most = Math.max(...all.map(([, value]) => value), 1e-9);
    say(this.#most, number(most, this.unit));
    const moved = [...this.#series].filter(([, series]) => series.some(([, value]) => value > 0));
    const latest = moved.sort(([, a], [, b]) => b.at(-1)[1] - a.at(-1)[1]);
    for (const [name, series] of this.#series) {
      let line = this.#lines.get(name);
      if (!line) {
        const sample = svg("svg", { class: "sample", viewBox: "0 0 22 4", "aria-hidden": "true" }, svg("line", { class: "series", x1: 1, y1: 2, x2: 21, y2: 2 }));
        line = { path: svg("polyline", { class: "series" }), value: el("b", {}), element: null, colour: null };
        line.element = el("li", {}, sample, el("span", {}, name || "value"), line.value);
        this.#lines.set(name, line);
      }
      const drawn = series.map(([at, value]) => `${((WIDTH * (at - from)) / (to - from)).toFixed(1)},${(HEIGHT - 2 - ((HEIGHT - 6) * value) / (1.05 * most)).toFixed(1)}`);
      // One value alone is a dot.
      mark(line.path, "points", (drawn.length === 1 ? [...drawn, ...drawn] : drawn).join(" "));
      mark(line.path, "data-one", drawn.length === 1 ? "yes" : null);
      say(line.value, number(series.at(-1)[1], this.unit));
    }
    const shown = latest.slice(0, COLOURS).map(([name]) => this.#lines.get(name));
    this.#colour(shown);
    arrange(this.#plot, shown.map(({ path }) => path));
    arrange(this.#legend, shown.map(({ element }) => element));
  }
}

function number(value, unit) {
  const text = Number.isInteger(value) || value >= 100 ? Math.round(value).toLocaleString() : value >= 10 ? value.toFixed(1) : value.toFixed(2);
  return unit ? `${text} ${unit}` : text;
}
