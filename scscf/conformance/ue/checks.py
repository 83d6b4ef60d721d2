"""What a UE is held to, by name: the table that scenarios, reports and the documents take the rules from."""

from typing import Final

from scscf.conformance.check import Check

UE_CHECKS: Final[dict[str, Check]] = {
    "malformed-request": Check("RFC 3261 §8.1.1", "A request lacks what every request has, or it cannot be read."),
    "content-length-wrong": Check(
        "RFC 3261 §20.14", "Content-Length is not the size of the body, or it is missing on a stream."
    ),
    "via-branch-without-cookie": Check("RFC 3261 §8.1.1.7", "The branch of its Via does not begin with z9hG4bK."),
    "max-forwards-missing": Check("RFC 3261 §8.1.1.6", "A request has no Max-Forwards."),
    "from-tag-missing": Check("RFC 3261 §8.1.1.3", "From has no tag."),
    "to-tag-outside-dialog": Check("RFC 3261 §8.1.1.2", "A REGISTER has a To tag, and there is no dialog."),
    "to-differs-from-from": Check(
        "RFC 3261 §10.2", "To and From of a REGISTER name two users, and no third party registers here."
    ),
    "register-uri-with-user": Check(
        "RFC 3261 §10.2", "The Request-URI of a REGISTER names a user: it is to be the domain."
    ),
    "wrong-identity": Check(
        "TS 24.229 §5.1.1.2", "A REGISTER is for an identity or by a user name that is not the UE's.", from_memory=True
    ),
    "register-flood": Check(
        "RFC 3261 §10.2", "A new REGISTER comes before the one before it was answered or timed out."
    ),
    "cseq-not-rising": Check("RFC 3261 §10.2", "CSeq does not rise between two requests of one Call-ID."),
    "call-id-changed-after-401": Check(
        "RFC 3261 §8.1.3.5", "The answer to a challenge has another Call-ID than what was challenged."
    ),
    "cseq-wrong-after-401": Check("RFC 3261 §8.1.3.5", "The CSeq of the answer to a challenge is not one higher."),
    "contact-changed-after-401": Check(
        "TS 24.229 §5.1.1.5",
        "The answer to a challenge registers another contact than what was challenged, or none.",
        from_memory=True,
    ),
    "expires-zero-by-accident": Check(
        "RFC 3261 §10.2.2", "A request that means to register asks for 0 seconds, which de-registers."
    ),
    "no-credentials-after-401": Check("RFC 3261 §22.2", "The request after a challenge carries no answer to it."),
    "stale-nonce-reused": Check("RFC 7616 §3.3", "The request after a challenge answers an older one."),
    "nc-not-rising": Check("RFC 7616 §3.4", "A nonce is used again and its nonce count does not rise."),
    "credentials-incomplete": Check("RFC 7616 §3.4", "Credentials have a qop, and no cnonce or no nonce count."),
    "challenge-not-echoed": Check(
        "RFC 7616 §3.4", "Credentials do not repeat realm, opaque or algorithm of the challenge."
    ),
    "challenge-not-answered": Check("TS 24.229 §5.1.1.5", "Nothing comes after a challenge.", from_memory=True),
    "no-authorization-at-first": Check(
        "TS 24.229 §5.1.1.2.2", "An initial REGISTER for AKA does not say who it is by.", from_memory=True
    ),
    "empty-response": Check("RFC 3310 §3.3", "The response to a good AKA challenge is empty."),
    "auts-without-reason": Check("RFC 3310 §3.4", "AUTS comes for a sequence number that is in order."),
    "response-after-bad-mac": Check(
        "TS 34.229-1 §9.1", "A challenge whose MAC is wrong is answered as if it were right."
    ),
    "no-auts-after-old-sqn": Check(
        "TS 34.229-1 §9.2", "A challenge with an old sequence number is answered without AUTS."
    ),
    "sec-agree-missing": Check(
        "RFC 3329 §2.3.1", "Security-Client, or sec-agree in Require and Proxy-Require, is missing."
    ),
    "wrong-security-verify": Check("RFC 3329 §2.3.1", "Security-Verify is not a copy of Security-Server."),
    "security-client-changed": Check(
        "TS 24.229 §5.1.1.5",
        "The answer to a challenge has another Security-Client than what was challenged.",
        from_memory=True,
    ),
    "register-without-contact": Check(
        "TS 24.229 §5.1.1.2", "An initial REGISTER has no Contact, so that it only asks.", from_memory=True
    ),
    "deregister-without-contact": Check(
        "RFC 3261 §10.2.2", "A REGISTER with Expires 0 names no contact, so that nothing is de-registered."
    ),
    "star-with-expires": Check("RFC 3261 §10.2.2", "Contact is * and Expires is not 0."),
    "gruu-as-contact": Check("RFC 5627 §5.1", "A REGISTER has a GRUU for a contact."),
    "register-with-route": Check("TS 34.229-1 §A.1.1", "A REGISTER has a Route; judged where the profile is strict."),
    "service-route-in-register": Check("RFC 3608 §6.1", "A REGISTER goes along the Service-Route."),
    "not-600000": Check(
        "TS 34.229-1 §A.1.1", "REGISTER or SUBSCRIBE do not ask for 600000 s; judged where the profile is strict."
    ),
    "ignores-423": Check(
        "RFC 3261 §10.2.8",
        "After 423 the same interval, or one still below Min-Expires, is asked for, or nothing more.",
    ),
    "retry-before-retry-after": Check(
        "RFC 3261 §21.5.4", "A request comes again before the Retry-After of its 503 is over."
    ),
    "late-refresh": Check(
        "TS 24.229 §5.1.1.4",
        "A registration is not refreshed when it is due; without IMS, not before it ends.",
        from_memory=True,
    ),
    "too-late-after-shortened": Check("TS 24.229 §5.1.1.5A", "No REGISTER comes before the end that was shortened."),
    "no-register-after-deactivated": Check(
        "TS 24.229 §5.1.1.7", "No REGISTER comes after the network deactivated the registration."
    ),
    "register-after-rejected": Check(
        "TS 24.229 §5.1.1.7", "A REGISTER comes although the network rejected the registration."
    ),
    "too-early-after-probation": Check(
        "RFC 3680 §4.7", "A REGISTER comes before the retry-after of a probation is over."
    ),
    "no-register-after-probation": Check(
        "RFC 3680 §4.7", "No REGISTER comes when the retry-after of a probation is over."
    ),
    "refresh-after-deregistration": Check(
        "TS 24.229 §5.1.1.6",
        "After de-registering, a REGISTER still uses what the registration had agreed on.",
        from_memory=True,
    ),
    "no-subscribe": Check("TS 24.229 §5.1.1.3", "No SUBSCRIBE comes after the registration."),
    "subscribe-without-event": Check("RFC 6665 §4.1.2.1", "A SUBSCRIBE has no Event."),
    "subscribe-without-contact": Check("RFC 3261 §8.1.1.8", "A SUBSCRIBE has no Contact, or more than one."),
    "accept-without-reginfo": Check(
        "RFC 3680 §4.5", "Accept leaves application/reginfo+xml out; where the profile is strict, it has to be there."
    ),
    "subscribe-to-wrong-identity": Check(
        "TS 24.229 §5.1.1.3", "The SUBSCRIBE is not for an identity of the UE that is registered and not barred."
    ),
    "service-route-not-used": Check(
        "TS 24.229 §5.1.1.2", "The Route of a SUBSCRIBE does not end with the Service-Route.", from_memory=True
    ),
    "late-subscription-refresh": Check(
        "TS 24.229 §5.1.1.3", "The subscription is not refreshed when it is due.", from_memory=True
    ),
    "uses-terminated-subscription": Check("RFC 6665 §4.1.2.2", "A subscription that is over is refreshed."),
    "resubscribe-after-rejected": Check(
        "RFC 6665 §4.1.3", "A SUBSCRIBE comes although the subscription ended with rejected or noresource."
    ),
    "unsubscribe-loop": Check("RFC 6665 §4.1.2.3", "The UE unsubscribes over and over."),
    "no-answer-to-notify": Check("RFC 6665 §4.1.3", "A NOTIFY gets no final answer."),
    "notify-answered-481": Check(
        "RFC 6665 §4.1.3", "A NOTIFY of a subscription that the UE made and never ended gets 481."
    ),
    "notify-refused": Check("RFC 6665 §4.1.3", "A NOTIFY with nothing wrong in it gets another answer than 200."),
}
"""Name of a check → where it stands and what it means."""
