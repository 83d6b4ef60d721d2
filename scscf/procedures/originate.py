"""Requests of users of ours: who sends it, services, and on to whom it is for (TS 24.229 §5.4.3.2)."""

from scscf.errors import SipError
from scscf.procedures.authenticate import Challenge
from scscf.procedures.forward import Proxied
from scscf.procedures.invoke import invoke
from scscf.procedures.legs import leg_onward
from scscf.procedures.own_uri import is_own
from scscf.procedures.sender import Sender, sender
from scscf.procedures.state import HomeDomain, Node
from scscf.procedures.terminate import Called, find_called, terminate
from scscf.procedures.way import Way, served_aor
from scscf.profile.filter_criteria import SessionCase
from scscf.proxy.forwarded import write_route
from scscf.proxy.private_headers import ASSERTED, add_charging_vector, asserted_identities
from scscf.proxy.proxying import Chain
from scscf.sip.address import parse_addresses
from scscf.sip.credentials import parse_credentials
from scscf.sip.message import Request
from scscf.sip.uri import parse_uri


async def originate(proxied: Proxied, way: Way) -> None:
    """Answer a request of a user of ours. Raises SipError: 403 where they may not send it, 404, 416, 480.

    Their identity is the one that a trusted peer asserts, or the one that they prove with a digest (407); in the
    dialect ims it must be registered and not barred (TS 24.229 §5.4.3.2 [from memory]).
    """
    node, request, domain = proxied.node, way.request, way.domain
    who = await sender(node, proxied.call, domain, proxy=True)
    if isinstance(who, Challenge):
        response = proxied.call.request.response(who.status, to_tag=node.identifiers.tag())
        response.headers += who.headers
        proxied.call.answer(response)
        return
    _use_up_credentials(request, domain.config.realm)
    if domain.dialect.private_headers:
        served, case = await _served(node, domain, request, who)
        _assert(node, request, domain, served)
        chain = Chain(domain.config.name, served.aor, case, served.identity.service_profile)
        write_route(request, way.route)
        if await invoke(proxied, request, chain, domain):
            return
    await onward(proxied, request, way.route)


async def onward(proxied: Proxied, request: Request, route: tuple[str, ...]) -> None:
    """Send a request on to whom it is for: by its Route, to a user of ours, or to another network (RFC 3263).

    Raises SipError: 404 for a tel URI that nobody here has, since no ENUM is asked.
    """
    node, uri = proxied.node, request.uri
    if not route:
        home = node.domain_of(uri.host) or (node.domains[0] if is_own(node, uri) or uri.scheme == "tel" else None)
        if home is not None:
            await terminate(proxied, request, home)
            return
    if not uri.is_sip and not route:
        raise SipError(416)
    proxied.finish(await proxied.forward([[leg_onward(proxied, request)]]))


async def _served(node: Node, domain: HomeDomain, request: Request, who: Sender) -> tuple[Called, SessionCase]:
    """Return the served user and the session case. Raises SipError(403) for who may not send."""
    called = None
    for uri in who.asserted or (parse_uri(who.name),):
        called = called or await find_called(node, domain, uri)
    if called is None or called.identity.barred:
        raise SipError(403)
    if called.registered:
        preferred = _preferred(node, domain, request, called)
        return preferred or called, SessionCase.ORIGINATING_REGISTERED
    if who.private_identity is None and "p-served-user" in request:
        return called, SessionCase.ORIGINATING_UNREGISTERED
    raise SipError(403, "Not Registered")


def _preferred(node: Node, domain: HomeDomain, request: Request, called: Called) -> Called | None:
    """Return the identity that P-Preferred-Identity names, where it is one of the same set (RFC 3325 §6)."""
    if "p-preferred-identity" not in request or called.record is None:
        return None
    for address in parse_addresses(request.get_all("p-preferred-identity"))[:2]:
        preferred = served_aor(node, domain, address.uri)
        for identity in called.record.identities_with(called.aor):
            if identity.uri == preferred and not identity.barred and not identity.wildcarded:
                return called._replace(aor=preferred, identity=identity)
    return None


def _assert(node: Node, request: Request, domain: HomeDomain, served: Called) -> None:
    """Write what the network says of the sender (TS 24.229 §5.4.3.2 steps 4 and 5 [from memory])."""
    if "p-preferred-identity" in request:
        request.remove("p-preferred-identity")
    identities = served.record.identities_with(served.aor) if served.record is not None else ()
    if ASSERTED not in request:
        request.add("P-Asserted-Identity", asserted_identities(identities, served.aor))
    elif len(request.values(ASSERTED)) == 1 and not served.aor.startswith("tel:"):
        request.set("P-Asserted-Identity", asserted_identities(identities, served.aor))
    add_charging_vector(request, node.identifiers.hex(12), domain.config.name)


def _use_up_credentials(request: Request, realm: str) -> None:
    """Take out the credentials for our realm: the next hop has no use for them (RFC 3261 §22.3)."""
    if "proxy-authorization" not in request:
        return
    others = []
    for value in request.get_all("proxy-authorization"):
        if parse_credentials(value).params.get("realm") != realm:
            others.append(value)
    request.remove("proxy-authorization")
    for value in others:
        request.add("Proxy-Authorization", value)
