"""What comes where: a request is for us, inside a dialog, from a user of ours or for one (TS 24.229 §5.4.3.1)."""

from typing import NamedTuple

from scscf.enums import Named
from scscf.errors import SipError
from scscf.procedures.own_uri import is_own
from scscf.procedures.state import HomeDomain, Node
from scscf.proxy.forwarded import forwarded, write_route
from scscf.proxy.proxying import ORIGINAL_DIALOG
from scscf.proxy.record_route import DialogRoute, read_route_user
from scscf.sip.message import Request
from scscf.sip.outbox import Flow
from scscf.sip.uri import Uri
from scscf.sip.uri_comparison import aor_of

ORIGINATING_USER = "orig"
"""User part, or URI parameter, that marks the Service-Route of a user of ours (RFC 3608, TS 24.229 §5.4.1.2.2)."""


class Kind(Named):
    """What is done with a request."""

    LOCAL = "it is for this node itself"
    IN_DIALOG = "it follows the route of its dialog"
    FROM_SERVER = "an application server has sent it back"
    ORIGINATING = "a user of ours sends it"
    TERMINATING = "it is for a user of ours"


class Way(NamedTuple):
    """Where a request came to, and where it goes on."""

    kind: Kind
    domain: HomeDomain
    request: Request
    """The request without the Route values that led here; its headers may be changed."""
    route: tuple[str, ...] = ()
    """The Route values after ours."""
    mark: str = ""
    """User part and original dialog identifier of the Route value that led here."""
    chain: str = ""
    """The original dialog identifier."""
    dialog: DialogRoute | None = None


def way_of(node: Node, request: Request, flow: Flow) -> Way:
    """Return what is done with a request other than REGISTER. Raises the SipError that refuses it.

    404 or, where it would have been forwarded no further, 483: a request for another domain from nobody of ours. Who
    sends in the name of a user of ours is asked to prove it, but for trusted peers and this node itself, whose request
    comes back where a Contact names one of its own users.
    """
    if "route" not in request and _is_local(node, request, request.uri):
        return Way(Kind.LOCAL, _domain(node, request, request.uri), request)
    copy = forwarded(request)
    own, rest = _own_and_rest(node, copy)
    uri = copy.uri
    marks = [marked for marked in own if marked.user or marked.params]
    user = next((marked.user for marked in own if marked.user), "") or ""
    token = next((marked.parameter(ORIGINAL_DIALOG) for marked in marks if marked.parameter(ORIGINAL_DIALOG)), "") or ""
    mark = f"{user};{token}"
    if not rest and _is_local(node, copy, uri):
        return Way(Kind.LOCAL, _domain(node, copy, uri), copy)
    if request.to.tag is not None:
        for marked in own:
            dialog = read_route_user(
                node.proxying.key, marked.user or "", request.call_id, request.from_.tag or "", request.to.tag
            )
            if dialog is not None:
                return Way(Kind.IN_DIALOG, node.domains[0], copy, rest, mark, dialog=dialog)
        if request.method not in ("INVITE", "SUBSCRIBE", "MESSAGE", "OPTIONS", "REFER", "PUBLISH"):
            raise SipError(481)
    if token:
        return Way(Kind.FROM_SERVER, node.domains[0], copy, rest, mark, token)
    sender = node.domain_of(request.from_.uri.host)
    domain = _domain_or_none(node, copy, uri)
    if any(marked.user == ORIGINATING_USER or marked.parameter(ORIGINATING_USER) is not None for marked in own):
        return Way(Kind.ORIGINATING, sender or domain or node.domains[0], copy, rest, mark)
    believed = node.is_trusted(flow) or (flow.remote[0] in node.own_hosts and flow.remote[1] in node.own_ports)
    if sender is not None and (rest or domain is None or not believed):
        return Way(Kind.ORIGINATING, sender, copy, rest, mark)
    if domain is None or rest:
        raise SipError(483 if request.max_forwards == 0 else 404)
    return Way(Kind.TERMINATING, domain, copy, rest, mark)


def _own_and_rest(node: Node, copy: Request) -> tuple[list[Uri], tuple[str, ...]]:
    """Take our values off the top of the Route, after undoing what a strict router did to them (RFC 3261 §16.4)."""
    if "route" not in copy:
        return [], ()
    route = list(copy.route)
    if is_own(node, copy.uri) and copy.uri.parameter("lr") is not None:
        own = [copy.uri]
        copy.uri_text = route.pop().uri.text
    else:
        own = []
    taken = 0
    for address in route:
        if not is_own(node, address.uri):
            break
        own.append(address.uri)
        taken += 1
    rest = tuple(str(address) for address in route[taken:])
    write_route(copy, rest)
    return own, rest


def _is_local(node: Node, request: Request, uri: Uri) -> bool:
    """Tell whether a request is for this node: nobody of the domain is named, or the registration event is asked for.

    A To tag that a Request-URI without user part comes with is of a dialog with this node itself. A tel URI leads
    nowhere but to a user of ours, whose notifier this node is (TS 24.229 §5.4.2.1).
    """
    domain = _domain_or_none(node, request, uri)
    if domain is None:
        return False
    if uri.is_sip and uri.user is None:
        return True
    if request.method != "SUBSCRIBE":
        return False
    event = request.event
    return event is None or event[0] == domain.dialect.package.name


def _domain(node: Node, request: Request, uri: Uri) -> HomeDomain:
    return _domain_or_none(node, request, uri) or node.domains[0]


def _domain_or_none(node: Node, request: Request, uri: Uri) -> HomeDomain | None:
    """Return whose user a Request-URI names: by its host, by the To where the host is ours, by who has a tel URI."""
    domain = node.domain_of(uri.host)
    if domain is None and is_own(node, uri):
        domain = node.domain_of(request.to.uri.host) or node.domains[0]
    if domain is None and uri.scheme == "tel":
        domain = node.domains[0]
    return domain


def served_aor(node: Node, domain: HomeDomain, uri: Uri) -> str:
    """Return the address of record that a Request-URI names."""
    return node.aor_in(domain, uri) if uri.is_sip else aor_of(uri)
