/** One user: contacts and watchers, the ladder, the documents, and what can be done. */

import { Activity } from "./activity.js";
import { get, part } from "./api.js";
import { deregister, forget, isEndpoint, shorten, userServices } from "./commands.js";
import { ContactCards } from "./contact_cards.js";
import { Documents } from "./documents.js";
import { button, el, say } from "./element.js";
import { seldom } from "./frame.js";
import { MessagesOf } from "./messages_of.js";
import { badge, nothing, rebadge } from "./parts.js";
import { Tabs } from "./tabs.js";
import { WatcherTable } from "./watcher_table.js";

/** The panel beside the list. */
export class User {
  #aor = null;
  #set = new Set();
  #registration = null;
  #subscriptions = [];

  constructor(close) {
    this.#title = el("h2", { class: "mono", tabindex: "-1" });
    this.#state = badge("");
    this.#identities = el("p", { class: "identities mono" });
    this.#contacts = new ContactCards();
    this.#watchers = new WatcherTable({ withAor: false, changed: () => this.#reload(), open: (id) => this.#open(id) });
    this.#messages = new MessagesOf();
    this.#documents = new Documents();
    const overview = el(
      "div",
      { class: "overview" },
      el("h3", {}, "Contacts"),
      this.#contacts.element,
      el("h3", {}, "Watchers"),
      this.#watchers.element,
    );
    this.#tabs = new Tabs(
      "User",
      [
        { name: "overview", label: "Contacts and watchers", element: overview },
        { name: "ladder", label: "Ladder", element: this.#messages.element },
        { name: "documents", label: "Documents", element: this.#documents.element },
      ],
      (name) => this.#turned(name),
    );
    const keys = (key) => ({ "aria-keyshortcuts": key });
    this.#services = button("User services…", () => userServices({ aor: this.#aor }));
    this.#actions = el(
      "div",
      { class: "row actions" },
      button("De-register…", () => deregister({ aor: this.#aor }), { class: "danger", ...keys("d") }),
      button("Shorten…", () => shorten({ aor: this.#aor }), keys("s")),
      this.#services,
      button("Forget…", () => forget(this.#aor), { class: "quiet", title: "The S-CSCF loses the registration; nobody is told" }),
    );
    this.#body = el(
      "div",
      { class: "user-body" },
      el(
        "div",
        { class: "user-head" },
        el("div", { class: "row" }, this.#title, this.#state, el("span", { class: "grow" }), button("✕", close, { class: "quiet icon", "aria-label": "Close", "aria-keyshortcuts": "Escape" })),
        this.#identities,
        el("div", { class: "row" }, this.#tabs.list, el("span", { class: "grow" }), this.#actions),
      ),
      this.#tabs.panels,
    );
    this.#activity = new Activity();
    this.element = el("aside", { class: "panel user", "aria-label": "User" }, this.#activity.element, this.#body);
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
    });
    this.#reload = seldom(() => this.#load(), 400);
    this.show(null);
  }

  #title;
  #state;
  #identities;
  #contacts;
  #watchers;
  #messages;
  #documents;
  #tabs;
  #actions;
  #services;
  #body;
  #activity;
  #reload;

  /** Show an address of record, or what happens to everybody. */
  show(aor) {
    const is_other = aor !== this.#aor;
    this.#aor = aor;
    this.#body.hidden = aor === null;
    this.#activity.element.hidden = aor !== null;
    if (aor === null) {
      this.#messages.stop();
      return;
    }
    if (is_other) {
      this.#registration = null;
      say(this.#title, aor);
      rebadge(this.#state, "…");
      this.#identities.replaceChildren();
      this.#set = new Set([aor]);
      this.#contacts.show(null);
      this.#watchers.show([]);
      this.#documents.choose(aor);
      this.#messages.choose({ aor });
    }
    this.#reload();
    this.#turned(this.#tabs.chosen);
  }

  hide() {
    this.#messages.stop();
  }

  /** Look again; `is_anew`: at another S-CSCF. */
  stale(is_anew) {
    if (this.#aor === null) return;
    this.#reload();
    if (!is_anew) return;
    this.#messages.anew();
    this.#documents.choose(this.#aor);
    this.#turned(this.#tabs.chosen);
  }

  /** Take a batch of events. */
  live(events) {
    this.#activity.live(events);
    if (this.#aor === null) return;
    if (events.some(({ data }) => this.#set.has(data.aor))) {
      this.#reload();
      this.#messages.look();
    }
  }

  tick(now) {
    if (this.#aor === null) return;
    this.#contacts.tick(now);
    this.#watchers.tick(now);
  }

  /** Do what a key asks for while a user is shown. */
  pressed(key) {
    if (this.#aor === null) return false;
    if (key !== "d" && key !== "s") return false;
    if (this.#registration !== null) (key === "d" ? deregister : shorten)({ aor: this.#aor });
    return true;
  }

  async #load() {
    const aor = this.#aor;
    if (aor === null) return;
    let registration = null;
    let told;
    try {
      [registration, told] = await Promise.all([
        get(`/v1/registrations/${part(aor)}`).catch((error) => {
          if (error.status === 404) return null;
          throw error;
        }),
        get("/v1/subscriptions", { aor, ended: "true" }),
      ]);
    } catch (error) {
      if (error.status && aor === this.#aor) this.#identities.replaceChildren(nothing(error.message));
      return;
    }
    if (aor !== this.#aor) return;
    this.#registration = registration;
    this.#subscriptions = told.subscriptions;
    this.#set = new Set([aor, ...(registration?.implicit_set ?? this.#set)]);
    rebadge(this.#state, registration?.state ?? "terminated");
    this.#services.hidden = !isEndpoint(aor);
    for (const each of this.#actions.children) each.disabled = registration === null && each !== this.#services;
    const others = (registration?.implicit_set ?? []).filter((uri) => uri !== aor).slice(0, 50);
    this.#identities.replaceChildren(
      ...(others.length
        ? ["registered with it: ", ...others.map((uri) => el("button", { type: "button", class: "chip", on: { click: () => this.#follow(uri) } }, uri))]
        : []),
    );
    this.#contacts.show(registration);
    this.#watchers.show(this.#subscriptions);
    this.#documents.told(this.#subscriptions);
    this.#messages.know(registration, this.#subscriptions);
  }

  #follow(aor) {
    location.hash = `#registrations/${part(aor)}`;
  }

  #open(id) {
    this.#tabs.choose("documents");
    this.#documents.open(id);
  }

  #turned(name) {
    if (!this.#messages) return;
    if (this.#aor !== null && name === "ladder") this.#messages.start();
    else this.#messages.stop();
    if (this.#aor !== null && name === "documents") this.#documents.look();
  }
}
