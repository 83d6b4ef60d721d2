/** Messages as a ladder: a lifeline for each party, an arrow for each message, which opens below its arrow. */

import { el, mark, svg } from "./element.js";
import { gist, isRefused } from "./sip_text.js";
import { timeOfDay } from "./time.js";

const HEAD = 40;
const STEP = 33;
const GIST = 12; // px more below an arrow with a gist
const PAUSE = 26;
const WIDE = { time: 96, edge: 60, gap: 132 }; // px of the times, beside the outer lifelines, between two at least
const NARROW = { time: 96, edge: 46, gap: 98 };
const SMALL_SCREEN = { time: 62, edge: 46, gap: 98 };
const LONG = 5; // seconds without a message that are told of
const CHARACTER = 7.6; // px of one in a label
const SMALL = 6.7; // px of one in a gist

/**
 * Return the parties of messages: [{key, name, more}], those who speak SIP left of us in the order in which they were
 * met, the HSS right of us: `most` columns in all. Of too many the UEs and those who spoke last have one of their own, the
 * others share one.
 */
export function parties(messages, names, most = 8) {
  const last = new Map();
  for (const message of messages) {
    const address = peer(message);
    last.delete(address);
    last.set(address, message.protocol);
  }
  const speak_sip = [...last].filter(([, protocol]) => protocol !== "cx").map(([address]) => address);
  const room = Math.max(1, most - 1 - (speak_sip.length < last.size ? 1 : 0));
  const is_ue = (address) => (names.get(address)?.startsWith("UE") ? 1 : 0);
  const latest = speak_sip.toSorted((one, other) => is_ue(one) - is_ue(other));
  const kept = new Set(latest.slice(latest.length <= room ? 0 : latest.length - room + 1));
  const met = new Map();
  for (const message of messages) {
    const { source, destination, protocol, direction } = message;
    const address = peer(message);
    if (!met.has("us")) met.set("us", { key: "us", name: "S-CSCF", more: direction === "in" ? destination : source, at: 2 });
    const key = column(message, kept);
    if (met.has(key)) continue;
    if (key === "hss") met.set(key, { key, name: "HSS", more: address, at: 3 });
    else if (key === "others") met.set(key, { key, name: kept.size ? "others" : "all peers", more: "", at: 0 });
    else met.set(key, { key, name: names.get(address) ?? address, more: names.has(address) ? address : "", at: 1 });
  }
  return [...met.values()].sort((one, other) => one.at - other.at);
}

function peer({ source, destination, direction }) {
  return direction === "in" ? source : destination;
}

/** Return the key of the column that a message's other party has. */
function column(message, kept) {
  if (message.protocol === "cx") return "hss";
  const address = peer(message);
  return kept.has(address) ? address : "others";
}

/**
 * Return a ladder as its elements: the names, which stay in sight, and the arrows. `width`: px there is; `chosen`: number of the message that is marked;
 * `open(number)` is told which one is wanted.
 */
export function ladder(messages, names, width, chosen, open) {
  const sizes = width < 480 ? SMALL_SCREEN : width < 900 ? NARROW : WIDE;
  const { time, edge, gap: least } = sizes;
  const columns = parties(messages, names, Math.floor((width - time - 2 * edge) / least) + 1);
  const own = new Set(columns.map(({ key }) => key));
  const room = Math.max(width - time - 2 * edge, least * (columns.length - 1));
  const gap = columns.length > 1 ? room / (columns.length - 1) : 0;
  const x = new Map(columns.map(({ key }, at) => [key, time + edge + at * gap]));
  const rungs = [];
  let y = 4;
  let before = null;
  for (const message of messages) {
    if (before !== null && message.at - before > LONG) {
      rungs.push(pause(message.at - before, y, x.get("us")));
      y += PAUSE;
    }
    before = message.at;
    const key = column(message, own);
    const about = (key === "others" ? `${peer(message)}  ` : "") + gist(message.raw);
    rungs.push(rung(message, about, x.get("us"), x.get(key), y, message.number === chosen, sizes !== SMALL_SCREEN, open));
    y += STEP + (about ? GIST : 0);
  }
  const width_of_all = time + 2 * edge + (columns.length > 1 ? room : 0);
  const most = Math.max(8, Math.floor((gap || 240) / CHARACTER) - 1);
  const sheet = (height, attributes, ...children) => svg("svg", { width: width_of_all, height, viewBox: `0 0 ${width_of_all} ${height}`, ...attributes }, children);
  return [
    sheet(HEAD, { class: "ladder ladder-head", "aria-hidden": "true" }, columns.map(({ key, name, more }) => party(cut(name, most), cut(more, most), x.get(key), key === "us"))),
    sheet(
      y + 8,
      { class: "ladder", role: "group", "aria-label": `Ladder of ${messages.length} messages` },
      columns.map(({ key }) => svg("line", { class: key === "us" ? "lifeline us" : "lifeline", x1: x.get(key), y1: 0, x2: x.get(key), y2: y + 8 })),
      rungs,
    ),
  ];
}

function party(name, more, x, is_us) {
  return svg(
    "g",
    { class: is_us ? "party us" : "party" },
    svg("text", { x, y: 15, "text-anchor": "middle" }, name),
    svg("text", { x, y: 30, "text-anchor": "middle", class: "more" }, more),
  );
}

function rung(message, about, us, theirs, top, is_chosen, is_fine, open) {
  const from = message.direction === "in" ? theirs : us;
  const to = message.direction === "in" ? us : theirs;
  const y = top + 22;
  const way = Math.sign(to - from) || 1;
  const middle = (from + to) / 2;
  const most = Math.max(10, Math.floor(Math.abs(to - from) / CHARACTER) - 3);
  const kind = isRefused(message.summary) ? "refused" : message.protocol;
  const name = `${timeOfDay(message.at, true)} ${message.direction === "in" ? "from" : "to"} ${peer(message)}: ${message.summary}${about ? `, ${about}` : ""}`;
  const wanted = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    open(message.number);
  };
  return svg(
    "g",
    {
      class: `rung ${kind}`,
      role: "button",
      tabindex: "-1",
      "data-number": message.number,
      "aria-label": name,
      "aria-pressed": String(is_chosen),
      on: { click: wanted, keydown: wanted },
    },
    svg("title", {}, name),
    svg("rect", { class: "rung-back", x: 0, y: top - 2, width: "100%", height: STEP + (about ? GIST : 0) - 2, rx: 6 }),
    svg("text", { class: "rung-time", x: 8, y: y + 4 }, timeOfDay(message.at, is_fine)),
    svg("text", { class: "rung-label", x: middle, y: y - 6, "text-anchor": "middle" }, label(message.summary, most)),
    svg("line", { class: "shaft", x1: from, y1: y, x2: to - way * 4, y2: y }),
    svg("path", { class: "head", d: `M${to} ${y} l${-9 * way} -4.5 v9 z` }),
    about ? svg("text", { class: "rung-gist", x: middle, y: y + 14, "text-anchor": "middle" }, cut(about, Math.floor(Math.abs(to - from) / SMALL) - 2)) : null,
  );
}

function pause(seconds, y, x) {
  const words = seconds < 90 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds / 60)} min`;
  return svg("text", { class: "pause", x: x + 10, y: y + 16 }, `⋮ ${words} later`);
}

/** Return what an arrow bears: all of it, or what matters most. */
function label(summary, most) {
  if (summary.length <= most) return summary;
  const shorter = [summary.replace(/ \([A-Z]+\)$/, ""), summary.split(" ")[0]];
  return shorter.find((each) => each.length <= most) ?? cut(summary, most);
}

function cut(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** Have Tab reach one message of those in an element: this one, the chosen one or the last. */
export function rove(element, rung = null) {
  const reachable = rung ?? element.querySelector('.rung[aria-pressed="true"]') ?? [...element.querySelectorAll(".rung")].at(-1);
  for (const each of element.querySelectorAll('.rung[tabindex="0"]')) mark(each, "tabindex", "-1");
  if (reachable) mark(reachable, "tabindex", "0");
}

/** Have arrow keys go from message to message within an element. */
export function walkable(element) {
  element.addEventListener("keydown", (event) => {
    const rungs = [...element.querySelectorAll(".rung")];
    const at = rungs.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rungs.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    rungs[to]?.focus();
    event.preventDefault();
  });
  element.addEventListener("focusin", (event) => rove(element, event.target.closest(".rung")));
  return element;
}

/** Return an empty place for a ladder. */
export function ladderPlace() {
  return walkable(el("div", { class: "ladder-place" }));
}
