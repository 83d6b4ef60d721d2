/** One message, opened: where it went, its header fields and its body. */

import { button, el } from "./element.js";
import { note } from "./notes.js";
import { indented, read } from "./sip_text.js";
import { timeOfDay } from "./time.js";

/** Return a message as an element; `raw` null: it is still to come. */
export function messageText(message, raw) {
  const way = `${timeOfDay(message.at, true)}  ${message.source} → ${message.destination}  ${message.transport}`;
  return el(
    "div",
    { class: "message-text" },
    el(
      "div",
      { class: "row message-way" },
      el("span", { class: "mono dim" }, way),
      el("span", { class: "grow" }),
      raw ? button("Copy", () => copy(raw), { class: "small" }) : null,
    ),
    raw === null ? el("p", { class: "nothing" }, "…") : message.protocol === "sip" ? sip(raw) : el("pre", { class: "mono", tabindex: "0" }, raw),
  );
}

function sip(raw) {
  const { start, headers, body } = read(raw);
  const lines = headers.flatMap(([name, value]) => [el("b", {}, name), `: ${value}\n`]);
  return el(
    "pre",
    { class: "mono", tabindex: "0" },
    el("strong", {}, start),
    "\n",
    lines,
    body ? ["\n", el("span", { class: "message-body" }, indented(body))] : null,
  );
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    note("copied");
  } catch {
    note("the browser does not let this page copy", "refused");
  }
}
