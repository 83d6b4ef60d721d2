"""What the HSS says unasked: registrations are over (RTR), a profile has changed (PPR) (TS 29.228 §6.1.3, §6.2)."""

from collections.abc import Iterable
from typing import NamedTuple

from hss_stub.hss import Hss
from hss_stub.procedures import RegistrationState
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


def terminations(
    hss: Hss,
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
        found = dict.fromkeys(each for impu in impus for each in hss.core.subscribers.by_public(impu))
        if not found:
            raise NobodyError(f"nobody has {', '.join(impus)}")
        meant = [
            each
            for each in found
            if any(hss.core.registration_state(each, impu) is not RegistrationState.NOT_REGISTERED for impu in impus)
        ]
        if not meant:
            raise NobodyError(f"{', '.join(impus)}: not registered")
    else:
        meant = [impi]
    pushes = []
    for each in meant:
        server_name, host = _server(hss, each)
        own = tuple(impu for impu in impus if impi is not None or _has(hss, each, impu))
        pushes.append(Push(server_name, host, RegistrationTermination(each, reason, own, associated, info)))
    return pushes


def terminated(hss: Hss, request: RegistrationTermination, result: Result) -> None:
    """Keep what an RTA means: who was ended has no S-CSCF any more; after NEW_SERVER_ASSIGNED they have another."""
    if not (result.is_success or result is Result.USER_UNKNOWN):
        return
    if request.reason is DeregistrationReason.NEW_SERVER_ASSIGNED:
        return
    for private_identity in (request.private_identity, *request.associated):
        subscriber = hss.core.subscribers.find(private_identity)
        if subscriber is None:
            continue
        for row in subscriber.profile.sets:
            named = any(subscriber.profile.set_of(impu) is row for impu in request.public_identities)
            if named or not request.public_identities:
                hss.core.assign(private_identity, row[0].uri, ServerAssignment.ADMINISTRATIVE_DEREGISTRATION)
        hss.released(subscriber.profile)


def profile_changes(hss: Hss, private_identity: str, what: Iterable[str] = ("user_data", "charging")) -> list[Push]:
    """Return the PPRs that tell what the HSS has of a user now: one for each set that is registered (TS 29.228 §6.2).

    `what` names user_data, charging and digest. Raises NobodyError for who is unknown or has no S-CSCF.
    """
    subscriber = hss.core.subscribers.find(private_identity)
    if subscriber is None:
        raise NobodyError(f"there is no {private_identity}")
    server_name, host = _server(hss, private_identity)
    wanted = set(what)
    profile = subscriber.profile
    charging = profile.charging if "charging" in wanted else None
    digest = None
    if "digest" in wanted:
        answer = hss.core.authenticate(private_identity, profile.sets[0][0].uri, None)
        digest = answer.vectors[0] if answer.vectors else None
    if "user_data" not in wanted:
        return [Push(server_name, host, PushProfile(private_identity, None, charging, digest))]
    return [
        Push(server_name, host, PushProfile(private_identity, user_data(profile, row), charging, digest))
        for row in _served_sets(hss, profile)
    ]


def _served_sets(hss: Hss, profile: UserProfile) -> list[ImplicitSet]:
    private_identity = profile.private_identity
    return [
        row
        for row in profile.sets
        if hss.core.registration_state(private_identity, row[0].uri) is not RegistrationState.NOT_REGISTERED
    ]


def _server(hss: Hss, private_identity: str) -> tuple[str, str | None]:
    subscriber = hss.core.subscribers.find(private_identity)
    if subscriber is None:
        raise NobodyError(f"there is no {private_identity}")
    serving = hss.servers.find(subscriber.profile.subscription)
    if serving is None:
        raise NobodyError(f"{private_identity} has no S-CSCF")
    return serving.server_name, serving.host


def _has(hss: Hss, private_identity: str, impu: str) -> bool:
    subscriber = hss.core.subscribers.find(private_identity)
    return subscriber is not None and subscriber.profile.set_of(impu) is not None
