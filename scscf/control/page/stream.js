/**
 * The event stream over fetch, since an EventSource cannot send a token: reconnects by itself, and says with
 * Last-Event-ID what it has seen (HTML §9.2).
 */

import { headers, tokenWanted } from "./api.js";

const SILENCE = 40_000; // ms; the server says every 15 s that it is there
const PAUSES = [250, 500, 1000, 2000, 4000, 8000];
const LONGEST_LINE = 8_000_000;

/** Splits a stream into events. `push(text)` returns those that are complete: {id, kind, data}. */
export class EventParser {
  #rest = "";
  #event = { id: null, kind: "", data: [] };

  push(text) {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop();
    if (this.#rest.length > LONGEST_LINE) throw new Error("a line has no end");
    const events = [];
    for (const line of lines) {
      if (line === "") {
        if (this.#event.data.length) {
          const { id, kind, data } = this.#event;
          events.push({ id, kind: kind || "message", data: data.join("\n") });
        }
        this.#event = { id: null, kind: "", data: [] };
        continue;
      }
      const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line);
      if (name === "id") this.#event.id = value;
      else if (name === "event") this.#event.kind = value;
      else if (name === "data") this.#event.data.push(value);
    }
    return events;
  }
}

/** One connection after the other. `onEvent(kind, data)`; `onState("connecting" | "live" | "lost", {next, why})`. */
export class Stream {
  #path;
  #onEvent;
  #onState;
  #last = null;
  #failures = 0;
  #timer = 0;
  #watch = 0;
  #abort = null;

  constructor(path, onEvent, onState) {
    this.#path = path;
    this.#onEvent = onEvent;
    this.#onState = onState;
    addEventListener("online", () => this.connect());
    // A page that the browser keeps to go back to would hold one of the few connections it makes to this address.
    addEventListener("pagehide", () => this.#leave());
    addEventListener("pageshow", (event) => {
      if (event.persisted) this.connect();
    });
  }

  /** Connect now, whatever was going on. */
  connect() {
    clearTimeout(this.#timer);
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#onState("connecting", {});
    this.#read(abort)
      .catch((error) => error)
      .then((error) => {
        if (this.#abort === abort) this.#lost(error);
      });
  }

  #leave() {
    const abort = this.#abort;
    this.#abort = null;
    clearTimeout(this.#timer);
    clearTimeout(this.#watch);
    abort?.abort();
  }

  async #read(abort) {
    const sent = headers();
    const seen = this.#last === null ? {} : { "Last-Event-ID": this.#last };
    const options = { headers: { ...sent, ...seen, Accept: "text/event-stream" }, cache: "no-store", credentials: "omit" };
    this.#beat(abort);
    const response = await fetch(this.#path, { ...options, signal: abort.signal });
    if (response.status === 401) {
      clearTimeout(this.#watch);
      await tokenWanted(sent.Authorization);
      this.#failures = 0;
      return null;
    }
    if (!response.ok) throw new Error(`the answer is ${response.status}`);
    this.#failures = 0;
    this.#onState("live", {});
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new EventParser();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new Error("the S-CSCF has ended the stream");
      this.#beat(abort);
      for (const event of parser.push(value)) this.#take(event);
    }
  }

  #take({ id, kind, data }) {
    if (id !== null) this.#last = id;
    let told;
    try {
      told = JSON.parse(data);
    } catch {
      return;
    }
    this.#onEvent(kind, told);
  }

  /** Wait again for a sign of life. */
  #beat(abort) {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => abort.abort(), SILENCE);
  }

  #lost(error) {
    clearTimeout(this.#watch);
    if (error === null) {
      this.connect();
      return;
    }
    const pause = PAUSES[Math.min(this.#failures, PAUSES.length - 1)] * (0.8 + 0.4 * Math.random());
    this.#failures += 1;
    this.#onState("lost", { next: Date.now() + pause, why: error.message });
    this.#timer = setTimeout(() => this.connect(), pause);
  }
}
