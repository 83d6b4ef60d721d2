"""Who sends a request: a digest challenge and its answer (RFC 3261 §22, TS 24.229 §5.4.1.2)."""

from typing import NamedTuple

from scscf.auth.challenges import Challenge as OpenChallenge
from scscf.auth.challenges import is_right
from scscf.auth.digest import challenge_header
from scscf.cx import DigestVector, Result
from scscf.errors import SipError
from scscf.procedures.assign import refusal
from scscf.procedures.state import HomeDomain, Node
from scscf.sip.credentials import Credentials
from scscf.sip.message import Request


class Authenticated(NamedTuple):
    """A sender who is known."""

    private_identity: str


class Challenge(NamedTuple):
    """A sender who is asked to prove who they are: header fields of the 401."""

    headers: list[tuple[str, str]]


async def authenticate(node: Node, request: Request, domain: HomeDomain, aor: str) -> Authenticated | Challenge:
    """Return who sends `request` as `aor`, or the challenge it gets. Raises SipError (400, 403, 404)."""
    realm = domain.config.realm
    credentials = _credentials(request, realm) if "authorization" in request else None
    username = credentials.params.get("username") if credentials is not None else None
    if username:
        private_identity = await node.cx.identify(username, aor, realm)
    else:
        record = await node.store.find(aor)
        if record is not None and len(record.devices) == 1:
            # Without credentials a request is taken for the device that has registered the address of record.
            private_identity = record.devices[0].profile.private_identity
        else:
            private_identity = await node.cx.default_private_identity(aor)
    responds = credentials is not None and bool(credentials.params.get("response"))
    if private_identity is None:
        return _unknown(node, realm, (username or aor) if responds else None)
    if credentials is not None and responds:
        return await _verified(node, request, domain, aor, private_identity, credentials)
    answer = await node.cx.multimedia_auth(private_identity, aor, realm)
    if answer.result is not Result.SUCCESS:
        return _refused(node, realm, answer.result)
    if answer.scheme == "none":
        return Authenticated(private_identity)
    return _challenge(node, private_identity, aor, answer.vectors, node.now(), stale=False, named=bool(username))


async def _verified(
    node: Node, request: Request, domain: HomeDomain, aor: str, private_identity: str, credentials: Credentials
) -> Authenticated | Challenge:
    """Judge the answer to a challenge: ours and open, ours and stale, or nobody's (RFC 7616 §3.3, §3.4)."""
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


def _credentials(request: Request, realm: str) -> Credentials | None:
    """Return the Digest credentials for our realm (RFC 7616 §3.4); others count as none (RFC 3261 §22.4)."""
    for credentials in request.authorization:
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
