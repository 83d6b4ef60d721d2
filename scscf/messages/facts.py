"""What a message is about, read off its octets: whose it is, its Call-ID, its place in a row, one line that sums it up.

Nothing is judged here, and anything may come: what cannot be read is not there.
"""

import re
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

from scscf.cx import DeregistrationReason, ServerAssignment
from scscf.diameter.message import DiameterError, Message, decode
from scscf.errors import SipError
from scscf.sip.uri import parse_uri
from scscf.sip.uri_comparison import aor_of

LONGEST: Final = 200
"""Characters of a fact."""
_HEAD: Final = 65535
_FIELD = re.compile(
    rb"^(to|t|from|f|call-id|i|cseq|authorization|proxy-authorization)[ \t]*:[ \t]*([^\r\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
_LONG_NAMES = {b"t": b"to", b"f": b"from", b"i": b"call-id", b"proxy-authorization": b"authorization"}
_URI = re.compile(r'^(?:"(?:[^"\\]|\\.)*"\s*|[^<"]*)<([^>]*)>|^([^;,\s]+)')
_USERNAME = re.compile(r'\busername\s*=\s*"((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_CONTROL = re.compile("[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ABOUT_CALLED: Final = frozenset({"REGISTER", "SUBSCRIBE", "PUBLISH"})
"""Methods that are about whom To names; NOTIFY and what begins a call are about whom From names."""

SHORT: Final = {
    "Capabilities-Exchange": "CE",
    "Device-Watchdog": "DW",
    "Disconnect-Peer": "DP",
    "User-Authorization": "UA",
    "Server-Assignment": "SA",
    "Location-Info": "LI",
    "Multimedia-Auth": "MA",
    "Registration-Termination": "RT",
    "Push-Profile": "PP",
}
"""Diameter commands by the letters that people call them by; R or A follows."""


class Facts(NamedTuple):
    """What is known of one message."""

    summary: str
    """One line: `REGISTER sip:home1.test`, `200 OK (REGISTER)`, `SAR REGISTRATION`, `SAA 2001`."""
    aor: str | None = None
    """The address of record that it is about, canonical."""
    aors: tuple[str, ...] = ()
    """Every identity that it names: `aor` first."""
    impi: str | None = None
    """The private identity that it names."""
    call_id: str | None = None
    """Call-ID; of a Cx message its Session-Id."""
    cseq: int | None = None
    method: str = ""
    """Of a SIP request, or of the request that a response answers."""


def sip_facts(data: bytes) -> Facts:
    """Return what a SIP message says."""
    head = data[:_HEAD]
    end = head.find(b"\r\n\r\n")
    if end >= 0:
        head = head[:end]
    fields: dict[bytes, str] = {}
    for name, value in _FIELD.findall(head):
        name = name.lower()
        fields.setdefault(_LONG_NAMES.get(name, name), value.decode("utf-8", "replace").strip())
    start = head.lstrip(b"\r\n").partition(b"\r\n")[0].decode("utf-8", "replace")
    number, _, method = fields.get(b"cseq", "").partition(" ")
    method = _plain(method.strip())
    if start.startswith("SIP/2.0 "):
        summary = f"{start[8:]} ({method})" if method else start[8:]
    elif start.endswith(" SIP/2.0"):
        summary = start.removesuffix(" SIP/2.0")
        method = _plain(summary.partition(" ")[0])
    else:
        summary = f"{len(data)} octets that are no SIP message"
    called, caller = (_aor(fields.get(name, "")) for name in (b"to", b"from"))
    named = (called, caller) if method in _ABOUT_CALLED else (caller, called)
    aors = tuple(dict.fromkeys(each for each in named if each is not None))
    username = _USERNAME.search(fields.get(b"authorization", ""))
    return Facts(
        _plain(summary),
        named[0],
        aors,
        _plain(username[1]) if username is not None else None,
        _plain(fields[b"call-id"]) if fields.get(b"call-id") else None,
        int(number) if number.isascii() and number.isdigit() and len(number) <= 10 else None,
        method,
    )


def cx_facts(data: bytes) -> Facts:
    """Return what a Diameter message says (TS 29.229 §6.1)."""
    try:
        message = decode(data)
    except DiameterError as error:
        if error.request is None:
            return Facts(f"{len(data)} octets that are no Diameter message")
        message = error.request
    short = SHORT.get(message.command, message.command)
    name = f"{short}{'R' if message.is_request else 'A'}" if message.command in SHORT else short
    more = _meaning(message) if message.is_request else _result(message)
    aors = tuple(dict.fromkeys(_plain(each) for each in message.all("Public-Identity") if isinstance(each, str)))
    impi, session = message.get("User-Name"), message.get("Session-Id")
    return Facts(
        f"{name} {more}" if more else name,
        aors[0] if aors else None,
        aors,
        _plain(impi) if isinstance(impi, str) else None,
        _plain(session) if isinstance(session, str) else None,
    )


def _meaning(request: Message) -> str:
    if request.command == "Server-Assignment":
        return _named(ServerAssignment, request.get("Server-Assignment-Type"))
    if request.command == "Registration-Termination":
        return _named(DeregistrationReason, _member(request, "Deregistration-Reason", "Reason-Code"))
    return ""


def _result(answer: Message) -> str:
    result = answer.get("Result-Code")
    if result is None:
        result = _member(answer, "Experimental-Result", "Experimental-Result-Code")
    return str(result) if isinstance(result, int) else ""


def _member(message: Message, group: str, name: str) -> object:
    members = message.get(group)
    return next((value for each, value in members if each == name), None) if isinstance(members, list) else None


def _named(kind: type[Enum], value: object) -> str:
    return next((each.name for each in kind if each.value == value), "" if value is None else str(value))


def _aor(field: str) -> str | None:
    """Return the address of record in a From or To, None where there is no URI."""
    found = _URI.match(field[:1000])
    return _canonical(found[1] or found[2]) if found is not None and (found[1] or found[2]) else None


@lru_cache(maxsize=10_000)
def _canonical(uri: str) -> str | None:
    try:
        return aor_of(parse_uri(uri))
    except SipError:
        return None


def _plain(text: str) -> str:
    """Return text in one line, without what would move a terminal's cursor, and not longer than a fact may be."""
    return _CONTROL.sub("\ufffd", text[:LONGEST])
