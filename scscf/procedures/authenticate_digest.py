"""Digest: the challenge, and whether an answer proves who sends it (RFC 3261 §22, RFC 7616 §3.3, §3.4)."""

from typing import NamedTuple

from scscf.auth.challenges import Challenge as OpenChallenge
from scscf.auth.challenges import is_right
from scscf.auth.digest import challenge_header
from scscf.cx import AuthAnswer, DigestVector, Result
from scscf.errors import SipError
from scscf.procedures.assign import refusal
from scscf.procedures.cx_failures import CxCommand, procedure_of
from scscf.procedures.state import HomeDomain, Node
from scscf.sip.credentials import Credentials
from scscf.sip.date import sip_date
from scscf.sip.message import Request


class Authenticated(NamedTuple):
    """A sender who is known."""

    private_identity: str
    protected: bool = False
    """A trusted P-CSCF vouches for the sender (`integrity-protected`)."""
    answered: bool = False
    """The request answers a challenge."""
    confirmed: bool = True
    """The HSS was asked about the address of record too; else a peer's word says only who the sender is."""


class Challenge(NamedTuple):
    """A sender who is asked to prove who they are: header fields of the 401 or 407."""

    headers: list[tuple[str, str]]
    status: int = 401


async def judge_digest(
    node: Node,
    request: Request,
    domain: HomeDomain,
    aor: str,
    private_identity: str,
    credentials: Credentials,
    *,
    vouched: bool = False,
) -> Authenticated | Challenge | AuthAnswer:
    """Judge the answer to a challenge: ours and open, ours and stale, or nobody's (RFC 7616 §3.3, §3.4).

    Where a trusted peer vouches for the sender a stale nonce will do. Returns what the HSS says where the user is none
    of digest's. Raises SipError (400, 403, 500, 504).
    """
    now = node.now()
    challenge = node.challenges.find(credentials.params.get("nonce", ""), private_identity, now)
    if challenge is not None and challenge.private_identity == private_identity and challenge.aor == aor:
        vectors = challenge.vectors
    else:
        answer = await node.cx.multimedia_auth(private_identity, aor, domain.config.realm, ntlm=domain.dialect.ntlm)
        if answer.result is not Result.SUCCESS:
            return refused(node, domain, CxCommand.MAR, request, answer.result)
        if answer.scheme == "none":
            return Authenticated(private_identity)
        if answer.scheme != "digest":
            return answer
        vectors = answer.vectors
    if not is_right(credentials, vectors, request.method, request.body):
        return _wrong(node, private_identity, aor, vectors, now)
    if challenge is not None and not challenge.named:
        node.challenges.adopt(challenge, private_identity, vectors)
    if challenge is None:
        if not vouched:
            return challenge_digest(node, private_identity, aor, vectors, stale=True)
    elif not node.challenges.take(challenge, credentials, request.call_id, request.cseq.number):
        return challenge_digest(node, private_identity, aor, vectors, stale=True)
    node.challenges.succeeded(private_identity)
    return Authenticated(private_identity)


def challenge_digest(
    node: Node,
    private_identity: str,
    aor: str,
    vectors: tuple[DigestVector, ...],
    *,
    stale: bool,
    named: bool = True,
) -> Challenge:
    """Open a challenge with one header for each algorithm, the preferred one first (RFC 8760 §2.3)."""
    nonce = node.identifiers.nonce()
    opened: OpenChallenge = node.challenges.open(nonce, private_identity, aor, vectors, node.now(), named=named)
    return Challenge(
        [
            ("WWW-Authenticate", challenge_header(vector.realm, opened.nonce, vector.algorithm, stale=stale))
            for vector in vectors
        ]
    )


def refused(node: Node, domain: HomeDomain, command: CxCommand, request: Request, result: Result) -> Challenge:
    """Return what a user gets whom the HSS does not know; raises the SipError of any other refusal of a UAR or MAR."""
    if result is Result.USER_UNKNOWN and (command, result) not in node.cx_failures:
        return unknown(node, domain, None)
    raise refusal(node, domain, command, procedure_of(request), result)


def unknown(node: Node, domain: HomeDomain, failed: str | None) -> Challenge:
    """Refuse a user whom the HSS does not know, or, to hide that, challenge them like one with a wrong password.

    `failed` is the username of credentials, None where there are none. Raises SipError(403, 404).
    """
    policy = node.config.auth.unknown_user
    if policy != "challenge":
        raise SipError(policy)
    if failed is not None and node.challenges.failed(f"\0{failed}", node.now()) >= node.config.auth.failures:
        raise SipError(403, "Authentication Failed")
    digest = challenge_header(domain.config.realm, node.identifiers.nonce(), "MD5", stale=False)
    if failed is not None or node.associations is None or not domain.dialect.ntlm:
        return Challenge([("WWW-Authenticate", digest)])
    offered = [("WWW-Authenticate", node.associations.first_challenge()), ("WWW-Authenticate", digest)]
    return Challenge([*offered, ("Date", sip_date(int(node.now())))])


def _wrong(node: Node, private_identity: str, aor: str, vectors: tuple[DigestVector, ...], now: float) -> Challenge:
    if node.challenges.failed(private_identity, now) >= node.config.auth.failures:
        raise SipError(403, "Authentication Failed")
    return challenge_digest(node, private_identity, aor, vectors, stale=False)
