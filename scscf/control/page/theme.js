/** Dark, light, or as the system has it; kept for the next time. */

import { say } from "./element.js";

const KEY = "scscf-theme";
const NEXT = { auto: "light", light: "dark", dark: "auto" };
const SIGN = { auto: "◐", light: "☀", dark: "☾" };
const NAME = { auto: "as the system has it", light: "light", dark: "dark" };

function show(button, choice) {
  if (choice === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  say(button, SIGN[choice]);
  button.title = `Colours: ${NAME[choice]}`;
  button.setAttribute("aria-label", `Colours: ${NAME[choice]}; next: ${NAME[NEXT[choice]]}`);
}

/** Make a button switch the colours. */
export function startTheme(button) {
  let choice = localStorage.getItem(KEY);
  if (!(choice in NEXT)) choice = "auto";
  show(button, choice);
  button.addEventListener("click", () => {
    choice = NEXT[choice];
    localStorage.setItem(KEY, choice);
    show(button, choice);
  });
}
