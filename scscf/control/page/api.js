/** Calls of the control API, with the token where there is one; it lives as long as the browser's tab. */

const KEY = "scscf-token";

/** Why a call was refused; status 0: there was no answer. */
export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

let asking = null;
let askForToken = async () => {
  throw new Refused(401, "token", "a token is needed");
};

/** Choose how the user is asked for the token; `ask(wasWrong)` promises that one was given. */
export function onTokenNeeded(ask) {
  askForToken = ask;
}

/** Keep the token for this tab, or forget it. */
export function keepToken(token) {
  if (token) sessionStorage.setItem(KEY, token);
  else sessionStorage.removeItem(KEY);
}

/** Tell whether a token was given. */
export function hasToken() {
  return sessionStorage.getItem(KEY) !== null;
}

/** Return the headers that every call has. */
export function headers() {
  const token = sessionStorage.getItem(KEY);
  return token === null ? {} : { Authorization: `Bearer ${token}` };
}

/** Ask for the token once, however many calls were refused for want of it. */
export function tokenWanted(sent) {
  if (headers().Authorization !== sent) return Promise.resolve();
  asking ??= askForToken(sent !== undefined).finally(() => {
    asking = null;
  });
  return asking;
}

/** Make a call and return its JSON (`text`: its text). Throws Refused. */
export async function call(method, path, { query = {}, body, signal, text = false } = {}) {
  const search = new URLSearchParams(
    Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== ""),
  ).toString();
  const url = path.replace(/^\//, "") + (search ? `?${search}` : "");
  for (;;) {
    const sent = headers();
    let response;
    try {
      response = await fetch(url, {
        method,
        headers: body === undefined ? sent : { ...sent, "Content-Type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
        cache: "no-store",
        credentials: "omit",
        signal,
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Refused(0, "no_answer", "the S-CSCF does not answer");
    }
    if (response.status === 401) {
      await tokenWanted(sent.Authorization);
      continue;
    }
    if (response.ok && text) return response.text();
    const answer = await response.json().catch(() => null);
    if (response.ok && answer !== null) return answer;
    const why = answer?.error ?? { code: "no_json", message: `the answer is ${response.status}` };
    throw new Refused(response.status, why.code, why.message);
  }
}

export const get = (path, query, more = {}) => call("GET", path, { query, ...more });
export const post = (path, body, query) => call("POST", path, { body, query });
export const put = (path, body) => call("PUT", path, { body });
export const patch = (path, body) => call("PATCH", path, { body });
export const remove = (path, query) => call("DELETE", path, { query });

/** Return a value as one part of a path. */
export const part = encodeURIComponent;
