/** Short notes in the corner: what was done, and what was refused. */

import { el } from "./element.js";

const SECONDS = 6;

/** Say something; `kind`: done or refused. */
export function note(text, kind = "done") {
  const place = document.getElementById("notes");
  const shown = el("div", { class: `note ${kind}` }, text);
  place.append(shown);
  while (place.childElementCount > 4) place.firstElementChild.remove();
  setTimeout(() => shown.remove(), SECONDS * 1000);
}

/** Do something at once and say what came of it. */
export async function attempt(what, done) {
  try {
    const answer = await what();
    if (done) note(typeof done === "function" ? done(answer) : done);
    return answer;
  } catch (error) {
    note(error.message, "refused");
    return null;
  }
}
