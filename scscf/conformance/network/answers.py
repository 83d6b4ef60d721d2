"""What can be seen of any answer by itself and beside its request (RFC 3261 §8.2.6, §21, RFC 4320 §4)."""

import binascii
from base64 import b64decode
from collections.abc import Iterator

from scscf.conformance.finding import Found
from scscf.errors import SipError
from scscf.sip.credentials import parse_credentials
from scscf.sip.grammar import parse_delta_seconds
from scscf.sip.message import Request, Response
from scscf.sip.uri_comparison import same_uri
from scscf.sip.validity import check_response

_OWN_FIELDS = {
    405: ("allow", "allow-missing"),
    420: ("unsupported", "unsupported-missing"),
    489: ("allow-events", "allow-events-missing"),
    494: ("security-server", "security-server-missing"),
}
"""Status → the field that it cannot do without, and the check."""

_LEAST_AKA_NONCE = 32
_AN_HOUR = 3600
_REGISTERED_OPTIONS = frozenset(
    """100rel 199 answermode early-session eventlist explicitsub from-change geolocation-http geolocation-sip gin gruu
    histinfo ice join multiple-refer norefersub nosub outbound path policy precondition pref privacy record-aware
    recipient-list-invite recipient-list-message recipient-list-subscribe replaces resource-priority sdp-anat
    sec-agree siprec tdialog timer trickle-ice uui""".split()  # noqa: SIM905  # as the registry lists them
)
"""Option tags that IANA lists; what else a Require names is understood only where it is made up."""


def unreadable(response: Response) -> str | None:
    """Return why an answer is unfit for any further look, None for one that can be read."""
    if not check_response(response):
        return "a field that every answer has is missing, twice there or malformed"
    try:
        _ = response.contacts if "" not in response.get_all("contact") else None
    except SipError as error:
        return error.reason
    return None


def form(request: Request, response: Response) -> Iterator[Found]:
    """Yield what is wrong with the frame of an answer that can be read."""
    status, method = response.status, request.method
    said = f"{status} to {method}"
    changed = [name for name, same in _copied(request, response) if not same]
    if changed:
        yield "answer-fields-changed", f"{said} does not repeat {', '.join(changed)} of the request."
    if status == 100:
        return
    if response.to.tag is None:
        yield "answer-without-to-tag", f"{said} has no To tag."
    if status < 200:
        yield "provisional-answer", f"{method} is answered {status}."
        return
    if status == 408:
        yield "answered-408", f"{method} is answered 408."
    field = _OWN_FIELDS.get(status)
    if field is not None and not (response.get(field[0]) or "").strip():
        yield field[1], f"{said} has no {field[0].title()}."
    if status == 401:
        yield from _challenge(response)
    if status == 423:
        yield from _min_expires(request, response)
    if 200 <= status < 300:
        unknown = sorted({tag.lower() for tag in request.values("require")} - _REGISTERED_OPTIONS - {""})
        if unknown:
            yield "require-ignored", f"{method} requires {', '.join(unknown)[:80]} and is answered {status}."


def _copied(request: Request, response: Response) -> Iterator[tuple[str, bool]]:
    yield "Call-ID", request.call_id == response.call_id
    yield "CSeq", request.cseq == response.cseq
    try:
        asked_from, asked_to, vias = request.from_, request.to, request.vias
    except SipError:
        return
    yield "From", same_uri(asked_from.uri, response.from_.uri) and asked_from.tag == response.from_.tag
    yield "To", same_uri(asked_to.uri, response.to.uri) and asked_to.tag in (None, response.to.tag)
    yield "Via", [via.branch for via in vias] == [via.branch for via in response.vias]


def _challenge(response: Response) -> Iterator[Found]:
    values = response.get_all("www-authenticate")
    if not values:
        yield "challenge-incomplete", "401 has no WWW-Authenticate."
    for value in values:
        try:
            credentials = parse_credentials(value)
        except SipError:
            yield "challenge-incomplete", "WWW-Authenticate cannot be read."
            continue
        if credentials.scheme.lower() != "digest":
            continue
        lacking = [name for name in ("realm", "nonce") if not credentials.params.get(name)]
        if lacking:
            yield "challenge-incomplete", f"A challenge has no {' and no '.join(lacking)}."
        elif credentials.params.get("algorithm", "").lower().startswith("aka"):
            try:
                octets = len(b64decode(credentials.params["nonce"], validate=True))
            except (binascii.Error, ValueError):
                octets = 0
            if octets < _LEAST_AKA_NONCE:
                yield "aka-nonce-malformed", f"The nonce of an AKA challenge holds {octets} octets."


def _min_expires(request: Request, response: Response) -> Iterator[Found]:
    least = parse_delta_seconds((response.get("min-expires") or "").strip())
    if least is None:
        yield "min-expires-missing", f"423 to {request.method} has no Min-Expires."
        return
    asked = [seconds for seconds in asked_seconds(request) if seconds]
    if not asked or min(asked) >= _AN_HOUR:
        said = f"{min(asked)} s were asked for" if asked else "nothing was asked for"
        yield "423-not-due", f"{request.method} is answered 423 and {said}."
    elif least <= min(asked):
        yield "423-not-due", f"{request.method} asks for {min(asked)} s and is answered 423 with Min-Expires {least}."


def asked_seconds(request: Request) -> list[int]:
    """Return the expiries that a REGISTER or SUBSCRIBE asks for, where they can be read."""
    header = parse_delta_seconds((request.get("expires") or "").strip())
    found = [] if header is None else [header]
    if request.method != "REGISTER":
        return found
    try:
        texts = [address.parameter("expires") for address in request.contacts]
    except SipError:
        return found
    return [
        seconds for text in texts if (seconds := header if text is None else parse_delta_seconds(text)) is not None
    ] or found
