/** The keys of the page. */

import { ask } from "./dialog.js";
import { el } from "./element.js";
import { table } from "./parts.js";

const KEYS = [
  ["/", "find"],
  ["↑ ↓", "go through the list, or through a ladder"],
  ["Enter", "open the registration or the message"],
  ["d", "de-register the user that is shown"],
  ["s", "shorten their registrations"],
  ["Esc", "close"],
  ["?", "this list"],
];

/** Show them. */
export function showKeys() {
  const rows = KEYS.map(([key, what]) => [el("kbd", {}, key), what]);
  const shown = table("Keys", ["key", "what it does"], rows);
  return ask({ title: "Keys", submit: "Close", run: async () => null, shown });
}
