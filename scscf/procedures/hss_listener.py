"""What the HSS says unasked: registrations are over, a profile has changed (TS 29.228 §6.1.3, §6.2.2).

Everything is done at once and answered at once, whatever REGISTER is in flight and whoever has to be told of it.
"""

import logging

from scscf.cx import (
    COMMAND_OF,
    DeregistrationReason,
    PushProfile,
    RegistrationTermination,
    RegistrationTerminationAnswer,
    Result,
)
from scscf.errors import SipError
from scscf.metrics.times import Tally
from scscf.procedures.authenticate import challenge_anew
from scscf.procedures.deregister import KIND_OF_REASON, terminate
from scscf.procedures.profile_update import change_profile
from scscf.procedures.state import Node
from scscf.profile.service_profile import UserProfile
from scscf.profile.user_data import LONGEST, UserDataError, parse_user_data
from scscf.sip.uri import parse_uri
from scscf.sip.uri_comparison import aor_of

log = logging.getLogger("scscf")

MAX_IDENTITIES = 1000
"""Public identities of a pushed profile, and identities of either kind that one RTR may name."""


_LONGEST_URI = 255


class HssCommands:
    """The S-CSCF's side of RTR and PPR: implements scscf.cx.HssListener."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.times = Tally(COMMAND_OF.values())
        """Results, by command, with the seconds of wire time that they took."""

    async def registration_termination(self, request: RegistrationTermination) -> RegistrationTerminationAnswer:
        """Do an RTR, and count it."""
        began = self._node.wire_now()
        answer = await self._terminate(request)
        self.times["RTR"].add(answer.result, self._node.wire_now() - began)
        return answer

    async def push_profile(self, request: PushProfile) -> Result:
        """Do a PPR, and count it."""
        began = self._node.wire_now()
        result = await self._push(request)
        self.times["PPR"].add(result, self._node.wire_now() - began)
        return result

    async def _terminate(self, request: RegistrationTermination) -> RegistrationTerminationAnswer:
        """End what the private identities have registered, and let go of whom we serve unregistered (RTR).

        A public identity stands for its implicit registration set. USER_UNKNOWN where nothing of it is known here; what
        is known is ended even if something else is not. UNABLE_TO_COMPLY where it names too many.
        """
        private_identities = tuple(dict.fromkeys((request.private_identity, *request.associated)))
        if len(private_identities) > MAX_IDENTITIES or len(request.public_identities) > MAX_IDENTITIES:
            return RegistrationTerminationAnswer(Result.UNABLE_TO_COMPLY)
        aors = tuple(dict.fromkeys(_aor(text) for text in request.public_identities))
        known: list[str] = []
        emergency: list[tuple[str, str]] = []
        for private_identity in private_identities:
            stays = await self._emergency(private_identity, aors)
            if await self._end(private_identity, aors, request.reason, _registrar_in(request)) or stays:
                known.append(private_identity)
            emergency += stays
        log.info(
            "RTR %s of %s: %s", request.reason.name, request.private_identity, "done" if known else "nobody is known"
        )
        if not known:
            return RegistrationTerminationAnswer(Result.USER_UNKNOWN)
        others = tuple(name for name in known if name != request.private_identity)
        return RegistrationTerminationAnswer(Result.SUCCESS, others, tuple(emergency))

    async def _push(self, request: PushProfile) -> Result:
        """Take what has changed of a user: one implicit registration set, charging functions, credentials (PPR).

        USER_UNKNOWN for nobody we serve, NOT_SUPPORTED_USER_DATA for what is no profile, TOO_MUCH_DATA beyond the
        bounds; then nothing is changed.
        """
        node, private_identity = self._node, request.private_identity
        pushed: UserProfile | None = None
        if request.user_data is not None:
            if len(request.user_data) > LONGEST:
                return Result.TOO_MUCH_DATA
            try:
                data = parse_user_data(request.user_data)
            except UserDataError as error:
                log.warning("PPR of %s: the profile %s", private_identity, error)
                return Result.NOT_SUPPORTED_USER_DATA
            if len(data.implicit_set) > MAX_IDENTITIES:
                return Result.TOO_MUCH_DATA
            pushed = UserProfile(private_identity, "", (data.implicit_set,))
        known = await self._profile(private_identity)
        if known is None:
            if private_identity not in node.turns:
                return Result.USER_UNKNOWN
            known = UserProfile(private_identity, "", ())
        profile = known if pushed is None else known.with_set(pushed.sets[0])
        if request.charging is not None:
            profile = profile._replace(charging=request.charging)
        if request.digest is not None or request.nt_hash:
            challenge_anew(node, private_identity)
        if profile is not known:
            await change_profile(node, profile, sets_are_shared=True)
        log.info("PPR of %s: done", private_identity)
        return Result.SUCCESS

    async def _end(
        self, private_identity: str, aors: tuple[str, ...], reason: DeregistrationReason, registrar: str
    ) -> bool:
        """Return whether there was anything to end."""
        node = self._node
        challenge_anew(node, private_identity)
        in_flight = private_identity in node.turns
        registered = await node.store.find_device(private_identity) is not None
        report = await terminate(node, private_identity, aors, KIND_OF_REASON[reason], registrar)
        served = node.unregistered.forget(private_identity, frozenset(aors) or None)
        return bool(report.removed) or served or (in_flight and not registered)

    async def _emergency(self, private_identity: str, aors: tuple[str, ...]) -> list[tuple[str, str]]:
        """Return what a private identity has registered for emergency calls, which no RTR ends (TS 24.229 §5.4.8)."""
        record = await self._node.store.find_device(private_identity)
        if record is None:
            return []
        meant = {identity.uri for aor in aors for identity in record.identities_with(aor)}
        return [
            (private_identity, registration.aor)
            for registration in record.registrations
            if (not aors or registration.aor in meant)
            and any(
                contact.binding.emergency and contact.binding.private_identity == private_identity
                for contact in registration.contacts
            )
        ]

    async def _profile(self, private_identity: str) -> UserProfile | None:
        """Return the profile of whom we serve, registered or not."""
        record = await self._node.store.find_device(private_identity)
        device = record.device(private_identity) if record is not None else None
        if device is not None:
            return device.profile
        for served in self._node.unregistered:
            if served.profile.private_identity == private_identity:
                return served.profile
        return None


def _registrar_in(request: RegistrationTermination) -> str:
    """Return the SIP URI of the server that is assigned now, where the HSS says it in Reason-Info; else ""."""
    text = (request.reason_info or "").strip()
    try:
        return text if len(text) <= _LONGEST_URI and parse_uri(text).is_sip else ""
    except SipError:
        return ""


def _aor(text: str) -> str:
    """Return a Public-Identity as records have it; what is no URI is nobody's."""
    if text.count("!") > 1:
        return text
    try:
        return aor_of(parse_uri(text))
    except SipError:
        return text
