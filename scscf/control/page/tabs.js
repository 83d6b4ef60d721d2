/** Tabs (ARIA's tab pattern): arrow keys go from one to the next. */

import { el, mark } from "./element.js";

/** Return a tab list over `items` {name, label, element}; `choose(name)` is told of each change. */
export class Tabs {
  constructor(label, items, chosen = () => {}) {
    this.#items = items;
    this.#told = chosen;
    this.buttons = new Map(
      items.map(({ name, label: text, element }) => {
        element.setAttribute("role", "tabpanel");
        element.setAttribute("tabindex", "0");
        element.setAttribute("aria-label", text);
        const tab = el("button", { type: "button", role: "tab", class: "tab", on: { click: () => this.choose(name) } }, text);
        return [name, tab];
      }),
    );
    this.list = el("div", { role: "tablist", class: "tabs", "aria-label": label, on: { keydown: (event) => this.#pressed(event) } }, [
      ...this.buttons.values(),
    ]);
    this.panels = items.map(({ element }) => element);
    this.choose(items[0].name);
  }

  #items;
  #told;

  /** Show one of them. */
  choose(name) {
    this.chosen = name;
    for (const item of this.#items) {
      const is_chosen = item.name === name;
      const tab = this.buttons.get(item.name);
      mark(tab, "aria-selected", String(is_chosen));
      mark(tab, "tabindex", is_chosen ? "0" : "-1");
      item.element.hidden = !is_chosen;
    }
    this.#told(name);
  }

  #pressed(event) {
    const names = this.#items.map(({ name }) => name);
    const at = names.indexOf(this.chosen);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + names.length, Home: 0, End: names.length - 1 }[event.key];
    if (to === undefined) return;
    const name = names[to % names.length];
    this.choose(name);
    this.buttons.get(name).focus();
    event.preventDefault();
  }
}
