"""A message of a trace that matters to its verdict: REGISTER, SUBSCRIBE, NOTIFY, or what answers one of them."""

from typing import NamedTuple

from scscf.capture.reading import CapturedMessage
from scscf.conformance.network.exchanges import Key, key_of
from scscf.errors import ScscfError, SipError
from scscf.sip.credentials import parse_credentials
from scscf.sip.message import Request, Response
from scscf.sip.parser import parse_message
from scscf.sip.uri import Uri
from scscf.sip.uri_comparison import aor_of

METHODS = frozenset({"REGISTER", "SUBSCRIBE", "NOTIFY"})


class Seen(NamedTuple):
    """A message where it was seen. It is parsed again when it is judged: a trace may hold many."""

    captured: CapturedMessage
    key: Key
    """Call-ID, CSeq number, method and the branch of the topmost Via: its transaction on this leg."""
    is_request: bool

    @property
    def method(self) -> str:
        """The method of the request, or of the one that is answered."""
        return self.key[2]

    @property
    def call_id(self) -> str:
        """The Call-ID, empty where it cannot be read."""
        return self.key[0]

    def parsed(self) -> Request | Response:
        """Return the message."""
        return parse_message(self.captured.data)


def seen(captured: CapturedMessage) -> tuple[Seen, Request | Response] | None:
    """Return a message that matters, parsed; None for another one or what cannot be read at all."""
    try:
        message = parse_message(captured.data)
        method = message.method if isinstance(message, Request) else message.cseq.method
    except ScscfError:
        return None
    if method not in METHODS or not _is_reg(message, method):
        return None
    try:
        key = key_of(message)
    except SipError:
        key = (message.get("call-id") or "", "", method, "")
    return Seen(captured, key, isinstance(message, Request)), message


def identity(uri: Uri) -> str:
    """Return the canonical form of an identity, its text where it has none."""
    try:
        return aor_of(uri)
    except SipError:
        return uri.text


def private_identity(request: Request) -> str | None:
    """Return by whose credentials a REGISTER is, None where it does not say so."""
    for value in request.get_all("authorization"):
        try:
            name = parse_credentials(value).params.get("username")
        except SipError:
            continue
        if name:
            return name
    return None


def listens_at(request: Request) -> int:
    """Return the port that whoever sends a request is reached at: a stream leaves from a port of its own."""
    try:
        return request.via.port or 5060
    except SipError:
        return 5060


def has_user(request: Request) -> bool:
    """Tell whether the Request-URI names a user or a number."""
    try:
        return request.uri.scheme == "tel" or bool(request.uri.user)
    except SipError:
        return False


def _is_reg(message: Request | Response, method: str) -> bool:
    """Tell whether a message may be about registrations: it is for no other event package."""
    if method == "REGISTER" or not isinstance(message, Request):
        return True
    value = message.get("event")
    return value is None or value.partition(";")[0].strip() in ("reg", "")
