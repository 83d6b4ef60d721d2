"""What a UE is held to, by name: the table that scenarios, reports and the documents take the rules from."""

from typing import Final, NamedTuple


class UeCheck(NamedTuple):
    """One rule for UEs."""

    clause: str
    """Where it stands: `TS 24.229 §5.1.1.7`."""
    sentence: str
    """What is wrong with a UE that breaks it."""
    from_memory: bool = False
    """Whether the wording of the clause was not at hand."""


UE_CHECKS: Final[dict[str, UeCheck]] = {
    "malformed-request": UeCheck("RFC 3261 §8.1.1", "A request lacks what every request has, or it cannot be read."),
    "content-length-wrong": UeCheck(
        "RFC 3261 §20.14", "Content-Length is not the size of the body, or it is missing on a stream."
    ),
    "via-branch-without-cookie": UeCheck("RFC 3261 §8.1.1.7", "The branch of its Via does not begin with z9hG4bK."),
    "max-forwards-missing": UeCheck("RFC 3261 §8.1.1.6", "A request has no Max-Forwards."),
    "from-tag-missing": UeCheck("RFC 3261 §8.1.1.3", "From has no tag."),
    "to-tag-outside-dialog": UeCheck("RFC 3261 §8.1.1.2", "A REGISTER has a To tag, and there is no dialog."),
    "to-differs-from-from": UeCheck(
        "RFC 3261 §10.2", "To and From of a REGISTER name two users, and no third party registers here."
    ),
    "register-uri-with-user": UeCheck(
        "RFC 3261 §10.2", "The Request-URI of a REGISTER names a user: it is to be the domain."
    ),
    "wrong-identity": UeCheck(
        "TS 24.229 §5.1.1.2", "A REGISTER is for an identity or by a user name that is not the UE's.", True
    ),
    "register-flood": UeCheck(
        "RFC 3261 §10.2", "A new REGISTER comes before the one before it was answered or timed out."
    ),
    "cseq-not-rising": UeCheck("RFC 3261 §10.2", "CSeq does not rise between two requests of one Call-ID."),
    "call-id-changed-after-401": UeCheck(
        "RFC 3261 §8.1.3.5", "The answer to a challenge has another Call-ID than what was challenged."
    ),
    "cseq-wrong-after-401": UeCheck("RFC 3261 §8.1.3.5", "The CSeq of the answer to a challenge is not one higher."),
    "contact-changed-after-401": UeCheck(
        "TS 24.229 §5.1.1.5",
        "The answer to a challenge registers another contact than what was challenged, or none.",
        True,
    ),
    "expires-zero-by-accident": UeCheck(
        "RFC 3261 §10.2.2", "A request that means to register asks for 0 seconds, which de-registers."
    ),
    "no-credentials-after-401": UeCheck("RFC 3261 §22.2", "The request after a challenge carries no answer to it."),
    "stale-nonce-reused": UeCheck("RFC 7616 §3.3", "The request after a challenge answers an older one."),
    "nc-not-rising": UeCheck("RFC 7616 §3.4", "A nonce is used again and its nonce count does not rise."),
    "credentials-incomplete": UeCheck("RFC 7616 §3.4", "Credentials have a qop, and no cnonce or no nonce count."),
    "challenge-not-echoed": UeCheck(
        "RFC 7616 §3.4", "Credentials do not repeat realm, opaque or algorithm of the challenge."
    ),
    "challenge-not-answered": UeCheck("TS 24.229 §5.1.1.5", "Nothing comes after a challenge.", True),
    "no-authorization-at-first": UeCheck(
        "TS 24.229 §5.1.1.2.2", "An initial REGISTER for AKA does not say who it is by.", True
    ),
    "empty-response": UeCheck("RFC 3310 §3.3", "The response to a good AKA challenge is empty."),
    "auts-without-reason": UeCheck("RFC 3310 §3.4", "AUTS comes for a sequence number that is in order."),
    "response-after-bad-mac": UeCheck(
        "TS 34.229-1 §9.1", "A challenge whose MAC is wrong is answered as if it were right."
    ),
    "no-auts-after-old-sqn": UeCheck(
        "TS 34.229-1 §9.2", "A challenge with an old sequence number is answered without AUTS."
    ),
    "sec-agree-missing": UeCheck(
        "RFC 3329 §2.3.1", "Security-Client, or sec-agree in Require and Proxy-Require, is missing."
    ),
    "wrong-security-verify": UeCheck("RFC 3329 §2.3.1", "Security-Verify is not a copy of Security-Server."),
    "security-client-changed": UeCheck(
        "TS 24.229 §5.1.1.5", "The answer to a challenge has another Security-Client than what was challenged.", True
    ),
    "register-without-contact": UeCheck(
        "TS 24.229 §5.1.1.2", "An initial REGISTER has no Contact, so that it only asks.", True
    ),
    "deregister-without-contact": UeCheck(
        "RFC 3261 §10.2.2", "A REGISTER with Expires 0 names no contact, so that nothing is de-registered."
    ),
    "star-with-expires": UeCheck("RFC 3261 §10.2.2", "Contact is * and Expires is not 0."),
    "gruu-as-contact": UeCheck("RFC 5627 §5.1", "A REGISTER has a GRUU for a contact."),
    "register-with-route": UeCheck("TS 34.229-1 §A.1.1", "A REGISTER has a Route; judged where the profile is strict."),
    "service-route-in-register": UeCheck("RFC 3608 §6.1", "A REGISTER goes along the Service-Route."),
    "not-600000": UeCheck(
        "TS 34.229-1 §A.1.1", "REGISTER or SUBSCRIBE do not ask for 600000 s; judged where the profile is strict."
    ),
    "ignores-423": UeCheck(
        "RFC 3261 §10.2.8",
        "After 423 the same interval, or one still below Min-Expires, is asked for, or nothing more.",
    ),
    "retry-before-retry-after": UeCheck(
        "RFC 3261 §21.5.4", "A request comes again before the Retry-After of its 503 is over."
    ),
    "late-refresh": UeCheck(
        "TS 24.229 §5.1.1.4", "A registration is not refreshed when it is due; without IMS, not before it ends.", True
    ),
    "too-late-after-shortened": UeCheck("TS 24.229 §5.1.1.5A", "No REGISTER comes before the end that was shortened."),
    "no-register-after-deactivated": UeCheck(
        "TS 24.229 §5.1.1.7", "No REGISTER comes after the network deactivated the registration."
    ),
    "register-after-rejected": UeCheck(
        "TS 24.229 §5.1.1.7", "A REGISTER comes although the network rejected the registration."
    ),
    "too-early-after-probation": UeCheck(
        "RFC 3680 §4.7", "A REGISTER comes before the retry-after of a probation is over."
    ),
    "no-register-after-probation": UeCheck(
        "RFC 3680 §4.7", "No REGISTER comes when the retry-after of a probation is over."
    ),
    "refresh-after-deregistration": UeCheck(
        "TS 24.229 §5.1.1.6", "After de-registering, a REGISTER still uses what the registration had agreed on.", True
    ),
    "no-subscribe": UeCheck("TS 24.229 §5.1.1.3", "No SUBSCRIBE comes after the registration."),
    "subscribe-without-event": UeCheck("RFC 6665 §4.1.2.1", "A SUBSCRIBE has no Event."),
    "subscribe-without-contact": UeCheck("RFC 3261 §8.1.1.8", "A SUBSCRIBE has no Contact, or more than one."),
    "accept-without-reginfo": UeCheck(
        "RFC 3680 §4.5", "Accept leaves application/reginfo+xml out; where the profile is strict, it has to be there."
    ),
    "subscribe-to-wrong-identity": UeCheck(
        "TS 24.229 §5.1.1.3", "The SUBSCRIBE is not for an identity of the UE that is registered and not barred."
    ),
    "service-route-not-used": UeCheck(
        "TS 24.229 §5.1.1.2", "The Route of a SUBSCRIBE does not end with the Service-Route.", True
    ),
    "late-subscription-refresh": UeCheck(
        "TS 24.229 §5.1.1.3", "The subscription is not refreshed when it is due.", True
    ),
    "uses-terminated-subscription": UeCheck("RFC 6665 §4.1.2.2", "A subscription that is over is refreshed."),
    "resubscribe-after-rejected": UeCheck(
        "RFC 6665 §4.1.3", "A SUBSCRIBE comes although the subscription ended with rejected or noresource."
    ),
    "unsubscribe-loop": UeCheck("RFC 6665 §4.1.2.3", "The UE unsubscribes over and over."),
    "no-answer-to-notify": UeCheck("RFC 6665 §4.1.3", "A NOTIFY gets no final answer."),
    "notify-answered-481": UeCheck(
        "RFC 6665 §4.1.3", "A NOTIFY of a subscription that the UE made and never ended gets 481."
    ),
    "notify-refused": UeCheck("RFC 6665 §4.1.3", "A NOTIFY with nothing wrong in it gets another answer than 200."),
}
"""Name of a check → where it stands and what it means."""
