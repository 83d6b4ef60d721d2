"""AKA at the S-CSCF: the challenge, its life, and what a UE may answer (TS 24.229 §5.4.1.2.1A, §5.4.1.2.2)."""

from hmac import compare_digest

from scscf.auth.aka import (
    ALGORITHMS,
    DEFAULT,
    challenge_header,
    empty_ha1,
    ha1_of,
    nonce_of,
    resynchronisation,
    session_keys,
)
from scscf.auth.aka_challenges import AkaChallenge
from scscf.auth.digest import algorithm_of, expected_response
from scscf.cx import AkaVector, Result, Resynchronisation, ServerAssignment
from scscf.errors import SipError
from scscf.procedures.assign import assign, refusal
from scscf.procedures.cx_failures import CxCommand, procedure_of
from scscf.procedures.state import HomeDomain, Node
from scscf.registration.change import ServerAssignmentDue
from scscf.sip.credentials import Credentials
from scscf.sip.message import Request
from scscf.sip.outbox import Flow

Headers = list[tuple[str, str]]


def challenge_aka(
    node: Node,
    request: Request,
    flow: Flow,
    domain: HomeDomain,
    private_identity: str,
    aor: str,
    vector: AkaVector,
    credentials: Credentials | None,
) -> Headers:
    """Open a challenge with a fresh vector, in place of the one that may be open, and return the headers of the 401."""
    algorithm = _algorithm(credentials)
    opened = AkaChallenge(nonce_of(vector), private_identity, aor, request.call_id, algorithm, vector)
    for replaced in node.challenges.aka.open(opened):
        _stop(node, replaced)
    due = node.now() + node.config.auth.reg_await_auth
    opened.deadline = node.deadlines.at(due, lambda _now: _timed_out(node, domain, opened))
    keys = node.config.auth.session_keys
    ck, ik = session_keys(algorithm, vector)
    told = keys.to == "always" or (keys.to == "trusted" and node.is_trusted(flow))
    value = challenge_header(
        domain.config.realm,
        opened.nonce,
        algorithm,
        qop=node.config.auth.aka_qop == "auth",
        ck=ck if told and keys.ck else None,
        ik=ik if told and keys.ik else None,
    )
    return [("WWW-Authenticate", value)]


def _algorithm(credentials: Credentials | None) -> str:
    """Return the version that the UE asks for, 1 where it does not say."""
    return ALGORITHMS.get(algorithm_of(credentials), DEFAULT) if credentials is not None else DEFAULT


async def judge_aka(
    node: Node,
    request: Request,
    flow: Flow,
    domain: HomeDomain,
    aor: str,
    opened: AkaChallenge,
    credentials: Credentials,
) -> Headers | None:
    """Judge the answer to an open challenge, which is used up by it; None where it is right, else a new challenge.

    Raises SipError(403) for a wrong response, and for the last of several answers that prove nothing.
    """
    private_identity = opened.private_identity
    failed: Resynchronisation | None = None
    if request.call_id == opened.call_id and aor == opened.aor:
        node.challenges.aka.close(private_identity)
        _stop(node, opened)
        try:
            failed = _proof(opened, credentials, request)
        except SipError:
            node.challenges.failed(private_identity, node.now())
            tell_of_failure(node, domain, opened, ServerAssignment.AUTHENTICATION_FAILURE)
            raise
        if failed is None and credentials.params.get("response"):
            node.challenges.succeeded(private_identity)
            return None
        if node.challenges.failed(private_identity, node.now()) >= node.config.auth.failures:
            tell_of_failure(node, domain, opened, ServerAssignment.AUTHENTICATION_FAILURE)
            raise SipError(403, "Authentication Failed")
    answer = await node.cx.multimedia_auth(private_identity, aor, domain.config.realm, failed)
    if answer.result is not Result.SUCCESS or answer.aka is None:
        raise refusal(node, domain, CxCommand.MAR, procedure_of(request), answer.result)
    return challenge_aka(node, request, flow, domain, private_identity, aor, answer.aka, credentials)


def tell_of_failure(node: Node, domain: HomeDomain, opened: AkaChallenge, what: ServerAssignment) -> None:
    """Tell the HSS that a challenge has come to nothing, unless the user stays registered (TS 29.228 §6.1.2.1)."""
    node.perform(_tell(node, domain, opened, what))


async def _tell(node: Node, domain: HomeDomain, opened: AkaChallenge, what: ServerAssignment) -> None:
    if await node.store.find_device(opened.private_identity) is None:
        await assign(node, domain, ServerAssignmentDue(opened.private_identity, opened.aor, what))


def _timed_out(node: Node, domain: HomeDomain, opened: AkaChallenge) -> None:
    opened.deadline = None
    if node.challenges.aka.find(opened.private_identity) is opened:
        node.challenges.aka.close(opened.private_identity)
        tell_of_failure(node, domain, opened, ServerAssignment.AUTHENTICATION_TIMEOUT)


def _stop(node: Node, closed: AkaChallenge) -> None:
    if closed.deadline is not None:
        node.deadlines.cancel(closed.deadline)
        closed.deadline = None


def withdraw(node: Node, private_identity: str) -> None:
    """Take the open challenge of a private identity back."""
    closed = node.challenges.aka.close(private_identity)
    if closed is not None:
        _stop(node, closed)


def clear(node: Node) -> int:
    """Forget every open challenge; return how many there were."""
    closed = node.challenges.aka.clear()
    for each in closed:
        _stop(node, each)
    return len(closed)


def _proof(opened: AkaChallenge, credentials: Credentials, request: Request) -> Resynchronisation | None:
    """Return what an answer says of the sequence number, None where it says nothing or there is no answer.

    Raises SipError: 403 for a wrong response, 400 where something in the credentials is malformed.
    """
    auts = credentials.params.get("auts")
    if auts:
        return _resynchronised(opened, credentials, auts, request)
    if credentials.params.get("response") and not _is_right(opened, credentials, request):
        raise SipError(403, "Authentication Failed")
    return None


def _resynchronised(
    opened: AkaChallenge, credentials: Credentials, auts: str, request: Request
) -> Resynchronisation:
    """Return what the HSS is told of AUTS. Raises SipError(403) where its response is wrong, (400) where it is none."""
    response = credentials.params.get("response")
    if response:
        ha1 = empty_ha1(opened.algorithm, credentials.params.get("username", ""), credentials.params.get("realm", ""))
        if not _same(expected_response(credentials, ha1, request.method, request.body), response):
            raise SipError(403, "Authentication Failed")
    failed = resynchronisation(opened.nonce, auts)
    if failed is None:
        raise SipError(400, "Bad auts in Authorization")
    return failed


def _is_right(opened: AkaChallenge, credentials: Credentials, request: Request) -> bool:
    params = credentials.params
    if params.get("username") != opened.private_identity:
        return False
    if algorithm_of(credentials) != opened.algorithm.lower():
        return False
    ha1 = ha1_of(opened.algorithm, opened.private_identity, params.get("realm", ""), opened.vector)
    return _same(expected_response(credentials, ha1, request.method, request.body), params.get("response", ""))


def _same(expected: str, given: str) -> bool:
    return compare_digest(expected.encode(), given.lower().encode("utf-8", "surrogateescape"))
