"""The challenges that a UE got, and how its next REGISTERs answer them (RFC 3261 §22.2, TS 24.229 §5.1.1.5)."""

from collections.abc import Callable

from scscf.conformance.asking import Asking
from scscf.conformance.findings import Findings
from scscf.conformance.recent import Recent
from scscf.conformance.ue.challenge import (
    Challenge,
    credentials_for,
    is_aka,
    judge_agreement,
    judge_aka,
    judge_credentials,
    judge_same_try,
    lacks_agreement,
    mechanisms,
)
from scscf.conformance.ue.profile import UeProfile, Vector
from scscf.sip.credentials import Credentials
from scscf.sip.sec_agree import Mechanism, is_same

_MOST = 64


class Answers:
    """The challenges that are open, and what is known of the nonces and mechanisms that the UE was given."""

    def __init__(self, profile: UeProfile, findings: Findings, vector_of: Callable[[str], Vector]) -> None:
        self._profile = profile
        self._findings = findings
        self._vector_of = vector_of
        self._open: Recent[str, Challenge] = Recent(_MOST)
        self._offers: Recent[str, dict[str, str]] = Recent(_MOST)
        self._counts: Recent[str, int] = Recent(_MOST)
        self._servers: Recent[tuple[Mechanism, ...], None] = Recent(2)

    def challenge(self, challenge: Challenge) -> None:
        """Take a challenge that was sent."""
        self._open[challenge.asking.aor] = challenge
        for offer in challenge.offers:
            self._offers[offer["nonce"]] = offer
        if challenge.servers:
            self._servers[challenge.servers] = None

    def close(self, aor: str) -> None:
        """Forget an open challenge: the network said something else since."""
        self._open.pop(aor, None)

    def answers_before(self, asking: Asking) -> bool:
        """Tell whether a REGISTER answers a challenge that is open."""
        challenge = self._open.get(asking.aor)
        return challenge is not None and credentials_for(asking.request, challenge.nonces) is not None

    def has_credentials(self, asking: Asking) -> bool:
        """Tell whether a REGISTER carries an answer to any nonce."""
        return credentials_for(asking.request, frozenset()) is not None

    def uses_old_agreement(self, asking: Asking) -> bool:
        """Tell whether a REGISTER that was not challenged uses an AKA nonce or a Security-Server of before."""
        if asking.aor in self._open:
            return False
        used = credentials_for(asking.request, frozenset())
        offer = self._offers.get(used.params.get("nonce", "")) if used is not None else None
        return "security-verify" in asking.request or (offer is not None and is_aka(offer))

    def judge(self, asking: Asking, expected_cseq: int, now: float, *, registered: bool) -> bool:
        """Judge a REGISTER by the challenge that is open; tell whether its CSeq was judged with it.

        `expected_cseq` is one more than the highest of its Call-ID; `registered`: whether the UE is bound already.
        """
        challenge = self._open.pop(asking.aor, None)
        credentials = credentials_for(asking.request, challenge.nonces if challenge is not None else frozenset())
        judged = False
        if challenge is None:
            self._judge_first(asking, now, registered)
        elif asking.call_id == challenge.asking.call_id:
            judged = self._judge_next(challenge, asking, credentials, expected_cseq, now, registered)
        elif credentials is not None and (offer := challenge.offer_to(credentials)) is not None:
            message = (
                f"Call-ID was {challenge.asking.call_id}, with the answer to the challenge it is {asking.call_id}."
            )
            self._findings.bring("call-id-changed-after-401", message, now)
            self._judge_answer(challenge, asking, credentials, offer, now, registered)
        self._count(credentials, now)
        return judged

    def _judge_first(self, asking: Asking, now: float, registered: bool) -> None:
        request = asking.request
        verify = mechanisms(request, "security-verify")
        if verify and self._servers and not any(is_same(sent, verify) for sent in self._servers):
            self._findings.bring("wrong-security-verify", "Security-Verify is no Security-Server of before.", now)
        if request.is_relayed:
            return
        if (
            self._profile.aka
            and not registered
            and not any(each.params.get("username") for each in request.authorization)
        ):
            self._findings.bring("no-authorization-at-first", "A REGISTER for AKA names no user.", now, asking.aor)
        if self._profile.sec_agree or "security-client" in request:
            self._findings.bring_all(lacks_agreement(request), now, "REGISTER")

    def _judge_next(
        self,
        challenge: Challenge,
        asking: Asking,
        credentials: Credentials | None,
        expected_cseq: int,
        now: float,
        registered: bool,
    ) -> bool:
        """Judge the next REGISTER of a challenged Call-ID; one that gives up or starts anew later is left alone."""
        waited = now - challenge.at
        offer = None if credentials is None else challenge.offer_to(credentials)
        if offer is None and (waited >= self._profile.answer or asking.removes or asking.is_query):
            return False
        lost = waited >= self._profile.answer and asking.cseq > expected_cseq
        if asking.cseq != expected_cseq and not lost:
            message = f"CSeq is {asking.cseq} after the challenge of {challenge.asking.cseq}, {expected_cseq} is due."
            self._findings.bring("cseq-wrong-after-401", message, now)
        if credentials is not None and offer is not None:
            self._judge_answer(challenge, asking, credentials, offer, now, registered)
        elif challenge.offers and not _lacks_server(challenge):
            if credentials is None:
                message = "The REGISTER after a challenge has no credentials for it."
                self._findings.bring("no-credentials-after-401", message, now, asking.call_id)
            else:
                message = "The REGISTER after a challenge has credentials for another nonce."
                self._findings.bring("stale-nonce-reused", message, now, asking.call_id)
        elif not challenge.offers and not asking.request.is_relayed:
            self._findings.bring_all(judge_agreement(challenge, asking.request, self._profile), now, asking.call_id)
        return True

    def _judge_answer(
        self,
        challenge: Challenge,
        asking: Asking,
        credentials: Credentials,
        offer: dict[str, str],
        now: float,
        registered: bool,
    ) -> None:
        self._findings.bring_all(judge_credentials(credentials, offer), now, asking.call_id)
        self._findings.bring_all(judge_same_try(challenge, asking, registered), now, asking.call_id)
        refuses = not credentials.params.get("response") or "auts" in credentials.params
        if is_aka(offer):
            self._findings.bring_all(judge_aka(credentials, self._vector_of(offer["nonce"])), now, asking.call_id)
        if not asking.request.is_relayed and not (is_aka(offer) and refuses):
            self._findings.bring_all(judge_agreement(challenge, asking.request, self._profile), now, asking.call_id)

    def _count(self, credentials: Credentials | None, now: float) -> None:
        """Hold the nonce count of a digest nonce to rise; AKA repeats its answer (TS 24.229 §5.1.1.4.2)."""
        if credentials is None or "qop" not in credentials.params:
            return
        nonce, text = credentials.params["nonce"], credentials.params.get("nc", "")
        offer = self._offers.get(nonce)
        try:
            count = int(text, 16)
        except ValueError:
            return
        if offer is None or is_aka(offer) or len(text) > 8:
            return
        before = self._counts.get(nonce, 0)
        if count <= before:
            self._findings.bring("nc-not-rising", f"The nonce count is {count} after {before}.", now)
        self._counts[nonce] = max(count, before)


def _lacks_server(challenge: Challenge) -> bool:
    """Tell whether a UE that offered a security agreement got none: it has to begin anew (TS 24.229 §5.1.1.5.1)."""
    return "security-client" in challenge.asking.request and not challenge.servers
