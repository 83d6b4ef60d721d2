/** A reginfo document as a tree to open and close, what is different marked by a sign and a colour. */

import { el } from "./element.js";
import { badge } from "./parts.js";

const SIGN = { added: "+", removed: "−", changed: "~", same: " " };
const WORD = { added: "new", removed: "gone", changed: "changed", same: "" };

/** Return a node that `difference` made, with its children. */
export function treeOf(node) {
  return el("ul", { class: "tree" }, branch(node));
}

function branch(node) {
  const line = [
    el("span", { class: "sign", title: WORD[node.is] }, SIGN[node.is]),
    el("b", {}, node.name),
    [...node.attributes].map(([name, value]) => attribute(node, name, value)),
    [...node.was].filter(([name]) => !node.attributes.has(name)).map(([name, value]) => el("span", { class: "attribute" }, `${name}=`, el("del", {}, value))),
    node.text || node.text_was !== undefined ? el("span", { class: "text" }, node.text_was !== undefined ? [el("del", {}, node.text_was), " "] : null, node.text) : null,
  ];
  if (!node.children.length) return el("li", { class: "leaf", "data-is": node.is }, el("span", { class: "node" }, line));
  return el(
    "li",
    { "data-is": node.is },
    el("details", { open: true }, el("summary", { class: "node" }, line), el("ul", {}, node.children.map(branch))),
  );
}

function attribute(node, name, value) {
  const old = node.was.get(name);
  const shown = name === "event" || name === "state" ? badge(value) : el("span", { class: "value" }, value);
  const before = node.was.has(name) && old !== null ? [el("del", {}, old), " → "] : null;
  return el("span", { class: "attribute", "data-new": node.was.has(name) ? "yes" : null }, `${name}=`, before, shown);
}
