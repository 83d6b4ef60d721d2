"""The HSS behind Diameter: a request in, faults, the procedure, an answer out (TS 29.229 §6.1)."""

from collections.abc import Callable
from typing import Any

from hss_stub.assignment_rules import OF_ONE, TAKING
from hss_stub.faults import Command, Corrupt, Fault, Faults
from hss_stub.hss import Hss
from scscf.cx import (
    Assignment,
    AssignmentData,
    LocationInfo,
    LocationInfoAnswer,
    MultimediaAuth,
    MultimediaAuthAnswer,
    Result,
    ServerAssignment,
    UserAuthorization,
    UserAuthorizationAnswer,
)
from scscf.diameter.avp import encode_avps
from scscf.diameter.check import example
from scscf.diameter.cx_answers import CxAnswer, answer_message
from scscf.diameter.cx_requests import CxRequest, read_request
from scscf.diameter.identity import Identity
from scscf.diameter.message import DiameterError, Message
from scscf.errors import SipError
from scscf.metrics.times import Tally
from scscf.sip.uri import parse_uri
from scscf.sip.uri_comparison import aor_of

Answer = Callable[[Message], None]

COMMAND_OF: dict[type, Command] = {
    UserAuthorization: Command.UAR,
    Assignment: Command.SAR,
    LocationInfo: Command.LIR,
    MultimediaAuth: Command.MAR,
}
_REFUSALS: dict[Command, Callable[[Result], CxAnswer]] = {
    Command.UAR: UserAuthorizationAnswer,
    Command.SAR: AssignmentData,
    Command.LIR: LocationInfoAnswer,
    Command.MAR: MultimediaAuthAnswer,
}


class CxServer:
    """Serves an HSS to its peers. `later(seconds, call)` calls later, `disconnect(host)` cuts a peer's connection."""

    def __init__(
        self,
        hss: Hss,
        faults: Faults,
        identity: Identity,
        later: Callable[[float, Callable[[], object]], object],
        disconnect: Callable[[str], object],
    ) -> None:
        self.hss = hss
        self.faults = faults
        self.times = Tally(command.value for command in Command)
        """Results, by command, with the seconds of `clock` that they took: of those that are answered."""
        self.clock: Callable[[], float] = lambda: 0.0
        self._identity = identity
        self._later = later
        self._disconnect = disconnect

    def serve(self, message: Message, answer: Answer) -> None:
        """Answer a request, or do to it what a fault says. Raises DiameterError for one that is none of an HSS's."""
        request = read_request(message)
        command = COMMAND_OF.get(type(request))
        if command is None:
            raise DiameterError(3001, f"an HSS sends {message.command} and does not serve it", None, message)
        if isinstance(request, Assignment):
            _check_identities(request, message)
        request = self._canonical(request)
        host = message.get("Origin-Host")
        fault = self.faults.next(command, self._meant(command, request)) if self.faults.any else None
        if fault is None:
            began = self.clock()
            given = self._answer_to(request, host)
            self._count(command, given, self.clock() - began)
            answer(answer_message(message, given, self._identity))
            return
        made = self._faulty(command, request, host, fault)
        if fault.disconnect:
            self._disconnect(host)
        elif made is not None and not fault.silent:
            self._count(command, made, fault.delay)
            sent = answer_message(message, made, self._identity)
            if fault.corrupt is Corrupt.GARBAGE:
                sent.avps = [each for each in sent.avps if each[0] not in ("Result-Code", "Experimental-Result")]
            if fault.delay:
                self._later(fault.delay, lambda: answer(sent))
            else:
                answer(sent)

    def _count(self, command: Command, answer: CxAnswer, seconds: float) -> None:
        self.times[command.value].add(answer if isinstance(answer, Result) else answer.result, seconds)

    def _canonical(self, request: Any) -> Any:
        """Return a request with canonical identities, where one is written otherwise (TS 23.003 §13.4)."""
        by_public = self.hss.core.subscribers.by_public
        if isinstance(request, Assignment):
            if all(map(by_public, request.public_identities)):
                return request
            return request._replace(public_identities=tuple(map(_aor, request.public_identities)))
        if by_public(request.public_identity):
            return request
        return request._replace(public_identity=_aor(request.public_identity))

    def _meant(self, command: Command, request: Any) -> str | None:
        """Return whom a request is about; without a User-Name the one of the identity's users that a fault is for."""
        named: str | None = getattr(request, "private_identity", None)
        scripted = self.faults.get(command)
        if named or scripted is None:
            return named
        aors = (request.public_identity,) if isinstance(request, LocationInfo) else request.public_identities
        users = {user for aor in aors for user in self.hss.core.subscribers.by_public(aor)}
        return scripted.fault.impi if scripted.fault.impi in users else None

    def _faulty(self, command: Command, request: CxRequest, host: str, fault: Fault) -> CxAnswer | None:
        """Do what a fault leaves of a command, and return its answer."""
        if fault.result is not None:
            return _REFUSALS[command](fault.result)
        if (fault.silent or fault.disconnect) and not fault.executed:
            return None
        if isinstance(request, MultimediaAuth):
            self.hss.core.suffer(request.private_identity, fault)
        return self._answer_to(request, host)

    def _answer_to(self, request: Any, host: str) -> CxAnswer:
        if isinstance(request, MultimediaAuth):
            return self.hss.multimedia_auth(request, host)
        if isinstance(request, Assignment):
            return self.hss.server_assignment(request, host)
        if isinstance(request, UserAuthorization):
            return self.hss.user_authorization(request)
        return self.hss.location_info(request)


def _check_identities(request: Assignment, message: Message) -> None:
    """Raise DiameterError for a SAR that names too many identities for its type, or too few (TS 29.228 §6.1.2.1)."""
    what, impus = request.type, request.public_identities
    if what in OF_ONE and len(impus) > 1:
        second = encode_avps([("Public-Identity", impus[1])])
        raise DiameterError(5009, f"{what.name} is of one Public-Identity", second, message)
    if what in OF_ONE and not impus:
        raise DiameterError(5005, f"{what.name} needs a Public-Identity", example("Public-Identity"), message)
    if not request.private_identity and (not impus or what in TAKING - {ServerAssignment.UNREGISTERED_USER}):
        raise DiameterError(5005, f"{what.name} needs a User-Name", example("User-Name"), message)


def _aor(text: str) -> str:
    """Return a public identity in canonical form, as it is where it is no URI."""
    try:
        return aor_of(parse_uri(text))
    except SipError:
        return text
