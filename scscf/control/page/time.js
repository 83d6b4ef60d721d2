/** Service time: the server's clock, which may stand still or be moved (`scscf run --virtual-time`). */

let known = Date.now() / 1000;
let heard_at = performance.now();
let is_frozen = false;

/** Take the server's word for what time it is. */
export function heard(now, frozen = is_frozen) {
  known = now;
  heard_at = performance.now();
  is_frozen = frozen;
}

/** Return service time, seconds since 1970. */
export function now() {
  return is_frozen ? known : known + (performance.now() - heard_at) / 1000;
}

/** Return a span in the two units that matter: 1 h 5 min, 3 min 20 s, 12 s. */
export function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole >= 4294967295) return "for ever";
  for (const [size, unit, less, smaller] of [[86400, "d", 3600, "h"], [3600, "h", 60, "min"], [60, "min", 1, "s"]]) {
    if (whole >= size) {
      const rest = Math.floor((whole % size) / less);
      return rest ? `${Math.floor(whole / size)} ${unit} ${rest} ${smaller}` : `${Math.floor(whole / size)} ${unit}`;
    }
  }
  return `${whole} s`;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

/** Return a time of day; with milliseconds if `fine`. */
export function timeOfDay(seconds, fine = false) {
  const text = clock.format(seconds * 1000);
  return fine ? `${text}.${String(Math.floor((seconds * 1000) % 1000)).padStart(3, "0")}` : text;
}

/** Return a date. */
export function date(seconds) {
  return day.format(seconds * 1000);
}

const listeners = new Set();

/** Have `look(now)` called each second while the page is seen; the returned function ends that. */
export function eachSecond(look) {
  listeners.add(look);
  return () => listeners.delete(look);
}

setInterval(() => {
  if (!document.hidden) for (const look of listeners) look(now());
}, 1000);
