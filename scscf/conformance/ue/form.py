"""What can be seen of a request by itself: the fields that RFC 3261 §8.1.1 has in every one, and REGISTER's own."""

import re
from collections.abc import Iterator

from scscf.conformance.asking import Asking
from scscf.conformance.finding import Found
from scscf.conformance.ue.profile import UeProfile
from scscf.errors import SipError
from scscf.sip.message import Request, Response
from scscf.sip.uri_comparison import aor_of
from scscf.sip.validity import check_request

_COOKIE = "z9hG4bK"
_TAKES_REGINFO = frozenset({"application/reginfo+xml", "application/*", "*/*"})
_STREAMS = frozenset({"tcp", "tls"})
USUAL_EXPIRES = 600000
"""What a UE asks for, in seconds (TS 24.229 §5.1.1.2.1)."""
_SECONDS = re.compile(r"\s*([0-9]{1,9})")


def retry_after(response: Response) -> int | None:
    """Return the seconds of Retry-After, None where there is none (RFC 3261 §20.33)."""
    found = _SECONDS.match(response.get("retry-after") or "")
    return int(found[1]) if found else None


def unreadable(request: Request) -> Found | None:
    """Return what makes a request unfit for any further look, None for one that can be read."""
    try:
        check_request(request)
        _ = request.vias, request.authorization, request.event, request.route
    except SipError as error:
        check = "content-length-wrong" if "Content-Length" in (error.reason or "") else "malformed-request"
        return check, f"{request.method[:32]}: {error}"
    return None


def form(request: Request) -> Iterator[Found]:
    """Yield what is wrong with the frame of any request that can be read.

    The UE's own Via is the lowest; only the UE itself is judged by what it sends on a stream.
    """
    method = request.method
    via = request.vias[-1]
    if via.branch is None or not via.branch.startswith(_COOKIE):
        yield "via-branch-without-cookie", f"{method} has the branch {via.branch or '(none)'}."
    if request.max_forwards is None:
        yield "max-forwards-missing", f"{method} has no Max-Forwards."
    if not request.from_.tag:
        yield "from-tag-missing", f"From of {method} is {request.get('from')}."
    if "content-length" not in request and via.transport in _STREAMS and not request.is_relayed:
        yield "content-length-wrong", f"{method} over {via.transport.upper()} has no Content-Length."


def subscribe_form(request: Request, profile: UeProfile) -> Iterator[Found]:
    """Yield what is wrong with a SUBSCRIBE for registration state by itself."""
    if len(request.contacts) != 1:
        yield "subscribe-without-contact", f"A SUBSCRIBE has {len(request.contacts)} contacts."
    accepted = [value.partition(";")[0].strip().lower() for value in request.values("accept")]
    if not _TAKES_REGINFO.intersection(accepted) and ("accept" in request or profile.strict):
        yield "accept-without-reginfo", f"Accept of a SUBSCRIBE is {request.get('accept') or '(absent)'}."
    expires = request.expires
    if profile.strict and expires != 0 and (expires is None or expires < USUAL_EXPIRES):
        yield "not-600000", f"A SUBSCRIBE asks for {expires} s, {USUAL_EXPIRES} s are due."


def register_form(asking: Asking, profile: UeProfile) -> Iterator[Found]:
    """Yield what is wrong with a REGISTER by itself."""
    request = asking.request
    if request.to.tag is not None:
        yield "to-tag-outside-dialog", f"To of a REGISTER is {request.get('to')}."
    if aor_of(request.from_.uri) != asking.aor:
        yield "to-differs-from-from", f"To is {request.to.uri}, From is {request.from_.uri}."
    if request.uri.user is not None:
        yield "register-uri-with-user", f"The Request-URI is {request.uri_text}."
    yield from _contacts_form(asking)
    if profile.strict and request.route and not request.is_relayed:
        yield "register-with-route", f"Route is {request.get('route')}."
    asked = [contact.seconds for contact in asking.kept if not contact.is_emergency]
    if profile.strict and any(seconds is None or seconds < USUAL_EXPIRES for seconds in asked):
        yield "not-600000", f"A REGISTER asks for {_seconds(asked)} s, {USUAL_EXPIRES} s are due."


def _contacts_form(asking: Asking) -> Iterator[Found]:
    header = asking.request.expires
    if asking.star and header != 0:
        yield "star-with-expires", f"Contact is *, Expires is {'absent' if header is None else header}."
    if asking.is_query and header == 0:
        yield "deregister-without-contact", "A REGISTER with Expires 0 has no Contact."
    for contact in asking.contacts:
        if contact.uri.parameter("gr") is not None:
            yield "gruu-as-contact", f"Contact of a REGISTER is {contact.uri}."
            return


def _seconds(values: list[int | None]) -> str:
    return ", ".join("an unnamed number of" if value is None else str(value) for value in values)
