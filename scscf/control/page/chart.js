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
        const path = svg("polyline", { class: "series", "data-colour": this.#lines.size % COLOURS });
        line = { path, value: el("b", {}), element: null };
        line.element = el("li", { "data-colour": this.#lines.size % COLOURS }, el("i", {}), el("span", {}, name || "value"), line.value);
        this.#lines.set(name, line);
        this.#plot.append(path);
      }
      const drawn = series.map(([at, value]) => `${((WIDTH * (at - from)) / (to - from)).toFixed(1)},${(HEIGHT - 2 - ((HEIGHT - 6) * value) / (1.05 * most)).toFixed(1)}`);
      mark(line.path, "points", drawn.join(" "));
      say(line.value, number(series.at(-1)[1], this.unit));
    }
    arrange(this.#legend, latest.slice(0, COLOURS).map(([name]) => this.#lines.get(name).element));
  }
}

function number(value, unit) {
  const text = Number.isInteger(value) || value >= 100 ? Math.round(value).toLocaleString() : value >= 10 ? value.toFixed(1) : value.toFixed(2);
  return unit ? `${text} ${unit}` : text;
}
