/**
 * Makes elements of plain values. Every text becomes a text node: nothing that came over the wire is ever markup,
 * and no attribute that could run or load something can be set from here.
 */

const SVG = "http://www.w3.org/2000/svg";
const ALLOWED = /^(?:id|class|title|role|tabindex|type|name|value|for|placeholder|autocomplete|spellcheck|min|max|step|maxlength|rows|cols|required|disabled|hidden|checked|selected|multiple|readonly|open|colspan|scope|lang|dir|list|download|inputmode|popover|popovertarget|aria-[a-z]+|data-[a-z-]+)$/;
const ALLOWED_SVG = /^(?:id|class|role|tabindex|viewBox|width|height|x|y|x1|x2|y1|y2|cx|cy|r|rx|ry|d|points|transform|text-anchor|dominant-baseline|preserveAspectRatio|marker-end|orient|refX|refY|markerWidth|markerHeight|aria-[a-z]+|data-[a-z-]+)$/;

// What turns the direction of the text around it would have a line read as something else than what came.
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Return a text in which everything is seen: characters that only turn its direction stand as their numbers. */
export function visible(text) {
  return text.replace(TURNING, (each) => `\u27e8U+${each.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}\u27e9`);
}

/** Return an HTML element; `on` among the attributes holds its listeners. Null and false leave an attribute out. */
export function el(tag, attributes = {}, ...children) {
  return made(document.createElement(tag), attributes, children, ALLOWED);
}

/** Return an SVG element, likewise. */
export function svg(tag, attributes = {}, ...children) {
  return made(document.createElementNS(SVG, tag), attributes, children, ALLOWED_SVG);
}

function made(element, attributes, children, allowed) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [kind, listener] of Object.entries(value)) element.addEventListener(kind, listener);
    } else if (value !== null && value !== undefined && value !== false) {
      if (!allowed.test(name)) throw new Error(`attribute ${name} is not set from here`);
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child instanceof Node ? child : visible(String(child)));
  }
  return element;
}

/** Set a text where it is another one: writing costs more than looking. */
export function say(element, text) {
  const shown = visible(text);
  if (element.textContent !== shown) element.textContent = shown;
}

/** Set or take away an attribute where it is another one. */
export function mark(element, name, value) {
  if (value === null || value === false || value === undefined) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== String(value)) {
    element.setAttribute(name, String(value));
  }
}

/** Put these children into an element in this order, moving as few of them as can be. */
export function arrange(parent, children) {
  let next = parent.firstChild;
  for (const child of children) {
    if (child === next) next = next.nextSibling;
    else parent.insertBefore(child, next);
  }
  while (next) {
    const gone = next;
    next = next.nextSibling;
    gone.remove();
  }
}

/** Return a button. */
export function button(label, act, attributes = {}) {
  return el("button", { type: "button", ...attributes, on: { click: act } }, label);
}
