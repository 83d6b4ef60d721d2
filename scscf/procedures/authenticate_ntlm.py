"""NTLM: a handshake in two 401s, and then a signature on every message (MS-SIPAE §3.2, §3.3)."""

import logging
from base64 import b64decode
from collections.abc import Iterable

from scscf.auth import ntlm
from scscf.auth.security_associations import SecurityAssociation, SecurityAssociations, State
from scscf.cx import AuthAnswer, Result
from scscf.dialects.siprege import endpoint_of
from scscf.errors import SipError
from scscf.procedures.authenticate_digest import Authenticated, Challenge, challenge_digest, refused, unknown
from scscf.procedures.cx_failures import CxCommand
from scscf.procedures.endpoint_call import EndpointCall
from scscf.procedures.permit import permit
from scscf.procedures.state import HomeDomain, Node
from scscf.sip.credentials import Credentials
from scscf.sip.date import sip_date
from scscf.sip.transaction_layer import ServerTransaction

log = logging.getLogger("scscf")

_VERSIONS = ("2", "3", "4")
_SIGNS_AT_ONCE = 4
"""From this version on the message that answers the challenge is signed too (MS-SIPAE §4.1)."""
_CHALLENGE_OCTETS = 8
_OPAQUE_OCTETS = 4
_LONGEST_TOKEN = 12_000
"""Characters of gssapi-data that are looked at."""
_LONGEST_NAME = 255
"""Characters of an address of record, and of what names an endpoint, that a handshake is kept for."""


def challenge_ntlm(node: Node, private_identity: str, aor: str, answer: AuthAnswer, *, named: bool) -> Challenge:
    """Offer NTLM, and digest too to a user who has a password for it. Raises SipError(403) where neither can be had."""
    headers: list[tuple[str, str]] = []
    if node.associations is not None:
        headers.append(("WWW-Authenticate", node.associations.first_challenge()))
    if answer.vectors:
        headers += challenge_digest(node, private_identity, aor, answer.vectors, stale=False, named=named).headers
    if not headers:
        raise SipError(403, "NTLM Is Not Offered")
    return Challenge([*headers, ("Date", sip_date(int(node.now())))])


async def authenticate_ntlm(
    node: Node, call: ServerTransaction, domain: HomeDomain, aor: str, given: Iterable[Credentials]
) -> Authenticated | Challenge | None:
    """Judge the NTLM credentials of a request for `aor`; None where it has none.

    Whatever is not right is met with a new handshake, a wrong password with 403 in the end. Raises SipError
    (400, 403, 404, 500, 504).
    """
    associations = node.associations
    credentials = next((each for each in given if each.scheme == "ntlm"), None)
    if associations is None or credentials is None:
        return None
    token, endpoint = credentials.params.get("gssapi-data"), endpoint_of(call.request)
    if token == "":
        return _begun(node, associations, aor, endpoint)
    association = associations.find(credentials, endpoint, node.now())
    if association is None:
        return _anew(node, associations)
    if token is None:
        return await _signed(node, call, domain, aor, credentials, associations, association)
    return await _answered(node, call, domain, aor, credentials, associations, association, token)


def recognise(node: Node, call: EndpointCall) -> None:
    """See whether a request is within a security association: then its answers are signed, whatever becomes of it.

    Inside a dialog nobody is challenged but for a signature that is wrong; elsewhere that is left to whoever asks who
    the sender is. Raises SipError(400, 401).
    """
    request, associations = call.request, node.associations
    if associations is None:
        return
    for given in (request.authorization, request.proxy_authorization):
        for credentials in given:
            params = credentials.params
            if credentials.scheme != "ntlm" or "response" not in params or "gssapi-data" in params:
                continue
            association = associations.find(credentials, endpoint_of(request), node.now())
            if association is not None and _is_right(call, credentials, association):
                _seal(call, associations, association)
            elif request.to.tag is not None:
                raise SipError(401, headers=_anew(node, associations).headers)


def _begun(node: Node, associations: SecurityAssociations, aor: str, endpoint: str) -> Challenge:
    """Answer an empty token with the CHALLENGE of a new security association (MS-SIPAE §3.3.5.1)."""
    if len(aor) > _LONGEST_NAME or len(endpoint) > _LONGEST_NAME:
        raise SipError(400, "Endpoint Identifier Too Long")
    identifiers = node.identifiers
    server_challenge = bytes.fromhex(identifiers.hex(_CHALLENGE_OCTETS))
    opaque = identifiers.hex(_OPAQUE_OCTETS).upper()
    while opaque in associations:
        opaque = identifiers.hex(_OPAQUE_OCTETS).upper()
    value = associations.open(opaque, server_challenge, node.now(), aor, endpoint)
    return Challenge([("WWW-Authenticate", value), ("Date", sip_date(int(node.now())))])


def _anew(node: Node, associations: SecurityAssociations) -> Challenge:
    """Ask for a handshake from the beginning."""
    return Challenge([("WWW-Authenticate", associations.first_challenge()), ("Date", sip_date(int(node.now())))])


async def _answered(
    node: Node,
    call: ServerTransaction,
    domain: HomeDomain,
    aor: str,
    credentials: Credentials,
    associations: SecurityAssociations,
    association: SecurityAssociation,
    token: str,
) -> Authenticated | Challenge:
    """Take the AUTHENTICATE message that answers our CHALLENGE: the security association is there, or is not."""
    if association.state is not State.CHALLENGED or association.aor != aor:
        raise SipError(400, "Not the Answer to a Challenge")
    try:
        message = ntlm.read_authenticate(_octets(token))
    except ntlm.NtlmError as error:
        associations.end(association)
        log.info("gssapi-data of %s is no NTLM message: %s", call.flow.remote[0], error)
        raise SipError(400, "Bad gssapi-data in Authorization") from None
    if message.version < node.config.siprege.ntlm_min_version:
        associations.end(association)
        log.info(
            "%s of %s answers with NTLMv%d: siprege.ntlm_min_version is %d",
            message.user,
            call.flow.remote[0],
            message.version,
            node.config.siprege.ntlm_min_version,
        )
        raise SipError(403, f"NTLMv{message.version} Is Not Taken Here")
    realm = domain.config.realm
    name = f"{message.domain}\\{message.user}" if message.domain else message.user
    private_identity = await node.cx.identify(name, aor, realm, ntlm=True)
    if private_identity is None:
        associations.end(association)
        unknown(node, domain, message.user)
        return _anew(node, associations)
    if (
        await node.store.find_device(private_identity) is None
        and await permit(node, call, domain, private_identity, aor) is not None
    ):
        return _anew(node, associations)
    answer = await node.cx.multimedia_auth(private_identity, aor, realm, ntlm=True)
    if answer.result is not Result.SUCCESS:
        associations.end(association)
        refused(node, domain, CxCommand.MAR, call.request, answer.result)
        return _anew(node, associations)
    if association.state is not State.CHALLENGED:
        return _anew(node, associations)
    now = node.now()
    keys = _keys(association, message, answer.nt_hash)
    if keys is None:
        associations.end(association)
        if node.challenges.failed(private_identity, now) >= node.config.auth.failures:
            raise SipError(403, "Authentication Failed")
        return _anew(node, associations)
    version = credentials.params.get("version", "")
    associations.establish(association, private_identity, keys, now, int(version) if version in _VERSIONS else 0)
    if (association.version >= _SIGNS_AT_ONCE or "response" in credentials.params) and not _is_right(
        call, credentials, association
    ):
        associations.end(association)
        return _anew(node, associations)
    node.challenges.succeeded(private_identity)
    _seal(call, associations, association)
    return Authenticated(private_identity, answered=True)


async def _signed(
    node: Node,
    call: ServerTransaction,
    domain: HomeDomain,
    aor: str,
    credentials: Credentials,
    associations: SecurityAssociations,
    association: SecurityAssociation,
) -> Authenticated | Challenge:
    """Take a request within a security association: its signature is right, and it has not come before."""
    private_identity = association.private_identity
    is_recognised = isinstance(call, EndpointCall) and call.association is association
    if private_identity is None or not (is_recognised or _is_right(call, credentials, association)):
        return _anew(node, associations)
    if association.aor != aor:
        answer = await node.cx.multimedia_auth(private_identity, aor, domain.config.realm, ntlm=True)
        if answer.result is not Result.SUCCESS:
            return refused(node, domain, CxCommand.MAR, call.request, answer.result)
    _seal(call, associations, association)
    return Authenticated(private_identity, answered=True)


def _keys(association: SecurityAssociation, message: ntlm.Authenticate, nt_hash: bytes) -> ntlm.MessageKeys | None:
    """Return the keys that come of the right password, None for a wrong one."""
    if not nt_hash:
        return None
    try:
        return ntlm.accept(association.challenge, message, nt_hash)
    except ntlm.NtlmError as error:
        log.info("an NTLM message is no answer to its challenge: %s", error)
        return None


def _is_right(call: ServerTransaction, credentials: Credentials, association: SecurityAssociation) -> bool:
    return association.verify(credentials, call.request) and association.take(credentials)


def _seal(call: ServerTransaction, associations: SecurityAssociations, association: SecurityAssociation) -> None:
    """Have the answers to a request signed, and what is sent to its endpoint from now on."""
    associations.use(association, call.flow.remote)
    if isinstance(call, EndpointCall):
        call.association = association


def _octets(token: str) -> bytes:
    """Return the octets of gssapi-data. Raises NtlmError for what is no base64, or is too long."""
    if len(token) > _LONGEST_TOKEN:
        raise ntlm.NtlmError("too long")
    try:
        return b64decode(token, validate=True)
    except ValueError:
        raise ntlm.NtlmError("no base64") from None
