"""The REGISTERs of a UE, each held against the one before it and its answer (RFC 3261 §10.2, TS 24.229 §5.1.1)."""

from scscf.conformance.asking import Asking, asking_of
from scscf.conformance.findings import Findings
from scscf.conformance.recent import Recent
from scscf.conformance.ue.answers import Answers
from scscf.conformance.ue.challenge import challenge_of
from scscf.conformance.ue.duties import Duties
from scscf.conformance.ue.form import register_form, retry_after
from scscf.conformance.ue.profile import UeProfile
from scscf.conformance.ue.registration import OwnRegistration
from scscf.conformance.ue.subscription import Subscriptions
from scscf.sip.grammar import parse_delta_seconds
from scscf.sip.message import Request, Response
from scscf.sip.uri_comparison import same_uri

_MOST = 64
_MOST_IDENTITIES = 1024


class Registering:
    """Judges the REGISTERs of one UE and takes their answers."""

    def __init__(
        self,
        profile: UeProfile,
        findings: Findings,
        duties: Duties,
        registration: OwnRegistration,
        answers: Answers,
        subscriptions: Subscriptions,
        *,
        aor: str | None,
        impi: str | None,
    ) -> None:
        self._profile = profile
        self._findings = findings
        self._duties = duties
        self._registration = registration
        self._answers = answers
        self._subscriptions = subscriptions
        self._aor = aor
        self._impi = impi
        self._cseqs: Recent[str, int] = Recent(_MOST)
        self._unanswered: Recent[tuple[str, int], Asking] = Recent(_MOST)
        self._answered: Recent[tuple[str, int], tuple[Asking, int]] = Recent(_MOST)
        self._least: Recent[str, int] = Recent(_MOST)
        self._own: set[str] = set() if aor is None else {aor, *profile.identities}

    def request(self, request: Request, now: float) -> None:
        """Judge a REGISTER. Raises SipError(400) for one that cannot be read."""
        asking = asking_of(request, now)
        findings, registration = self._findings, self._registration
        findings.bring_all(register_form(asking, self._profile), now, asking.call_id)
        self._judge_identity(asking, now)
        self._judge_place(asking, now)
        before = self._cseqs.get(asking.call_id)
        answers = self._answers.answers_before(asking)
        if not answers:
            self._judge_time(asking, now)
        if registration.has_left and asking.registers and self._answers.uses_old_agreement(asking):
            message = "A REGISTER after de-registration uses an AKA nonce or a security agreement of before."
            findings.bring("refresh-after-deregistration", message, now)
        registered = bool(registration.bindings)
        expected = asking.cseq if before is None else before + 1
        judged = self._answers.judge(asking, expected, now, registered=registered)
        if before is not None and asking.cseq <= before and not judged:
            findings.bring("cseq-not-rising", f"CSeq of a REGISTER is {asking.cseq} after {before}.", now)
        first = not registered and not judged
        if self._profile.ims and asking.is_query and first and asking.request.expires != 0:
            findings.bring("register-without-contact", "An initial REGISTER has no Contact.", now, asking.call_id)
        self._cseqs[asking.call_id] = max(asking.cseq, before or 0)
        self._unanswered[asking.call_id, asking.cseq] = asking
        for kind in ("answer", "raise"):
            self._duties.settle(kind, asking.aor)
        registration.tries(asking)
        anew = asking.registers and before is None and not self._answers.has_credentials(asking)
        self._subscriptions.registers(anew=anew)

    def response(self, response: Response, now: float) -> None:
        """Take a response to a REGISTER."""
        key = (response.call_id, response.cseq.number)
        if response.status < 200:
            return
        asking = self._unanswered.pop(key, None)
        if asking is None:
            if key in self._answered and 200 <= response.status < 300 and self._answered[key][1] == response.status:
                self._registration.again(self._answered[key][0], now)
            return
        self._answered[key] = (asking, response.status)
        status = response.status
        if status < 300:
            self._answers.close(asking.aor)
            if not asking.is_emergency:
                self._duties.allow("retry")
            self._accepted(asking, response, now)
        elif status in (401, 407, 421, 494):
            self._challenged(asking, response, now)
        else:
            self._answers.close(asking.aor)
        if status == 423 and asking.registers:
            self._too_brief(asking, response, now)
        wait = retry_after(response) if status == 503 else None
        if wait is not None:
            message = f"A REGISTER came before the {wait} s of Retry-After were over."
            self._duties.forbid(("retry",), now + wait - self._profile.early, "retry-before-retry-after", message)

    def _judge_identity(self, asking: Asking, now: float) -> None:
        own = self._own | self._registration.bindings.identities()
        if self._aor is not None and asking.aor not in own and not asking.is_emergency:
            message = f"A REGISTER is for {asking.aor}, the UE is {self._aor}."
            self._findings.bring("wrong-identity", message, now, asking.aor)
        for credentials in asking.request.authorization:
            username = credentials.params.get("username")
            if self._impi is not None and username and username != self._impi:
                message = f"A REGISTER is by {username}, the UE is {self._impi}."
                self._findings.bring("wrong-identity", message, now, username)

    def _judge_place(self, asking: Asking, now: float) -> None:
        """Hold a REGISTER to come after the answer to the one before, and not along the Service-Route."""
        own = self._registration.service_route
        if own and any(same_uri(address.uri, uri) for address in asking.request.route for uri in own):
            self._findings.bring("service-route-in-register", "A REGISTER has the Service-Route in Route.", now, own)
        if not asking.registers:
            return
        for key, other in self._unanswered.items():
            waits = now - other.at < self._profile.answer and other.at > self._registration.told_at
            if waits and other.aor == asking.aor and other.registers and asking.flows & other.flows:
                message = f"A REGISTER came {now - other.at:g} s after one that has no answer yet."
                self._findings.bring("register-flood", message, now, key)

    def _judge_time(self, asking: Asking, now: float) -> None:
        """Hold a REGISTER that begins something to what the network asked to wait for, and to ask for enough."""
        if not asking.registers or asking.is_emergency:
            return
        bans = [self._duties.broken(subject, now) for subject in (("retry",), ("register", asking.aor))]
        for ban in bans:
            if ban is not None:
                self._findings.bring(ban.check, ban.message, now)
                self._duties.allow("register")
        least = self._least.get(asking.aor, 0)
        for contact in asking.kept:
            if contact.seconds is not None and contact.seconds < least:
                del self._least[asking.aor]
                message = f"A REGISTER asks for {contact.seconds} s after 423 with Min-Expires {least}."
                self._findings.bring("ignores-423", message, now)
                return

    def _accepted(self, asking: Asking, response: Response, now: float) -> None:
        created = self._registration.took(asking, response, now)
        if len(self._own) < _MOST_IDENTITIES:
            self._own |= self._registration.bindings.identities()
        if asking.registers:
            self._least.pop(asking.aor, None)
            self._duties.allow("resubscribe")
        if created:
            self._subscriptions.registered(now)
        if self._registration.is_over(now):
            self._subscriptions.deregistered()

    def _challenged(self, asking: Asking, response: Response, now: float) -> None:
        challenge = challenge_of(asking, response, now)
        if challenge is None:
            self._answers.close(asking.aor)
            return
        self._answers.challenge(challenge)
        failed = self._answers.has_credentials(asking) and not challenge.is_stale
        if self._profile.ims and challenge.offers and asking.registers and not failed:
            message = f"A challenge for {asking.aor} got no answer in {self._profile.reaction:g} s."
            self._duties.owe(("answer", asking.aor), now + self._profile.reaction, "challenge-not-answered", message)

    def _too_brief(self, asking: Asking, response: Response, now: float) -> None:
        least = parse_delta_seconds(response.get("min-expires") or "")
        if not least:
            return
        self._least[asking.aor] = least
        if self._profile.ims:
            message = f"Nothing came in {self._profile.reaction:g} s after 423 with Min-Expires {least}."
            self._duties.owe(("raise", asking.aor), now + self._profile.reaction, "ignores-423", message)
