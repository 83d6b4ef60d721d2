/** The messages of one user, or of everybody: asked for as they come, drawn as a ladder, opened on request. */

import { get } from "./api.js";
import { el, say } from "./element.js";
import { seldom } from "./frame.js";
import { ladder, ladderPlace, rove } from "./ladder.js";
import { messageText } from "./message_text.js";
import { nothing } from "./parts.js";

const KEPT = 200;
const EVERY = 2500; // ms between two looks while nothing is heard of

/** Messages that a filter {aor, impi, call_id} leaves. */
export class MessagesOf {
  #filter = {};
  #messages = [];
  #since = null;
  #names = new Map();
  #chosen = null;
  #timer = 0;
  #is_running = false;
  #era = 0;

  constructor() {
    this.#status = el("p", { class: "about", role: "status" });
    this.#place = ladderPlace();
    this.#text = el("div", { class: "message-place", "aria-live": "polite" });
    this.element = el("div", { class: "messages-of" }, this.#status, el("div", { class: "ladder-scroll" }, this.#place), this.#text);
    this.#ask = seldom(() => this.#load(), 300);
    new ResizeObserver(() => this.#draw()).observe(this.element);
  }

  #status;
  #place;
  #text;
  #ask;
  #width = 0;

  /** Choose whose messages. */
  choose(filter) {
    this.#filter = filter;
    this.#messages = [];
    this.#since = null;
    this.#era += 1;
    this.#close();
    say(this.#status, "");
    this.#draw(true);
    if (this.#is_running) this.#ask();
  }

  /** Learn who is at which address. */
  know(registration, subscriptions) {
    const names = new Map();
    for (const { remote_target, watcher } of subscriptions) {
      const place = /@?([^@;>]+:\d+)(?:[;>]|$)/.exec(remote_target)?.[1];
      if (place) names.set(place, `watcher ${watcher}`);
    }
    for (const { source } of registration?.contacts ?? []) if (source) names.set(source, names.has(source) ? "UE, watcher" : "UE");
    const is_other = JSON.stringify([...names]) !== JSON.stringify([...this.#names]);
    this.#names = names;
    if (is_other) this.#draw(true);
  }

  /** Begin to look. */
  start() {
    if (this.#is_running) return;
    this.#is_running = true;
    this.#ask();
    this.#timer = setInterval(() => {
      if (!document.hidden) this.#ask();
    }, EVERY);
  }

  stop() {
    this.#is_running = false;
    clearInterval(this.#timer);
  }

  /** Something has happened: look now. */
  look() {
    if (this.#is_running) this.#ask();
  }

  /** The S-CSCF is another one, which counts its messages anew: ask for all of them. */
  anew() {
    this.#since = null;
    this.#era += 1;
    this.#close();
    this.look();
  }

  async #load() {
    const era = this.#era;
    let page;
    try {
      page = await get("/v1/messages", { ...this.#filter, since: this.#since, limit: KEPT });
    } catch (error) {
      if (error.status === 404) {
        this.stop();
        say(this.#status, "This S-CSCF keeps no messages.");
      } else if (error.status) {
        say(this.#status, error.message);
      }
      return;
    }
    if (era !== this.#era) return;
    const is_first = this.#since === null;
    if (!is_first && page.last < this.#since) {
      this.anew();
      return;
    }
    if (!is_first && page.messages.length === KEPT) {
      this.#since = null; // more have come than are shown: on with the last ones
      this.look();
      return;
    }
    this.#since = page.last;
    if (!is_first && !page.messages.length) return;
    const known = is_first ? [] : this.#messages;
    this.#messages = [...known, ...page.messages].slice(-KEPT);
    const count = this.#messages.length;
    say(this.#status, count ? `${count === 1 ? "One message" : `The last ${count} messages`}; choose one to open it.` : "");
    this.#draw(true);
  }

  #draw(is_new = false) {
    const width = this.element.clientWidth;
    if (!width || (!is_new && Math.abs(width - this.#width) < 2)) return;
    this.#width = width;
    if (!this.#messages.length) {
      this.#place.replaceChildren(nothing("No message is kept."));
      return;
    }
    const scroll = this.#place.parentElement;
    const is_at_end = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
    const focused = this.#place.contains(document.activeElement) ? document.activeElement.dataset.number : null;
    const left = scroll.scrollLeft;
    this.#place.replaceChildren(...ladder(this.#messages, this.#names, width - 12, this.#chosen, (number) => this.#open(number)));
    scroll.scrollLeft = left;
    rove(this.#place);
    if (focused) this.#place.querySelector(`[data-number="${focused}"]`)?.focus({ preventScroll: true });
    if (is_at_end && this.#chosen === null) scroll.scrollTop = scroll.scrollHeight;
  }

  #close() {
    this.#chosen = null;
    this.#text.replaceChildren();
  }

  #open(number) {
    this.#chosen = this.#chosen === number ? null : number;
    const message = this.#messages.find((each) => each.number === this.#chosen);
    for (const rung of this.#place.querySelectorAll(".rung")) rung.setAttribute("aria-pressed", String(rung.dataset.number === String(this.#chosen)));
    this.#text.replaceChildren(...(message ? [messageText(message, message.raw ?? "")] : []));
    this.#place.querySelector('.rung[aria-pressed="true"]')?.scrollIntoView({ block: "nearest" });
    rove(this.#place);
  }
}
