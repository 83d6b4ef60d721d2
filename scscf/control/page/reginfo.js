/** Reginfo documents (RFC 3680 §5) as trees, and what is different from one to the next. */

const LONGEST = 1_000_000;
const DEEPEST = 20;
const MOST = 20_000;

// A browser that knows trusted types lets only this one place make a document of a text; it is XML and never shown as such.
const policy = globalThis.trustedTypes?.createPolicy("reginfo", { createHTML: (text) => text });

/** Return a document as a tree {name, attributes: Map, text, children}. Throws where it is none. */
export function parse(text) {
  if (text.length > LONGEST) throw new Error(`the document has ${text.length} characters`);
  if (/<!DOCTYPE/i.test(text)) throw new Error("the document has a DOCTYPE");
  const parsed = new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/xml");
  if (parsed.getElementsByTagName("parsererror").length) throw new Error("the document is no XML");
  const left = { count: MOST };
  return tree(parsed.documentElement, 0, left);
}

function tree(element, depth, left) {
  left.count -= 1;
  if (depth > DEEPEST || left.count < 0) throw new Error("the document is too large to be shown");
  const attributes = new Map();
  for (const { name, value } of element.attributes) if (!name.startsWith("xmlns") && !name.startsWith("xsi:")) attributes.set(name, value);
  const children = [...element.children].map((child) => tree(child, depth + 1, left));
  const text = children.length ? "" : element.textContent.trim();
  return { name: element.localName, attributes, text, children };
}

/** Return what a node is told apart by from the others of its parent. */
function key(node, seen) {
  const own = node.attributes.get("id") ?? node.attributes.get("aor") ?? node.attributes.get("name");
  const base = `${node.name} ${own ?? ""}`;
  const count = seen.get(base) ?? 0;
  seen.set(base, count + 1);
  return `${base} ${count}`;
}

function keyed(nodes) {
  const seen = new Map();
  return new Map(nodes.map((node) => [key(node, seen), node]));
}

/**
 * Return a tree of what is there now, each node with `is` (same, added, removed, changed) and `was` for attributes and
 * text that were others before. In a partial document what is not there was not told of, and has not gone.
 */
export function difference(before, after, is_partial = false) {
  if (before === null) return marked(after, "same");
  if (after === null) return marked(before, "removed");
  const was = new Map();
  for (const [name, value] of before.attributes) if (after.attributes.get(name) !== value) was.set(name, value);
  for (const name of after.attributes.keys()) if (!before.attributes.has(name)) was.set(name, null);
  const text_was = before.text !== after.text ? before.text : undefined;
  const old = keyed(before.children);
  const now = keyed(after.children);
  const children = [];
  for (const [name, node] of now) children.push(old.has(name) ? difference(old.get(name), node, is_partial) : marked(node, "added"));
  if (!is_partial) for (const [name, node] of old) if (!now.has(name)) children.push(marked(node, "removed"));
  const own = was.size > 0 || text_was !== undefined;
  return { ...after, children, is: own ? "changed" : "same", was, text_was };
}

function marked(node, is) {
  return { ...node, is, was: new Map(), text_was: undefined, children: node.children.map((child) => marked(child, is)) };
}

/** Tell whether anything in a tree differs; version counts up each time, and does not count. */
export function differs(node) {
  const own = node.is === "added" || node.is === "removed" || node.text_was !== undefined || [...node.was.keys()].some((name) => name !== "version");
  return own || node.children.some(differs);
}

/** Return version and state of a document, without reading it all. */
export function headOf(text) {
  const start = /<(?:[\w-]+:)?reginfo\b([^>]*)>/.exec(text.slice(0, 20_000))?.[1] ?? "";
  const read = (name) => new RegExp(`\\b${name}\\s*=\\s*["']([^"']*)`).exec(start)?.[1] ?? null;
  const version = read("version");
  return { version: version === null ? null : Number(version), state: read("state") };
}
