"""What a UE that acts by itself can be told to do wrong, and how the wrong REGISTERs come about."""

from collections.abc import Mapping
from typing import Final

from scscf.ue.autonomous.states import RegistrationInput
from scscf.ue.ue import Headers, Ue

_NOT_THE_SERVERS = "ipsec-3gpp;q=0.1;alg=hmac-md5-96;spi-c=1;spi-s=2;port-c=3;port-s=4"

MISBEHAVIOURS: Final[Mapping[str, str]] = {
    "no-register-after-deactivated": "it stays away when the network deactivates its registration",
    "register-after-rejected": "it registers again when the network rejects its registration",
    "too-early-after-probation": "it waits only a quarter of the retry-after of a probation",
    "ignores-423": "it asks for the same again after 423",
    "call-id-changed-after-401": "it answers a challenge with another Call-ID",
    "cseq-wrong-after-401": "it answers a challenge with a CSeq that is eight higher",
    "wrong-security-verify": "its Security-Verify is not what Security-Server was",
    "no-subscribe": "it does not subscribe to its registration state",
    "no-answer-to-notify": "it answers no NOTIFY",
    "late-refresh": "it registers again half a minute after its registration ended",
    "wrong-identity": "it registers an identity that is not its own",
    "too-late-after-shortened": "it registers again five seconds after an end that was shortened",
    "unsubscribe-loop": "it unsubscribes and subscribes over and over",
}
"""Name → what such a UE does."""


def wrong_headers(ue: Ue, misbehave: frozenset[str]) -> Headers | None:
    """Return what a REGISTER says in place of the right thing."""
    if "wrong-identity" not in misbehave:
        return None
    scheme, _, rest = ue.identity.aor.partition(":")
    other = f"<{scheme}:not-{rest}>"
    return {"From": f"{other};tag={ue.tag}", "To": other}


def spoil_answer(ue: Ue, misbehave: frozenset[str]) -> None:
    """Have the answer to a challenge go wrong."""
    if "call-id-changed-after-401" in misbehave:
        ue.call_id = ue.agent.identifiers.call_id()
    if "cseq-wrong-after-401" in misbehave:
        ue.cseq += 7
    if "wrong-security-verify" in misbehave and ue.security_server:
        ue.security_server = (_NOT_THE_SERVERS,)


def understood(what: RegistrationInput, misbehave: frozenset[str]) -> RegistrationInput | None:
    """Return what a UE takes the end of its registration for, None: for nothing."""
    if what is RegistrationInput.ENDED and misbehave & {"late-refresh", "too-late-after-shortened"}:
        return None
    if what is RegistrationInput.DEACTIVATED and "no-register-after-deactivated" in misbehave:
        return RegistrationInput.REJECTED
    if what is RegistrationInput.REJECTED and "register-after-rejected" in misbehave:
        return RegistrationInput.DEACTIVATED
    return what
