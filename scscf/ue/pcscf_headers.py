"""What a P-CSCF takes out of messages and puts into them (TS 24.229 §5.2.2, §5.2.6, RFC 3325 §5, RFC 7315 §4)."""

import re
from collections.abc import Sequence

from scscf.errors import SipError
from scscf.proxy.private_headers import strip_claims
from scscf.sip.message import Request, Response
from scscf.sip.uri import parse_uri
from scscf.sip.uri_comparison import aor_of
from scscf.ue.ue import uri_of

_SEC_AGREE = "sec-agree"
_KEYS = re.compile(r'\s*,?\s*\b(?:ck|ik)\s*=\s*(?:"[^"]*"|[^,\s"]+)', re.IGNORECASE)
_PROTECTED = re.compile(r'\s*,?\s*\bintegrity-protected\s*=\s*(?:"[^"]*"|[^,\s"]+)', re.IGNORECASE)


def without_agreement(request: Request) -> None:
    """Take the security agreement out: it is between the UE and us (RFC 3329 §2.3.1)."""
    for name in ("security-client", "security-verify", "security-server"):
        request.remove(name)
    for name, title in (("require", "Require"), ("proxy-require", "Proxy-Require")):
        left = [each for each in request.values(name) if each.lower() != _SEC_AGREE]
        request.remove(name)
        if left:
            request.add(title, ", ".join(left))


def without_network_headers(request: Request) -> None:
    """Take out what only the network may say of a UE."""
    strip_claims(request)
    for name in ("p-visited-network-id", "path"):
        request.remove(name)


def charge(request: Request, icid: str, network: str) -> None:
    """Add P-Charging-Vector (RFC 7315 §4.6)."""
    request.add("P-Charging-Vector", f'icid-value="{icid}";orig-ioi="{network}"')


def protect(request: Request, value: str | None) -> None:
    """Say in the credentials how a REGISTER came (TS 24.229 §7.2A.2); None says nothing, whatever the UE says."""
    said = "" if value is None else f', integrity-protected="{value}"'
    values = [_without(_PROTECTED, text) + said for text in request.get_all("authorization")]
    request.remove("authorization")
    for text in values:
        request.add("Authorization", text)


def proves_something(request: Request) -> bool:
    """Tell whether a REGISTER answers a challenge; an initial one came over no security association."""
    return any(each.params.get("nonce") and each.params.get("response") for each in request.authorization)


def assert_identity(request: Request, associated: Sequence[str]) -> None:
    """Assert who sends: the identity that it prefers among its own, else its default one (TS 24.229 §5.2.6.3)."""
    preferred = [uri_of(value) for value in request.values("p-preferred-identity")]
    request.remove("p-preferred-identity")
    chosen = next((each for each in preferred if any(_is_same(each, own) for own in associated)), None)
    if chosen is None and associated:
        chosen = associated[0]
    if chosen is not None:
        request.add("P-Asserted-Identity", f"<{chosen}>")


def hide_keys(response: Response) -> None:
    """Take CK and IK out of a challenge: they are for us (TS 24.229 §5.2.2.2)."""
    values = [_without(_KEYS, text) for text in response.get_all("www-authenticate")]
    response.remove("www-authenticate")
    for text in values:
        response.add("WWW-Authenticate", text)


def _without(params: re.Pattern[str], value: str) -> str:
    scheme, _, rest = value.strip().partition(" ")
    return f"{scheme} {params.sub('', rest).lstrip(', ')}"


def _is_same(first: str, second: str) -> bool:
    try:
        return aor_of(parse_uri(first)) == aor_of(parse_uri(second))
    except SipError:
        return False
