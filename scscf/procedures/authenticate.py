"""Who sends a REGISTER: vouched for by a P-CSCF, proved with an answer, or challenged (TS 24.229 §5.4.1.2)."""

from scscf.cx import AuthAnswer, Result
from scscf.errors import SipError
from scscf.procedures.authenticate_aka import challenge_aka, judge_aka, withdraw
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
from scscf.procedures.permit import permit
from scscf.procedures.protection import Protection, protection_of
from scscf.procedures.restoration import restored_device
from scscf.procedures.state import HomeDomain, Node
from scscf.registration.record import Device
from scscf.sip.credentials import Credentials
from scscf.sip.transaction_layer import ServerTransaction

__all__ = ["Authenticated", "Challenge", "authenticate", "challenge_anew", "credentials_for", "identified"]


async def authenticate(node: Node, call: ServerTransaction, domain: HomeDomain, aor: str) -> Authenticated | Challenge:
    """Return who registers `aor`, or the challenge they get (TS 24.229 §5.4.1.2).

    Raises SipError: 400, 403, 404, 500 for a protected REGISTER of somebody of whom nothing is known here, 504.
    """
    request, realm = call.request, domain.config.realm
    if "authorization" not in request:
        return await _unnamed(node, call, domain, aor)
    if domain.dialect.ntlm:
        who = await authenticate_ntlm(node, call, domain, aor, request.authorization)
        if who is not None:
            return who
    credentials = credentials_for(realm, request.authorization)
    private_identity, username = await identified(node, credentials, aor, realm)
    responds = credentials is not None and bool(credentials.params.get("response"))
    if private_identity is None:
        return unknown(node, domain, (username or aor) if responds else None)
    protection = protection_of(node, call.flow, credentials)
    if protection.done:
        return Authenticated(private_identity, protected=True, answered=True, confirmed=False)
    aka = node.challenges.aka.find(private_identity) if node.challenges.aka else None
    if credentials is not None:
        if aka is not None and credentials.params.get("nonce") == aka.nonce:
            again = await judge_aka(node, request, call.flow, domain, aor, aka, credentials)
            return Challenge(again) if again else Authenticated(private_identity, protection.vouched, answered=True)
        if credentials.params.get("auts"):
            raise SipError(403, "Not the Answer to a Challenge")
    if protection.vouched and aka is None and not (responds and _is_open(node, credentials, private_identity)):
        device = await _registered(node, private_identity)
        if device is None and domain.config.registrar.restoration:
            device = await restored_device(node, domain, private_identity, aor)
        if device is None and not protection.by_digest:
            raise SipError(500, "Not Registered Here")
        if device is not None and device.reauthenticate:
            credentials, responds = None, False
        elif device is not None:
            return await _vouched(node, call, domain, aor, private_identity, credentials, protection)
    if credentials is not None and responds:
        return await _verified(node, call, domain, aor, private_identity, credentials, protection)
    if await node.store.find_device(private_identity) is None:
        hidden = await permit(node, call, domain, private_identity, aor)
        if hidden is not None:
            return hidden
    answer = await node.cx.multimedia_auth(private_identity, aor, realm, ntlm=domain.dialect.ntlm)
    return _challenged(node, call, domain, aor, private_identity, credentials, answer, named=bool(username))


def challenge_anew(node: Node, private_identity: str) -> None:
    """Take nothing more that a private identity has proved itself with: its next request is challenged."""
    node.challenges.withdraw(private_identity)
    withdraw(node, private_identity)
    if node.associations is not None:
        node.associations.withdraw(private_identity)


async def _unnamed(node: Node, call: ServerTransaction, domain: HomeDomain, aor: str) -> Authenticated | Challenge:
    """Return who registers `aor` without credentials: who is never challenged; else the challenge they get."""
    realm = domain.config.realm
    record = await node.store.find(aor)
    if record is not None and len(record.devices) == 1:
        private_identity = record.devices[0].profile.private_identity
    else:
        found = await node.cx.default_private_identity(aor)
        if found is None:
            return unknown(node, domain, None)
        private_identity = found
        if await node.store.find_device(private_identity) is None:
            hidden = await permit(node, call, domain, private_identity, aor)
            if hidden is not None:
                return hidden
    answer = await node.cx.multimedia_auth(private_identity, aor, realm, ntlm=domain.dialect.ntlm)
    if answer.scheme == "none" and answer.result is Result.SUCCESS:
        return Authenticated(private_identity, False, True)
    return _challenged(node, call, domain, aor, private_identity, None, answer, named=False)


async def identified(
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


def credentials_for(realm: str, given: list[Credentials]) -> Credentials | None:
    """Return the Digest credentials for a realm (RFC 7616 §3.4); others count as none (RFC 3261 §22.4).

    Those that answer nothing yet only say who sends the request, whatever realm they name (TS 24.229 §5.1.1.2.2).
    """
    unanswered = None
    for credentials in given:
        params = credentials.params
        if credentials.scheme != "digest":
            continue
        if params.get("realm") == realm:
            return credentials
        if not params.get("response") and not params.get("auts"):
            unanswered = credentials
    return unanswered


def _is_open(node: Node, credentials: Credentials | None, private_identity: str) -> bool:
    """Tell whether credentials answer an open digest challenge: then they are verified, whoever vouches for them."""
    if credentials is None:
        return False
    return node.challenges.find(credentials.params.get("nonce", ""), private_identity, node.now()) is not None


async def _registered(node: Node, private_identity: str) -> Device | None:
    """Return who is registered, maybe by another implicit set than the one that is asked for (TS 24.229 §5.1.1.4.1)."""
    record = await node.store.find_device(private_identity)
    return record.device(private_identity) if record is not None else None


async def _vouched(
    node: Node,
    call: ServerTransaction,
    domain: HomeDomain,
    aor: str,
    private_identity: str,
    credentials: Credentials | None,
    protection: Protection,
) -> Authenticated | Challenge:
    """Take a REGISTER of somebody registered, as the P-CSCF says; with digest a response has to be right all the same.

    The credentials of AKA are those of the last challenge, over and over (TS 24.229 §5.1.1.4.2).
    """
    if protection.by_digest and credentials is not None and credentials.params.get("response"):
        who = await judge_digest(node, call.request, domain, aor, private_identity, credentials, vouched=True)
        if isinstance(who, Challenge):
            return who
    return Authenticated(private_identity, protected=True, confirmed=False)


async def _verified(
    node: Node,
    call: ServerTransaction,
    domain: HomeDomain,
    aor: str,
    private_identity: str,
    credentials: Credentials,
    protection: Protection,
) -> Authenticated | Challenge:
    """Judge the answer to a challenge; a user with a USIM whose challenge is over gets another one."""
    who = await judge_digest(node, call.request, domain, aor, private_identity, credentials)
    if isinstance(who, AuthAnswer):
        return _challenged(node, call, domain, aor, private_identity, credentials, who, named=True)
    return Authenticated(private_identity, protection.vouched, answered=True) if isinstance(who, Authenticated) else who


def _challenged(
    node: Node,
    call: ServerTransaction,
    domain: HomeDomain,
    aor: str,
    private_identity: str,
    credentials: Credentials | None,
    answer: AuthAnswer,
    *,
    named: bool,
) -> Authenticated | Challenge:
    """Challenge a user by the scheme that the HSS names; who has none is let in."""
    if answer.result is not Result.SUCCESS:
        return refused(node, domain, CxCommand.MAR, call.request, answer.result)
    if answer.scheme == "none":
        return Authenticated(private_identity, answered=True)
    if domain.dialect.ntlm and (answer.nt_hash or answer.scheme == "ntlm"):
        return challenge_ntlm(node, private_identity, aor, answer, named=named)
    if answer.aka is not None:
        return Challenge(
            challenge_aka(node, call.request, call.flow, domain, private_identity, aor, answer.aka, credentials)
        )
    return challenge_digest(node, private_identity, aor, answer.vectors, stale=False, named=named)
