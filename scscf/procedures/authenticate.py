"""Who sends a request: a digest challenge and its answer (RFC 3261 §22, TS 24.229 §5.4.1.2)."""

from typing import NamedTuple

from scscf.auth.challenges import Challenge as OpenChallenge
from scscf.auth.challenges import is_right
from scscf.auth.digest import challenge_header
from scscf.cx import DigestVector, Result
from scscf.errors import SipError
from scscf.procedures.assign import refusal
from scscf.procedures.authenticate_aka import challenge, judge
from scscf.procedures.protection import protection_of
from scscf.procedures.state import HomeDomain, Node
from scscf.registration.emergency import is_emergency
from scscf.registration.record import Device
from scscf.sip.credentials import Credentials
from scscf.sip.message import Request
from scscf.sip.outbox import Flow
from scscf.sip.transaction_layer import ServerTransaction


class Authenticated(NamedTuple):
    """A sender who is known."""

    private_identity: str
    protected: bool = False
    """A trusted P-CSCF vouches for the sender (`integrity-protected`)."""
    answered: bool = False
    """The request answers a challenge."""


class Challenge(NamedTuple):
    """A sender who is asked to prove who they are: header fields of the 401 or 407."""

    headers: list[tuple[str, str]]
    status: int = 401


async def authenticate(
    node: Node, call: ServerTransaction, domain: HomeDomain, aor: str
) -> Authenticated | Challenge:
    """Return who registers `aor`, or the challenge they get (TS 24.229 §5.4.1.2). Raises SipError (4xx, 500)."""
    request, realm = call.request, domain.config.realm
    credentials = _credentials(request.authorization, realm) if "authorization" in request else None
    private_identity, username = await _identified(node, credentials, aor, realm)
    responds = credentials is not None and bool(credentials.params.get("response"))
    if private_identity is None:
        return _unknown(node, realm, (username or aor) if responds else None)
    aka = node.challenges.aka.find(private_identity) if node.challenges.aka else None
    protection = protection_of(node, call.flow, credentials)
    if protection.done:
        return Authenticated(private_identity, protected=True)
    if credentials is not None and aka is not None and credentials.params.get("nonce") == aka.nonce:
        again = await judge(node, request, call.flow, domain, aor, aka, credentials)
        return Challenge(again) if again else Authenticated(private_identity, protection.vouched, answered=True)
    if protection.vouched and aka is None and not responds_to_digest(node, credentials, private_identity):
        device = await _registered(node, private_identity, aor)
        if device is None:
            raise SipError(500, "Not Registered Here")
        if not device.reauthenticate:
            return Authenticated(private_identity, protected=True)
        credentials, responds = None, False
    if credentials is not None and responds:
        if credentials.params.get("auts"):
            raise SipError(403, "Not the Answer to a Challenge")
        return await _verified(node, call, domain, aor, private_identity, credentials, protection.vouched)
    if await node.store.find_device(private_identity) is None:
        await _permit(node, call, private_identity, aor, realm)
    return await _challenged(node, call, domain, aor, private_identity, credentials, named=bool(username))


async def prove(
    node: Node, call: ServerTransaction, domain: HomeDomain, aor: str, *, proxy: bool = False
) -> Authenticated | Challenge:
    """Return who sends a request outside REGISTER as `aor`, or the digest challenge they get: 401, of a proxy 407.

    A user with a USIM cannot be challenged here, and is known by where they have registered from. Raises SipError
    (400, 403, 404).
    """
    request, realm = call.request, domain.config.realm
    name = "proxy-authorization" if proxy else "authorization"
    credentials = None
    if name in request:
        credentials = _credentials(request.proxy_authorization if proxy else request.authorization, realm)
    private_identity, username = await _identified(node, credentials, aor, realm)
    responds = credentials is not None and bool(credentials.params.get("response"))
    if private_identity is None:
        return _of_proxy(_unknown(node, realm, (username or aor) if responds else None), proxy)
    if credentials is not None and responds:
        return _of_proxy(await _by_digest(node, request, domain, aor, private_identity, credentials), proxy)
    answer = await node.cx.multimedia_auth(private_identity, aor, realm)
    if answer.result is not Result.SUCCESS:
        return _of_proxy(_refused(node, realm, answer.result), proxy)
    if answer.scheme == "none":
        return Authenticated(private_identity)
    if answer.scheme != "digest":
        if await registered_along(node, aor, call.flow) == private_identity:
            return Authenticated(private_identity)
        raise SipError(403, "Known by Registration Only")
    now = node.now()
    asked = _challenge(node, private_identity, aor, answer.vectors, now, stale=False, named=bool(username))
    return _of_proxy(asked, proxy)


async def registered_along(node: Node, aor: str, flow: Flow) -> str | None:
    """Return whose device has registered `aor` along this very flow (`direct_ues: by_flow`)."""
    record = await node.store.find(aor)
    for contact in record.contacts(aor) if record else ():
        if contact.binding.flow == flow and not contact.binding.path:
            return contact.binding.private_identity
    return None


def _of_proxy(who: Authenticated | Challenge, proxy: bool) -> Authenticated | Challenge:
    if not proxy or isinstance(who, Authenticated):
        return who
    return Challenge([("Proxy-Authenticate", value) for _, value in who.headers], 407)


async def _identified(
    node: Node, credentials: Credentials | None, aor: str, realm: str
) -> tuple[str | None, str | None]:
    """Return the private identity that a request is from, as far as it says, and the digest username that it has."""
    username = credentials.params.get("username") if credentials is not None else None
    if username:
        return await node.cx.identify(username, aor, realm), username
    record = await node.store.find(aor)
    if record is not None and len(record.devices) == 1:
        # Without credentials a request is taken for the device that has registered the address of record.
        return record.devices[0].profile.private_identity, None
    return await node.cx.default_private_identity(aor), None


def responds_to_digest(node: Node, credentials: Credentials | None, private_identity: str) -> bool:
    """Tell whether credentials answer a digest challenge of ours: then they are verified, whoever vouches for them."""
    if credentials is None or not credentials.params.get("response"):
        return False
    return node.challenges.find(credentials.params.get("nonce", ""), private_identity, node.now()) is not None


async def _registered(node: Node, private_identity: str, aor: str) -> Device | None:
    record = await node.store.find(aor)
    return record.device(private_identity) if record is not None else None


async def _permit(node: Node, call: ServerTransaction, private_identity: str, aor: str, realm: str) -> None:
    """Ask whether a user may register here at all (TS 29.228 §6.1.1). Raises the SipError of a refusal."""
    request = call.request
    visited = None
    if "p-visited-network-id" in request:
        if node.is_trusted(call.flow):
            visited = (request.values("p-visited-network-id") or [""])[0].partition(";")[0].strip().strip('"').lower()
        else:
            node.ignore("P-Visited-Network-ID", call.flow)
    if visited == realm.lower():
        visited = None
    emergency = "contact" in request and not request.contact_is_star and is_emergency(request)
    result = await node.cx.user_authorization(private_identity, aor, visited or None, emergency)
    if result not in (Result.SUCCESS, Result.USER_UNKNOWN):
        raise refusal(result)


async def _challenged(
    node: Node,
    call: ServerTransaction,
    domain: HomeDomain,
    aor: str,
    private_identity: str,
    credentials: Credentials | None,
    *,
    named: bool,
) -> Authenticated | Challenge:
    answer = await node.cx.multimedia_auth(private_identity, aor, domain.config.realm)
    if answer.result is not Result.SUCCESS:
        return _refused(node, domain.config.realm, answer.result)
    if answer.scheme == "none":
        return Authenticated(private_identity, answered=True)
    if answer.aka is not None:
        headers = challenge(
            node, call.request, call.flow, domain, private_identity, aor, answer.aka, credentials
        )
        return Challenge(headers)
    return _challenge(node, private_identity, aor, answer.vectors, node.now(), stale=False, named=named)


async def _verified(
    node: Node,
    call: ServerTransaction,
    domain: HomeDomain,
    aor: str,
    private_identity: str,
    credentials: Credentials,
    protected: bool,
) -> Authenticated | Challenge:
    """Judge the answer to a challenge; a user with a USIM whose challenge is over gets another one."""
    who = await _by_digest(node, call.request, domain, aor, private_identity, credentials)
    if isinstance(who, Authenticated):
        return Authenticated(private_identity, protected, answered=True)
    if not who.headers:
        return await _challenged(node, call, domain, aor, private_identity, credentials, named=True)
    return who


async def _by_digest(
    node: Node, request: Request, domain: HomeDomain, aor: str, private_identity: str, credentials: Credentials
) -> Authenticated | Challenge:
    """Judge the answer to a challenge: ours and open, ours and stale, or nobody's (RFC 7616 §3.3, §3.4).

    A challenge without headers where the user is none of digest's.
    """
    now = node.now()
    challenge = node.challenges.find(credentials.params.get("nonce", ""), private_identity, now)
    if challenge is not None and challenge.private_identity == private_identity and challenge.aor == aor:
        vectors = challenge.vectors
    else:
        answer = await node.cx.multimedia_auth(private_identity, aor, domain.config.realm)
        if answer.result is not Result.SUCCESS:
            return _refused(node, domain.config.realm, answer.result)
        if answer.scheme == "none":
            return Authenticated(private_identity)
        if answer.scheme != "digest":
            return Challenge([])
        vectors = answer.vectors
    if not is_right(credentials, vectors, request.method, request.body):
        return _wrong(node, private_identity, aor, vectors, now)
    if challenge is not None and not challenge.named:
        node.challenges.adopt(challenge, private_identity, vectors)
    cseq = request.cseq.number
    if challenge is None or not node.challenges.take(challenge, credentials, request.call_id, cseq):
        return _challenge(node, private_identity, aor, vectors, now, stale=True)
    node.challenges.succeeded(private_identity)
    return Authenticated(private_identity)


def _refused(node: Node, realm: str, result: Result) -> Challenge:
    if result is Result.USER_UNKNOWN:
        return _unknown(node, realm, None)
    raise refusal(result)


def _credentials(given: list[Credentials], realm: str) -> Credentials | None:
    """Return the Digest credentials for our realm (RFC 7616 §3.4); others count as none (RFC 3261 §22.4)."""
    for credentials in given:
        if credentials.scheme == "digest" and credentials.params.get("realm") == realm:
            return credentials
    return None


def _challenge(
    node: Node,
    private_identity: str,
    aor: str,
    vectors: tuple[DigestVector, ...],
    now: float,
    *,
    stale: bool,
    named: bool = True,
) -> Challenge:
    nonce = node.identifiers.nonce()
    opened: OpenChallenge = node.challenges.open(nonce, private_identity, aor, vectors, now, named=named)
    return Challenge(
        [
            ("WWW-Authenticate", challenge_header(vector.realm, opened.nonce, vector.algorithm, stale=stale))
            for vector in vectors
        ]
    )


def _wrong(
    node: Node, private_identity: str, aor: str, vectors: tuple[DigestVector, ...], now: float
) -> Challenge:
    if node.challenges.failed(private_identity, now) >= node.config.auth.failures:
        raise SipError(403, "Authentication Failed")
    return _challenge(node, private_identity, aor, vectors, now, stale=False)


def _unknown(node: Node, realm: str, failed: str | None) -> Challenge:
    """Refuse a user whom the HSS does not know, or, to hide that, challenge them like one with a wrong password."""
    policy = node.config.auth.unknown_user
    if policy != "challenge":
        raise SipError(policy)
    if failed is not None and node.challenges.failed(f"\0{failed}", node.now()) >= node.config.auth.failures:
        raise SipError(403, "Authentication Failed")
    return Challenge([("WWW-Authenticate", challenge_header(realm, node.identifiers.nonce(), "MD5", stale=False))])
