/** What a ladder and a message's text show of raw SIP: read leniently, since it may be anything. */

const COMPACT = { i: "call-id", m: "contact", f: "from", t: "to", v: "via", c: "content-type", l: "content-length", o: "event" };
const LONGEST = 400_000;

/** Return {start, headers: [[name, value]], body} of a raw message. */
export function read(raw) {
  const text = raw.slice(0, LONGEST).replace(/\r\n?/g, "\n");
  const end = text.indexOf("\n\n");
  const [start, ...lines] = (end < 0 ? text : text.slice(0, end)).split("\n");
  const headers = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (/^[ \t]/.test(line) && headers.length) headers.at(-1)[1] += ` ${line.trim()}`;
    else if (colon > 0) headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
    else headers.push([line, ""]);
  }
  return { start, headers, body: end < 0 ? "" : text.slice(end + 2) };
}

/** Return the first value of a header field, null where there is none. */
export function header(message, name) {
  const found = message.headers.find(([each]) => {
    const lower = each.toLowerCase();
    return (COMPACT[lower] ?? lower) === name;
  });
  return found ? found[1] : null;
}

/** Return what matters in a message beside its first line: a few short words for below its arrow. */
export function gist(raw) {
  if (!raw) return "";
  const message = read(raw);
  const method = message.start.startsWith("SIP/2.0") ? (header(message, "cseq") ?? "").split(/\s+/)[1] : message.start.split(" ")[0];
  const is_answer = message.start.startsWith("SIP/2.0");
  const expires = header(message, "expires");
  if (method === "REGISTER") {
    const contact = header(message, "contact");
    if (!contact) return "";
    const own = /;\s*expires\s*=\s*"?(\d+)/i.exec(contact)?.[1] ?? expires;
    const uri = /^(?:"(?:[^"\\]|\\.)*"|[^<"])*<([^>]*)>/.exec(contact)?.[1] ?? contact.split(";")[0];
    return own === null ? uri : `${uri}  ${own} s`;
  }
  if (method === "SUBSCRIBE") return expires === null ? "" : `Expires ${expires}`;
  if (method === "NOTIFY" && !is_answer) {
    const state = header(message, "subscription-state") ?? "";
    const version = /<(?:\w+:)?reginfo\b[^>]*\bversion\s*=\s*["'](\d+)/.exec(message.body)?.[1];
    const events = [...message.body.matchAll(/<(?:\w+:)?contact\b[^>]*\bevent\s*=\s*["'](\w[\w-]*)/g)].slice(0, 50).map((each) => each[1]);
    const notice = /^(?:de)?registered;event=[\w-]+/.exec(message.body)?.[0];
    const told = notice ?? [...new Set(events)].join(", ");
    const ends = state.startsWith("terminated") ? state : "";
    return [version === undefined ? "" : `version ${version}`, told, ends].filter(Boolean).join("  ");
  }
  return "";
}

/** Tell whether an answer refuses; of Cx too. */
export function isRefused(summary) {
  return /^[3-6]\d\d\b/.test(summary) || /^[A-Z]{2}A [345]\d{3}\b/.test(summary);
}

/** Return XML with a line for each element; text that is none stays as it is. */
export function indented(body) {
  if (!body.trimStart().startsWith("<")) return body;
  let depth = 0;
  return body
    .replace(/>\s*</g, ">\n<")
    .split("\n")
    .map((line) => {
      const text = line.trim();
      if (/^<\//.test(text)) depth = Math.max(0, depth - 1);
      const shown = "  ".repeat(Math.min(depth, 20)) + text;
      if (/^<[^!?/][^>]*[^/]?>$/.test(text) && !/\/>$/.test(text) && !/<\//.test(text)) depth += 1;
      return shown;
    })
    .join("\n");
}
