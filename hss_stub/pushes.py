"""What the HSS says unasked: registrations are over (RTR), a profile has changed (PPR) (TS 29.228 §6.1.3, §6.2)."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from hss_stub.procedures import HssProcedures
from hss_stub.registration_states import RegistrationState
from scscf.cx import DeregistrationReason, PushProfile, RegistrationTermination, Result, ServerAssignment
from scscf.errors import ScscfError
from scscf.profile.service_profile import ImplicitSet, UserProfile
from scscf.profile.user_data_document import user_data


class NobodyError(ScscfError):
    """A command names a user whom there is not, or who has no S-CSCF to be told."""


class Push(NamedTuple):
    """One request to the S-CSCF that serves a user; `host` is its Origin-Host, None where it never said it."""

    server_name: str
    host: str | None
    request: RegistrationTermination | PushProfile


PROFILE = ("user_data", "charging")
CREDENTIALS = "digest"
"""What a PPR may tell of a user, by name."""

Serving = Callable[[str], tuple[str, str | None]]
"""Tells Server-Name and Origin-Host of the S-CSCF of a private identity. Raises NobodyError where there is none."""


def terminations(
    core: HssProcedures,
    serving: Serving,
    impi: str | None,
    impus: tuple[str, ...],
    associated: tuple[str, ...],
    reason: DeregistrationReason,
    info: str = "",
) -> list[Push]:
    """Return the RTRs that a command comes to (TS 29.228 §6.1.3).

    `impi` alone means all of its identities; with `impus` those; `impus` alone one RTR for each private identity that
    is registered with one of them. Raises NobodyError for who is unknown or has no S-CSCF.
    """
    if impi is None:
        found = dict.fromkeys(each for impu in impus for each in core.subscribers.by_public(impu))
        if not found:
            raise NobodyError(f"nobody has {', '.join(impus)}")
        meant = [
            each
            for each in found
            if any(core.registration_state(each, impu) is not RegistrationState.NOT_REGISTERED for impu in impus)
        ]
        if not meant:
            raise NobodyError(f"{', '.join(impus)}: not registered")
    else:
        meant = [impi]
    pushes = []
    for each in meant:
        server_name, host = serving(each)
        own = tuple(impu for impu in impus if impi is not None or _has(core, each, impu))
        pushes.append(Push(server_name, host, RegistrationTermination(each, reason, own, associated, info)))
    return pushes


def terminated(core: HssProcedures, request: RegistrationTermination, result: Result) -> None:
    """Keep what an RTA means: who was ended has no S-CSCF any more; after NEW_SERVER_ASSIGNED they have another."""
    if not (result.is_success or result is Result.USER_UNKNOWN):
        return
    if request.reason is DeregistrationReason.NEW_SERVER_ASSIGNED:
        return
    for private_identity in (request.private_identity, *request.associated):
        subscriber = core.subscribers.find(private_identity)
        if subscriber is None:
            continue
        for row in subscriber.profile.sets:
            named = any(subscriber.profile.set_of(impu) is row for impu in request.public_identities)
            if named or not request.public_identities:
                core.assign(private_identity, row[0].uri, ServerAssignment.ADMINISTRATIVE_DEREGISTRATION)


def profile_changes(
    core: HssProcedures, serving: Serving, private_identity: str, what: Iterable[str] = PROFILE
) -> list[Push]:
    """Return the PPRs that tell what the HSS has of a user now: one for each set that is registered (TS 29.228 §6.2).

    `what` names user_data, charging and digest, which is the NT hash of a user who has just that. Raises NobodyError
    for who is unknown or has no S-CSCF.
    """
    subscriber = core.subscribers.find(private_identity)
    if subscriber is None:
        raise NobodyError(f"there is no {private_identity}")
    server_name, host = serving(private_identity)
    wanted = set(what)
    profile = subscriber.profile
    charging = profile.charging if "charging" in wanted else None
    told = PushProfile(private_identity, None, charging)
    if CREDENTIALS in wanted:
        answer = core.authenticate(private_identity, profile.sets[0][0].uri, None, ntlm=True)
        told = told._replace(digest=answer.vectors[0] if answer.vectors else None, nt_hash=answer.nt_hash)
    if "user_data" not in wanted:
        return [Push(server_name, host, told)]
    return [
        Push(server_name, host, told._replace(user_data=user_data(profile, row))) for row in _served_sets(core, profile)
    ]


def _served_sets(core: HssProcedures, profile: UserProfile) -> list[ImplicitSet]:
    private_identity = profile.private_identity
    return [
        row
        for row in profile.sets
        if core.registration_state(private_identity, row[0].uri) is not RegistrationState.NOT_REGISTERED
    ]


def _has(core: HssProcedures, private_identity: str, impu: str) -> bool:
    subscriber = core.subscribers.find(private_identity)
    return subscriber is not None and subscriber.profile.set_of(impu) is not None
