"""Quirks of what a REGISTER or SUBSCRIBE is answered, and of what is understood of it."""

import re
from collections.abc import Callable

from scscf.errors import SipError
from scscf.quirks.documents import gruu_of
from scscf.quirks.quirk import Ground
from scscf.sip.credentials import Credentials, parse_credentials
from scscf.sip.grammar import quote
from scscf.sip.message import Request, Response

_EXPIRES = re.compile(r"(;expires=)([0-9]{1,10})(?=;|$)", re.IGNORECASE)
_ASKED = re.compile(r"(;\s*expires\s*=\s*)([0-9]{1,10})", re.IGNORECASE)
_INSTANCE = re.compile(r';\+sip\.instance="(<[^">]+>)"', re.IGNORECASE)
_PUBLIC_GRUU = re.compile(r'(;pub-gruu=)("[^"]*")', re.IGNORECASE)
_KNOWN_OPTIONS = ("path", "gruu", "outbound", "sec-agree")
_PASSED_ON = ("username", "realm", "uri", "algorithm", "integrity-protected")


def shorter_expiry(request: Request, response: Response, _ground: Ground) -> None:
    """Grant a tenth less than what the registrar keeps to."""
    if request.method == "REGISTER" and response.status == 200:
        _change_contacts(
            response, lambda value: _EXPIRES.sub(lambda found: f"{found[1]}{_tenth_less(found[2])}", value)
        )


def missing_tel(_request: Request, response: Response, _ground: Ground) -> None:
    """Leave tel URIs out of P-Associated-URI."""
    values = response.values("p-associated-uri")
    kept = [value for value in values if not value.lstrip("<").startswith("tel:")]
    if len(kept) < len(values):
        response.remove("p-associated-uri")
        for value in kept:
            response.add("P-Associated-URI", value)


def gruu_unasked(request: Request, response: Response, _ground: Ground) -> None:
    """Give each instance a public GRUU, whether its UE supports GRUUs or not."""
    if request.method == "REGISTER" and response.status == 200:
        aor = request.to.uri.text
        _change_contacts(response, lambda value: _with_gruu(value, aor))


def _with_gruu(value: str, aor: str) -> str:
    instance = _INSTANCE.search(value)
    if instance is None or _PUBLIC_GRUU.search(value):
        return value
    return f"{value};pub-gruu={quote(gruu_of(aor, instance[1]))}"


def lower_case_gruu(request: Request, response: Response, _ground: Ground) -> None:
    """Write public GRUUs in lower case."""
    if request.method == "REGISTER":
        _change_contacts(response, lambda value: _PUBLIC_GRUU.sub(lambda found: f"{found[1]}{found[2].lower()}", value))


def empty_contact_on_query(request: Request, response: Response, _ground: Ground) -> None:
    """Answer the question which contacts there are with an empty one."""
    if request.method == "REGISTER" and response.status == 200 and "contact" not in request:
        response.remove("contact")
        response.add("Contact", "")


def service_route_on_deregister(request: Request, response: Response, ground: Ground) -> None:
    """Give a Service-Route to who leaves."""
    if request.method == "REGISTER" and response.status == 200 and "service-route" not in response:
        for value in ground.service_route():
            response.add("Service-Route", value)


def error_500_for_481(_request: Request, response: Response, _ground: Ground) -> None:
    """Say 500 of a dialog that is not there."""
    if response.status == 481:
        response.status, response.reason = 500, "Server Internal Error"


def no_min_expires(request: Request, ground: Ground) -> None:
    """Take too brief an expiry for the least one, in place of 423."""
    if request.method not in ("REGISTER", "SUBSCRIBE"):
        return
    least = ground.min_expires(request)
    asked = request.get("expires")
    if asked is not None and _too_brief(asked, least):
        request.set("Expires", str(least))
    if request.method == "REGISTER":
        _change_contacts(
            request,
            lambda value: _ASKED.sub(
                lambda found: f"{found[1]}{least}" if _too_brief(found[2], least) else found[0], value
            ),
        )


def accept_ignored(request: Request, _ground: Ground) -> None:
    """Send a document to who cannot read it, in place of 406."""
    if request.method == "SUBSCRIBE":
        request.remove("accept")


def require_ignored(request: Request, _ground: Ground) -> None:
    """Serve a request that requires what is not understood, in place of 420."""
    if request.method in ("REGISTER", "SUBSCRIBE") and "require" in request:
        known = [tag for tag in request.values("require") if tag.lower() in _KNOWN_OPTIONS]
        request.remove("require")
        if known:
            request.add("Require", ", ".join(known))


def challenge_late(request: Request, ground: Ground) -> None:
    """Challenge who answers a challenge once more, once for each Call-ID."""
    if request.method != "REGISTER":
        return
    key = request.get("call-id")
    for value in request.get_all("authorization")[:1]:
        try:
            credentials = parse_credentials(value)
        except SipError:
            return
        if credentials.params.get("response") and not ground.memory.get("challenge-late", key):
            ground.memory.keep("challenge-late", key, True)
            request.set("Authorization", _as_if_new(credentials))


def _as_if_new(credentials: Credentials) -> str:
    """Return what a UE says that was not challenged yet (TS 24.229 §5.1.1.2.2)."""
    said = [f"{name}={quote(credentials.params[name])}" for name in _PASSED_ON if name in credentials.params]
    return f'Digest {", ".join(said)}, nonce="", response=""'


def _change_contacts(message: Request | Response, change: Callable[[str], str]) -> None:
    values = message.get_all("contact")
    changed = [change(value) for value in values]
    if changed != values:
        message.remove("contact")
        for value in changed:
            message.add("Contact", value)


def _tenth_less(seconds: str) -> int:
    return int(seconds) * 9 // 10


def _too_brief(seconds: str, least: int) -> bool:
    return seconds.isascii() and seconds.isdigit() and 0 < int(seconds[:11]) < least
