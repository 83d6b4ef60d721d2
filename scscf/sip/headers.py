"""Names of header fields: compact forms, lookup keys, which may come only once (RFC 3261 §7.3, §20)."""

from typing import Final

from scscf.sip.grammar import is_token

COMPACT_FORMS: Final = {
    "a": "accept-contact",
    "b": "referred-by",
    "c": "content-type",
    "d": "request-disposition",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "j": "reject-contact",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "o": "event",
    "r": "refer-to",
    "s": "subject",
    "t": "to",
    "u": "allow-events",
    "v": "via",
    "x": "session-expires",
    "y": "identity",
}
"""One-letter name -> long name in lower case (IANA SIP parameters registry)."""

SINGLE: Final = frozenset(
    {
        "call-id",
        "content-length",
        "content-type",
        "cseq",
        "date",
        "event",
        "expires",
        "from",
        "max-forwards",
        "subscription-state",
        "to",
    }
)
"""Header fields (lower case) that make a request malformed when they come twice."""

NOT_LISTS: Final = SINGLE | {
    "authentication-info",
    "authorization",
    "content-disposition",
    "mime-version",
    "organization",
    "priority",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "reply-to",
    "retry-after",
    "server",
    "subject",
    "timestamp",
    "user-agent",
    "www-authenticate",
}
"""Header fields (lower case) whose commas belong to the value (RFC 3261 §7.3.1)."""

MALFORMED: Final = ""
"""The key of a field name that is no token."""

_KNOWN_SPELLINGS = 4096


class _Keys(dict[str, str]):
    """Field name as written -> its key: the long name in lower case. Keeps the first few thousand spellings it met."""

    def __missing__(self, name: str) -> str:
        key = name.rstrip(" \t").lower()
        key = COMPACT_FORMS.get(key, key) if is_token(key) else MALFORMED
        if key != MALFORMED and len(self) < _KNOWN_SPELLINGS and len(name) <= 64:
            self[name] = key
        return key


KEYS: Final = _Keys()
"""`KEYS[name]` is what a field is looked up by: its long name in lower case; MALFORMED for what is no token."""
