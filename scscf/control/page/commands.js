/** What the network does to users, each as a dialogue: de-register, shorten, forget, drain. */

import { part, post, remove } from "./api.js";
import { ask } from "./dialog.js";
import { el } from "./element.js";
import { attempt, note } from "./notes.js";
import { ENDPOINT_EVENTS, EVENTS, answerBadge, badge, nothing, table } from "./parts.js";

const WAIT = { name: "wait", label: "Wait for the watchers", type: "number", min: 0, max: 600, step: "any", value: 3, help: "Seconds; the registration is gone at once in any case." };
const RETRY = { name: "retry_after", label: "Retry after", type: "number", min: 0, max: 4294967295, value: 60, help: "Seconds after which the UE may come back.", when: ({ event }) => event === "probation" };
const RATE = { name: "rate", label: "Rate", type: "number", min: 0.001, max: 100000, step: "any", optional: true, help: "Subscriptions of the HSS a second; all at once where it is empty." };
const REASONS = ["", "deactivated", "probation", "rejected", "timeout", "giveup", "noresource", "invariant"];

const REGISTRAR = { name: "preferred_registrar", label: "Preferred registrar", placeholder: "sip:pool2.example.com", help: "SIP URI that an endpoint is sent to.", when: ({ event }) => event === "preferred-registrar-change" };
const ERROR_ID = { name: "error_id", label: "ErrorId", type: "number", min: 4166, max: 4167, optional: true, help: "4166 where it is empty.", when: REGISTRAR.when };

let dialects = new Map();

/** Learn the dialects of the domains: what only Microsoft's endpoints can be told is offered for these alone. */
export function serve(domains) {
  dialects = new Map(domains.map(({ name, dialect }) => [name, dialect]));
}

/** Tell whether an address of record is one of Microsoft's endpoints, as its domain has it; null: whether everybody is. */
export function isEndpoint(aor) {
  const own = dialects.get(/@([^@:;]+)/.exec(aor ?? "")?.[1]);
  return own === undefined ? dialects.size > 0 && [...dialects.values()].every((each) => each === "siprege") : own === "siprege";
}

function whom({ aor, impi, contact, all }) {
  if (all) return "Everybody is de-registered.";
  if (contact) return `Only the contact ${contact} of ${aor}.`;
  return aor ? `${aor} and all that is registered with it.` : `Every registration of the private identity ${impi}.`;
}

/** De-register: the network ends registrations and tells the watchers so (TS 24.229 §5.4.1.5); `aor`: one of those meant. */
export function deregister(scope, aor = scope.aor) {
  return ask({
    title: scope.all ? "De-register everybody" : "De-register",
    about: whom(scope),
    fields: [
      { name: "event", label: "Event", type: "select", options: [...EVENTS, ...(isEndpoint(aor) ? ENDPOINT_EVENTS : [])], value: "deactivated" },
      RETRY,
      REGISTRAR,
      ERROR_ID,
      { name: "reason", label: "Subscription-State reason", type: "select", options: REASONS.map((each) => [each, each || "as configured"]), value: "", optional: true, help: "Of the last NOTIFY, where the subscription ends.", when: ({ event }) => EVENTS.some(([each]) => each === event) },
      ...(scope.all ? [RATE] : []),
      WAIT,
    ],
    submit: "De-register",
    danger: true,
    run: async (values) => report(await post("/v1/deregistrations", { ...scope, ...values })),
  });
}

/** Shorten: the UE has to authenticate again before its bindings end (TS 24.229 §5.4.1.6). */
export function shorten(scope) {
  return ask({
    title: "Shorten, so that the UE authenticates again",
    about: whom(scope),
    fields: [{ name: "expires", label: "Seconds left", type: "number", min: 1, max: 4294967295, value: 60 }, WAIT],
    submit: "Shorten",
    run: async (values) => report(await post("/v1/reauthentications", { ...scope, ...values })),
  });
}

/** User services: endpoints are told that services other than registration go, or are back (MS-SIPREGE §3.5). */
export function userServices(scope) {
  return ask({
    title: "User services",
    about: scope.all ? "Everybody's services other than registration." : `Services other than registration of ${scope.aor}.`,
    fields: [
      {
        name: "available",
        label: "They are",
        type: "select",
        options: [["false", "unavailable: an endpoint that cannot do without is out"], ["true", "available again"]],
        value: "false",
      },
      { ...WAIT, help: "Seconds." },
    ],
    submit: "Say so",
    danger: true,
    run: async ({ available, ...values }) => report(await post("/v1/user-services", { ...scope, ...values, available: available === "true" })),
  });
}

/** Forget: as if the S-CSCF had lost its data. */
export function forget(aor) {
  return ask({
    title: "Forget the registration",
    about: `The S-CSCF loses ${aor} and its implicit set, as a crash would have it. Nobody is told.`,
    submit: "Forget",
    danger: true,
    run: async () => {
      await remove(`/v1/registrations/${part(aor)}`, { silent: "true" });
      note(`${aor} is forgotten`);
    },
  });
}

/** Drain: everybody goes, then the S-CSCF shuts down. */
export function drain() {
  return ask({
    title: "Drain and shut down",
    about: "Everybody is de-registered, nobody may come back, and the S-CSCF ends. This page will lose its connection.",
    fields: [
      { name: "event", label: "Event", type: "select", options: EVENTS, value: "deactivated" },
      RETRY,
      RATE,
      { ...WAIT, value: 5 },
      { name: "sure", label: "Yes, shut it down", type: "checkbox", must: true },
    ],
    submit: "Drain",
    danger: true,
    run: async ({ sure, ...values }) => report(await post("/v1/drain", values)),
  });
}

/** Reset: the S-CSCF loses what is chosen. */
export function reset() {
  const things = ["registrations", "subscriptions", "challenges", "rules"];
  return ask({
    title: "Forget for everybody",
    about: "The S-CSCF loses what is chosen. Nobody is told.",
    fields: things.map((name) => ({ name, label: name, type: "checkbox", value: name === "registrations" })),
    submit: "Forget",
    danger: true,
    run: async (values) => {
      const lost = await post("/v1/reset", values);
      note(`forgotten: ${things.map((name) => `${lost[name]} ${name}`).join(", ")}`);
    },
  });
}

/** End a subscription from the network's side. */
export function endSubscription(id, watcher) {
  return ask({
    title: "End the subscription",
    about: `The watcher ${watcher} is sent a last NOTIFY.`,
    fields: [{ name: "reason", label: "Reason", type: "select", options: REASONS.map((each) => [each, each || "as configured"]), value: "", optional: true }],
    submit: "End it",
    danger: true,
    run: async ({ reason }) => {
      await remove(`/v1/subscriptions/${part(id)}`, { reason });
      note("the subscription has ended");
    },
  });
}

/** Move service time, where it can be moved. */
export function moveClock(is_frozen) {
  return ask({
    title: "Service time",
    about: "What falls due on the way is done, in order.",
    fields: [
      { name: "advance", label: "Advance by", type: "number", min: 0, step: "any", value: 60, help: "Seconds." },
      { name: "freeze", label: "Stand still afterwards", type: "checkbox", value: is_frozen },
    ],
    submit: "Move",
    run: async (values) => {
      const moved = await attempt(() => post("/v1/clock", values));
      if (moved) note(`${moved.fired} deadlines came, ${moved.sent} messages left`);
    },
  });
}

/** Return what a command did, and what each watcher answered. */
function report({ removed, changed, watchers }) {
  const rows = [...removed, ...changed];
  const shown = rows.slice(0, 50).map((row) => [
    el("span", { class: "mono" }, row.aor),
    el("span", { class: "mono" }, row.uri),
    badge(row.event),
    row.retry_after === null ? (row.expires ? `${row.expires} s` : "") : `again after ${row.retry_after} s`,
  ]);
  const told = watchers.slice(0, 50).map((each) => [
    el("span", { class: "mono" }, each.subscription),
    each.version === null ? "–" : `version ${each.version}`,
    answerBadge(each.status),
    each.ms === null ? "" : `${each.ms.toFixed(1)} ms`,
  ]);
  const more = (all) => (all.length > 50 ? nothing(`and ${all.length - 50} more`) : null);
  return el(
    "div",
    { class: "report" },
    rows.length ? [table("Contacts", ["identity", "contact", "event", ""], shown, { class: "stacks" }), more(rows)] : nothing("No registration has changed."),
    watchers.length ? [table("Watchers", ["subscription", "told", "answer", "after"], told, { class: "stacks" }), more(watchers)] : nothing("Nobody was to be told."),
  );
}
