/** The small parts that several views show: what happened to a contact, what a watcher answered, how long is left. */

import { el, mark, say } from "./element.js";
import { span } from "./time.js";

/** Events of RFC 3680 §5.1 that an operator may tell, with what the UE makes of each. */
export const EVENTS = [
  ["deactivated", "deactivated: register again at once"],
  ["probation", "probation: register again later"],
  ["rejected", "rejected: do not come back"],
  ["unregistered", "unregistered: as if the UE had left"],
  ["expired", "expired: as if time had run out"],
];

/** What only Microsoft's endpoints are told by that name (MS-SIPREGE §2.2.1.13). */
export const ENDPOINT_EVENTS = [
  ["userservices-unavailable", "userservices-unavailable: try again later"],
  ["preferred-registrar-change", "preferred-registrar-change: register elsewhere"],
];

/** Return a badge: a word with its colour. */
export function badge(word) {
  return el("span", { class: "badge", "data-is": word }, word);
}

/** Give a badge another word. */
export function rebadge(element, word) {
  say(element, word);
  mark(element, "data-is", word);
}

/** Return what a watcher answered, as a badge: a status, `timeout`, or that it is awaited. */
export function answerBadge(status) {
  const element = badge("");
  setAnswer(element, status);
  return element;
}

/** Change what a watcher answered. */
export function setAnswer(element, status) {
  const text = status === null || status === undefined ? "awaited" : String(status);
  say(element, text);
  mark(element, "data-is", /^2\d\d$/.test(text) ? "ok" : text === "awaited" || text === "sent" ? "awaited" : "failed");
}

/** A bar that shrinks as time runs off, with the time left in words. */
export class TimeLeft {
  constructor() {
    this.fill = el("i", {});
    this.words = el("span", { class: "left-words" });
    this.element = el("span", { class: "left" }, el("span", { class: "left-bar", "aria-hidden": "true" }, this.fill), this.words);
    this.shown = -1;
    this.ends = null;
    this.granted = 0;
  }

  /** Say when it ends (service time, null: never) and how long it was given. */
  set(ends, granted) {
    this.ends = ends;
    this.granted = granted;
  }

  /** Show it as it is now. */
  look(now) {
    const left = this.ends === null ? Infinity : Math.max(0, this.ends - now);
    const share = this.ends === null ? 1 : this.granted > 0 ? Math.min(1, left / this.granted) : 0;
    const rounded = Math.round(share * 1000) / 1000;
    if (rounded !== this.shown) {
      this.shown = rounded;
      this.fill.style.transform = `scaleX(${rounded})`;
      mark(this.element, "data-low", left < 30 ? "very" : left < 120 ? "yes" : null);
    }
    say(this.words, this.ends === null ? "for ever" : span(left));
  }

  /** Nothing is left: it has ended. */
  end() {
    this.ends = 0;
    this.granted = 0;
  }
}

/** Return a table with a caption for those who do not see it; of the class `stacks`: where it is narrow its rows are cards. */
export function table(caption, heads, rows, attributes = {}) {
  return el(
    "table",
    attributes,
    el("caption", { class: "unseen" }, caption),
    el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell, at) => el("td", { "data-label": heads[at] }, cell))))),
  );
}

/** Return a sentence where there is nothing to show. */
export function nothing(...words) {
  return el("p", { class: "nothing" }, words);
}

/** Return a URI without what makes it long to read. */
export function brief(uri) {
  return uri.length > 90 ? `${uri.slice(0, 87)}…` : uri;
}

/** Return a function that is called once its caller has been silent for so many ms. */
export function settled(work, pause = 250) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...values), pause);
  };
}
