/** The live page of the control API: views, the connection, keys. */

import { get, hasToken, keepToken, onTokenNeeded } from "./api.js";
import { deregister, drain, isEndpoint, moveClock, reset, serve, userServices } from "./commands.js";
import { ask } from "./dialog.js";
import { button, el, mark, say } from "./element.js";
import { batched } from "./frame.js";
import { Hss } from "./hss.js";
import { showKeys } from "./keys.js";
import { Messages } from "./messages.js";
import { Metrics } from "./metrics.js";
import { Registrations } from "./registrations.js";
import { Rules } from "./rules.js";
import { Stream } from "./stream.js";
import { startTheme } from "./theme.js";
import { eachSecond, heard, now, timeOfDay } from "./time.js";
import { Watchers } from "./watchers.js";

const KINDS = "registration,contact,subscription,notify,user_services,third_party_register";
const place = (id) => document.getElementById(id);

onTokenNeeded(async (was_wrong) => {
  await ask({
    title: "Token",
    about: was_wrong ? "That is not the token of this S-CSCF." : "This S-CSCF asks for its token (api_token). It is kept until this tab is closed.",
    fields: [{ name: "token", label: "Token", type: "password", autocomplete: "current-password" }],
    submit: "Go on",
    closable: false,
    run: async ({ token }) => keepToken(token),
  });
});

const go = (view, item) => {
  location.hash = item ? `${view}/${encodeURIComponent(item)}` : view;
};
const views = [new Registrations(go), new Watchers(go), new Messages(), new Hss(), new Rules(), new Metrics()];
const links = new Map(views.map(({ name, label }) => [name, button(label, () => go(name), { class: "nav" })]));
let current = null;

/** Show what the page's address names. */
function route() {
  const [, name, item] = /^#?([a-z]*)(?:\/(.*))?$/s.exec(location.hash) ?? [];
  const view = views.find((each) => each.name === name) ?? views[0];
  let chosen = "";
  try {
    chosen = decodeURIComponent(item ?? "");
  } catch {
    // Somebody wrote it by hand.
  }
  if (view !== current) {
    current?.hide();
    current = view;
    place("main").replaceChildren(view.element);
  }
  for (const [each, link] of links) mark(link, "aria-current", each === view.name ? "page" : null);
  links.get(view.name).scrollIntoView({ block: "nearest", inline: "nearest" });
  view.show(chosen);
}

function startConnection() {
  const shown = place("connection");
  const broken = place("broken");
  const words = el("span");
  let next = 0;
  let since = 0;
  let why = "";
  const take = batched((events, dropped) => {
    for (const view of views) view.live(events);
    if (dropped) stale();
  });
  const stream = new Stream(
    `v1/events?kinds=${KINDS}`,
    (kind, data) => {
      if (kind === "lost") stale();
      else take({ kind, data });
    },
    (state, more) => {
      mark(shown, "data-state", state);
      say(shown, state);
      if (state === "live") {
        broken.hidden = true;
        since = 0;
        meetTheServer();
        lookAtClock();
      } else if (state === "lost") {
        since ||= Date.now();
        next = more.next;
        why = more.why.startsWith("the answer is") ? ` (${more.why})` : "";
        broken.hidden = false;
        tell();
      }
      mark(document.body, "data-connection", state);
    },
  );
  const tell = () => {
    if (!since) return;
    const away = Math.round((Date.now() - since) / 1000);
    const left = Math.max(0, Math.ceil((next - Date.now()) / 1000));
    say(words, `The connection is lost${why}${away > 2 ? ` for ${away} s` : ""}; what you see is as it was then. ${left ? `Next try in ${left} s.` : "Trying…"}`);
  };
  broken.append(words, button("Try now", () => stream.connect(), { class: "small" }));
  setInterval(tell, 500);
  stream.connect();
}

/** Have every view look again; `is_anew`: at an S-CSCF that was started meanwhile. */
function stale(is_anew = false) {
  for (const view of views) view.stale(is_anew);
}

let is_virtual = false;
let is_frozen = false;

async function lookAtClock() {
  try {
    const clock = await get("/v1/clock");
    is_virtual = clock.virtual;
    is_frozen = clock.frozen;
    heard(clock.now, clock.frozen);
  } catch {
    // The connection says so already.
  }
}

function startClock() {
  const shown = place("clock");
  shown.addEventListener("click", async () => {
    if (!is_virtual) return;
    await moveClock(is_frozen);
    await lookAtClock();
    stale();
  });
  let seconds = 0;
  const look = (time) => {
    say(shown, timeOfDay(time) + (is_frozen ? " ‖" : ""));
    shown.disabled = !is_virtual;
    shown.title = is_virtual ? "Service time; it can be moved" : "Service time";
    seconds += 1;
    if (seconds % (is_virtual ? 2 : 60) === 0) lookAtClock();
  };
  look(now());
  eachSecond(look);
}

let started = null;

/** Learn who is at the other end: the S-CSCF that was there before, or one that was started meanwhile. */
async function meetTheServer() {
  let is_other = false;
  try {
    const health = await get("/v1/health");
    is_other = started !== null && health.started !== started;
    started = health.started;
    const names = health.domains.map(({ name, dialect }) => `${name} (${dialect})`).join(", ");
    say(place("where"), names);
    serve(health.domains);
    place("where").title = `version ${health.version}${health.commit ? `, ${health.commit}` : ""}; ${health.listeners.join(", ")}`;
    document.title = `S-CSCF ${health.domains[0]?.name ?? ""}`;
    heard(health.now);
  } catch {
    // The connection says so already.
  }
  stale(is_other);
}

function startCommands() {
  const menu = place("commands");
  const entry = (label, act) =>
    button(label, () => {
      menu.hidePopover();
      act();
    });
  const services = entry("User services…", () => userServices({ all: true }));
  menu.append(
    entry("De-register everybody…", () => deregister({ all: true })),
    services,
    entry("Drain and shut down…", drain),
    entry("Forget…", reset),
    entry("Keys", showKeys),
  );
  const leave = entry("Forget the token", () => {
    keepToken(null);
    location.reload();
  });
  menu.append(leave);
  menu.addEventListener("beforetoggle", () => {
    leave.hidden = !hasToken();
    services.hidden = !isEndpoint(null);
  });
}

function startKeys() {
  addEventListener("keydown", (event) => {
    const is_typing = event.target.closest?.("input, textarea, select, dialog") || place("commands").matches(":popover-open");
    if (event.ctrlKey || event.altKey || event.metaKey || is_typing) return;
    if (event.key === "/") current.search?.();
    else if (event.key === "?") showKeys();
    else if (event.key === "Escape" && current === views[0]) views[0].choose(null);
    else if (current !== views[0] || !views[0].user.pressed(event.key)) return;
    event.preventDefault();
  });
}

place("tabs").append(...links.values());
startTheme(place("theme"));
startCommands();
startClock();
startKeys();
addEventListener("hashchange", route);
route();
startConnection();
for (const view of views) {
  view.offer?.((is_there) => {
    links.get(view.name).hidden = !is_there;
  });
}
