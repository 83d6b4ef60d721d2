"""What is put up with by default and refused with `strict: true`: each rule with its clause."""

from collections.abc import Callable
from ipaddress import IPv6Address

from scscf.errors import SipError
from scscf.sip.credentials import parse_credentials
from scscf.sip.message import Request


def _commas_in_credentials(request: Request) -> None:
    """RFC 7616 §3.4: parameters are separated by one comma each."""
    for value in request.get_all("authorization"):
        parse_credentials(value, strict=True)


def _to_tag_of_no_dialog(request: Request) -> None:
    """RFC 3261 §12.2.2: a REGISTER makes no dialog, so its To has no tag that anybody gave out."""
    if request.method == "REGISTER" and request.to.tag is not None:
        raise SipError(481)


def _mandatory_fields(request: Request) -> None:
    """RFC 3261 §8.1.1: Max-Forwards and the From tag are mandatory; RFC 2543 knew them not."""
    if request.max_forwards is None:
        raise SipError(400, "Missing Max-Forwards header")
    if request.from_.tag is None:
        raise SipError(400, "Missing tag in From header")


def _branch_with_cookie(request: Request) -> None:
    """RFC 3261 §8.1.1.7: a branch begins with z9hG4bK; without it RFC 2543's matching is taken."""
    if not (request.via.branch or "").lower().startswith("z9hg4bk"):
        raise SipError(400, "Via Branch Without z9hG4bK")


def _ipv6_addresses(request: Request) -> None:
    """RFC 4291 §2.2: an IPv6 address has eight groups, or a `::`."""
    hosts = [request.uri.host, request.via.host, *(contact.uri.host for contact in request.contacts)]
    for host in hosts:
        if ":" in host:
            try:
                IPv6Address(host)
            except ValueError:
                raise SipError(400, "Bad IPv6 Address") from None


def _bracketed_routes(request: Request) -> None:
    """RFC 3261 §20.34: a Route is a name-addr, so that its parameters belong to the URI."""
    for value in request.values("route"):
        if "<" not in value:
            raise SipError(400, "Route Without Angle Brackets")


RULES: tuple[Callable[[Request], None], ...] = (
    _commas_in_credentials,
    _to_tag_of_no_dialog,
    _mandatory_fields,
    _branch_with_cookie,
    _ipv6_addresses,
    _bracketed_routes,
)


def check_strictly(request: Request) -> None:
    """Raise the SipError of the first rule that a request breaks."""
    for rule in RULES:
        rule(request)
