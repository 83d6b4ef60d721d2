"""Who sends a request outside REGISTER (TS 24.229 §5.4.2.1.1, §5.4.3.2, RFC 3325)."""

from typing import NamedTuple

from scscf.cx import AuthAnswer, Result
from scscf.errors import SipError
from scscf.procedures.authenticate import credentials_for, identified
from scscf.procedures.authenticate_digest import (
    Authenticated,
    Challenge,
    challenge_digest,
    judge_digest,
    refused,
    unknown,
)
from scscf.procedures.authenticate_ntlm import authenticate_ntlm, challenge_ntlm
from scscf.procedures.cx_failures import CxCommand
from scscf.procedures.state import HomeDomain, Node
from scscf.sip.address import parse_addresses
from scscf.sip.outbox import Flow
from scscf.sip.transaction_layer import ServerTransaction
from scscf.sip.uri import Uri

_PROXY = {"WWW-Authenticate": "Proxy-Authenticate"}


class Sender(NamedTuple):
    """A sender who is known."""

    name: str
    """The identity that is theirs, or the URI that a trusted peer asserts."""
    private_identity: str | None
    """None for who is known by a peer's word only."""
    asserted: tuple[Uri, ...] = ()


async def sender(node: Node, call: ServerTransaction, domain: HomeDomain, *, proxy: bool = False) -> Sender | Challenge:
    """Return who sends a request: as a trusted peer asserts it, as its flow shows it, or as it proves itself.

    The challenge is a 407 where the request is to be passed on (`proxy`). Raises SipError (400, 403, 404, 500, 504).
    """
    request = call.request
    if "p-asserted-identity" in request:
        if node.is_trusted(call.flow):
            asserted = tuple(address.uri for address in parse_addresses(request.get_all("p-asserted-identity")))
            if asserted:
                return Sender(asserted[0].text, None, asserted)
        else:
            node.ignore("P-Asserted-Identity", call.flow)
    aor = node.aor_in(domain, request.from_.uri)
    if node.config.direct_ues == "by_flow":
        private_identity = await _registered_along(node, aor, call.flow)
        if private_identity is not None:
            return Sender(aor, private_identity)
    who = await _prove(node, call, domain, aor, proxy)
    if isinstance(who, Authenticated):
        return Sender(aor, who.private_identity)
    return Challenge([(_PROXY.get(name, name), value) for name, value in who.headers], 407) if proxy else who


async def _prove(
    node: Node, call: ServerTransaction, domain: HomeDomain, aor: str, proxy: bool
) -> Authenticated | Challenge:
    """Return who proves to be the user of `aor`, or the digest challenge that they get.

    A user with a USIM cannot be challenged here, and is known by where they have registered from.
    """
    request, realm = call.request, domain.config.realm
    credentials = None
    if ("proxy-authorization" if proxy else "authorization") in request:
        given = request.proxy_authorization if proxy else request.authorization
        if domain.dialect.ntlm:
            sealed = await authenticate_ntlm(node, call, domain, aor, given)
            if sealed is not None:
                return sealed
        credentials = credentials_for(realm, given)
    private_identity, username = await identified(node, credentials, aor, realm)
    responds = credentials is not None and bool(credentials.params.get("response"))
    if private_identity is None:
        return unknown(node, domain, (username or aor) if responds else None)
    if credentials is not None and responds:
        who = await judge_digest(node, request, domain, aor, private_identity, credentials)
        if not isinstance(who, AuthAnswer):
            return who
    else:
        answer = await node.cx.multimedia_auth(private_identity, aor, realm, ntlm=domain.dialect.ntlm)
        if answer.result is not Result.SUCCESS:
            return refused(node, domain, CxCommand.MAR, request, answer.result)
        if answer.scheme == "none":
            return Authenticated(private_identity)
        if domain.dialect.ntlm and (answer.nt_hash or answer.scheme == "ntlm"):
            return challenge_ntlm(node, private_identity, aor, answer, named=bool(username))
        if answer.scheme == "digest":
            return challenge_digest(node, private_identity, aor, answer.vectors, stale=False, named=bool(username))
    if await _registered_along(node, aor, call.flow) == private_identity:
        return Authenticated(private_identity)
    raise SipError(403, "Known by Registration Only")


async def _registered_along(node: Node, aor: str, flow: Flow) -> str | None:
    """Return whose device has registered `aor` along this very flow (`direct_ues: by_flow`)."""
    record = await node.store.find(aor)
    for contact in record.contacts(aor) if record else ():
        if contact.binding.flow == flow and not contact.binding.path:
            return contact.binding.private_identity
    return None
