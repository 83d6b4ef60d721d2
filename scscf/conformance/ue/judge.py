"""The judge of one UE: what it has to send, held against what was seen of it on the network side."""

from collections.abc import Callable

from scscf.conformance.finding import Finding
from scscf.conformance.findings import Findings
from scscf.conformance.recent import Recent
from scscf.conformance.ue.answers import Answers
from scscf.conformance.ue.checks import UE_CHECKS
from scscf.conformance.ue.duties import Duties
from scscf.conformance.ue.form import form, unreadable
from scscf.conformance.ue.notify import Notifying
from scscf.conformance.ue.profile import UeProfile, Vector
from scscf.conformance.ue.register import Registering
from scscf.conformance.ue.registration import OwnRegistration
from scscf.conformance.ue.subscription import Subscriptions
from scscf.errors import SipError
from scscf.sip.message import Request, Response
from scscf.sip.uri import parse_uri
from scscf.sip.uri_comparison import aor_of

_MOST = 256
_UNREGISTERS = frozenset({"late-refresh", "too-late-after-shortened"})
_WHILE_REGISTERED = frozenset({"no-subscribe", "late-subscription-refresh"})


def _unknown(nonce: str) -> Vector:
    return Vector.UNKNOWN


class UeJudge:
    """Sees every message that is exchanged with one UE, in order, and says what the UE does wrong.

    Show it what was really sent, retransmissions too; a message that never left for the UE is none of it. It stands
    at the S-CSCF, or wherever the UE's messages are whole: what a P-CSCF takes out of them is then not judged.

    `aor` and `impi` are the UE's identity and the user name of its credentials, where they are known; findings named
    in `permitted` are left out. `vector_of` tells what is known of the vector behind a nonce; without it an empty
    response or AUTS is believed. Raises SipError(400) for an `aor` that is no URI.
    """

    def __init__(
        self,
        aor: str | None = None,
        impi: str | None = None,
        permitted: frozenset[str] = frozenset(),
        profile: UeProfile = UeProfile(),  # noqa: B008  # never changed
        vector_of: Callable[[str], Vector] | None = None,
    ) -> None:
        own = None if aor is None else aor_of(parse_uri(aor))
        identities = frozenset(aor_of(parse_uri(each)) for each in profile.identities)
        profile = profile._replace(identities=identities if own is None else identities | {own})
        self._findings = Findings(UE_CHECKS, permitted)
        self._duties = Duties()
        registration = self._registration = OwnRegistration(profile, self._duties)
        answers = Answers(profile, self._findings, vector_of or _unknown)
        self._subscriptions = Subscriptions(profile, self._findings, self._duties, registration)
        self._registering = Registering(
            profile, self._findings, self._duties, registration, answers, self._subscriptions, aor=own, impi=impi
        )
        self._notifying = Notifying(profile, self._findings, self._duties, registration, self._subscriptions)
        self._seen: Recent[tuple[str, ...], None] = Recent(_MOST)

    def observe(self, direction: str, message: Request | Response, now: float) -> list[Finding]:
        """Take the next message: "in" from the UE, "out" to it, at `now` (seconds). Return what is found with it.

        Raises ValueError for another direction.
        """
        if direction not in ("in", "out"):
            raise ValueError(direction)
        self._overdue(now, inclusive=False)
        try:
            if isinstance(message, Response):
                self._response(direction, message, now)
            elif direction == "in":
                self._request(message, now)
            elif message.method == "NOTIFY":
                self._notifying.request(message, now)
        except SipError as error:
            if direction == "in":
                self._findings.bring("malformed-request", str(error), now, "parameters")
        return self._findings.take()

    def due(self) -> float | None:
        """Return when `time` should be called next, in seconds; None where nothing is to be waited for."""
        return self._duties.due()

    def time(self, now: float) -> list[Finding]:
        """Return what the UE should have done by now and did not."""
        self._overdue(now, inclusive=True)
        return self._findings.take()

    def end(self, now: float) -> list[Finding]:
        """Return what is found at the end: what is not due yet is not held against the UE."""
        return self.time(now)

    def _overdue(self, now: float, *, inclusive: bool) -> None:
        late = self._duties.overdue(now, inclusive=inclusive)
        if any(duty.check in _UNREGISTERS for duty in late):
            # Whoever let the registration go has let the subscription go with it: that is one cause.
            self._duties.settle("resubscribe")
            late = [duty for duty in late if duty.check != "late-subscription-refresh"]
        for duty in late:
            if duty.check not in _WHILE_REGISTERED or not self._registration.is_over(duty.by):
                self._findings.bring(duty.check, duty.message, duty.by, duty.cause)

    def _request(self, request: Request, now: float) -> None:
        found = unreadable(request)
        if found is not None:
            self._findings.bring(*found, now, request.method[:32])
            return
        via = request.vias[-1]
        key = (request.method, request.call_id, str(request.cseq.number), via.host, str(via.port), via.branch or "")
        if key in self._seen or request.method == "ACK":
            return
        self._seen[key] = None
        for check, message in form(request):
            self._findings.bring(check, message, now, (check, request.method))
        if request.method == "REGISTER":
            self._registering.request(request, now)
        elif request.method == "SUBSCRIBE":
            self._subscriptions.request(request, now)

    def _response(self, direction: str, response: Response, now: float) -> None:
        method = response.cseq.method
        if direction == "in":
            if method == "NOTIFY":
                self._notifying.response(response, now)
        elif method == "REGISTER":
            self._registering.response(response, now)
        elif method == "SUBSCRIBE":
            self._subscriptions.response(response, now)
