"""What a network is held to, by name: the table that scenarios, reports and the documents take the rules from."""

from typing import Final

from scscf.conformance.check import Check
from scscf.conformance.network.document_checks import AGREEMENT_CHECKS, DOCUMENT_CHECKS, HISTORY_CHECKS
from scscf.conformance.network.endpoint_checks import ENDPOINT_CHECKS

_ANSWERS: Final = {
    "not-answered": Check("RFC 3261 §17.2.2", "A REGISTER or SUBSCRIBE gets no final answer in 64·T1."),
    "answer-unreadable": Check("RFC 3261 §8.2.6", "An answer lacks what every answer has, or it cannot be read."),
    "answer-fields-changed": Check(
        "RFC 3261 §8.2.6.2", "An answer does not repeat Via, From, To, Call-ID and CSeq of its request."
    ),
    "answer-without-to-tag": Check("RFC 3261 §8.2.6.2", "An answer other than 100 has no To tag."),
    "provisional-answer": Check("RFC 4320 §4.1", "A request other than INVITE gets a provisional answer beyond 100."),
    "answered-408": Check("RFC 4320 §4.2", "A request other than INVITE is answered 408."),
    "answered-6xx": Check("RFC 3261 §10.3", "A registrar answers with a status of 600 or more."),
    "record-route-in-answer": Check("RFC 3261 §10.3", "An answer to REGISTER has a Record-Route."),
    "allow-missing": Check("RFC 3261 §21.4.6", "405 has no Allow."),
    "unsupported-missing": Check("RFC 3261 §8.2.2.3", "420 has no Unsupported."),
    "allow-events-missing": Check("RFC 6665 §8.3.2", "489 has no Allow-Events."),
    "security-server-missing": Check("RFC 3329 §2.3.1", "494 has no Security-Server."),
    "min-expires-missing": Check("RFC 3261 §21.4.17", "423 has no Min-Expires."),
    "423-not-due": Check(
        "RFC 3261 §10.3", "423 refuses an hour or more, or no less than the Min-Expires that it has, or nothing at all."
    ),
    "challenge-incomplete": Check("RFC 3261 §22.1", "401 has no challenge, or one without realm or nonce."),
    "aka-nonce-malformed": Check("RFC 3310 §3.2", "The nonce of an AKA challenge does not hold RAND and AUTN."),
    "challenged-again": Check(
        "RFC 7616 §3.3",
        "Credentials for the nonce of the latest challenge are challenged again, and nothing says that it is stale; "
        "a wrong password looks the same.",
        asked_for=True,
    ),
    "require-ignored": Check(
        "RFC 3261 §8.2.2.3", "A request whose Require names an option that is registered nowhere is accepted."
    ),
}

_REGISTER: Final = {
    "star-not-refused": Check("RFC 3261 §10.3", "Contact * without Expires 0 is not answered 400."),
    "empty-contact": Check("RFC 3261 §20.10", "A 200 to REGISTER has a Contact with nothing in it."),
    "contact-without-expires": Check("RFC 3261 §10.3", "A 200 to REGISTER lists a contact without expires."),
    "contact-listed-twice": Check("RFC 3261 §10.3", "A 200 to REGISTER lists one contact twice."),
    "own-contact-missing": Check("RFC 3261 §10.3", "A 200 to REGISTER does not list a contact that it registers."),
    "removed-contact-listed": Check("RFC 3261 §10.3", "A 200 to REGISTER still lists a contact that it de-registers."),
    "granted-more-than-asked": Check("RFC 3261 §10.3", "A 200 to REGISTER grants a contact more than it asks for."),
    "path-not-echoed": Check(
        "RFC 3327 §5.3", "A 200 to REGISTER has another Path than the request; in IMS it may not be missing either."
    ),
    "gruu-unasked": Check("RFC 5627 §5.3", "A 200 to REGISTER has a GRUU, and the UE does not support GRUUs."),
    "gruu-changed": Check("RFC 5627 §3.1", "The public GRUU of a contact changes while it is registered."),
    "outbound-unasked": Check("RFC 5626 §6", "A 200 to REGISTER requires outbound, and the request did not use it."),
    "associated-uri-missing": Check(
        "TS 24.229 §5.4.1.2.2F", "A 200 to REGISTER has no P-Associated-URI.", ims=True, from_memory=True
    ),
    "associated-uri-twice": Check("RFC 7315 §4.1", "P-Associated-URI names one identity twice."),
    "service-route-missing": Check(
        "TS 24.229 §5.4.1.2.2F", "A 200 to REGISTER has no Service-Route.", ims=True, from_memory=True
    ),
    "service-route-on-deregister": Check(
        "TS 24.229 §5.4.1.4",
        "A 200 to a de-REGISTER that leaves nothing has a Service-Route.",
        ims=True,
        from_memory=True,
    ),
}

_SUBSCRIBE: Final = {
    "not-481": Check("RFC 3261 §12.2.2", "A SUBSCRIBE in a dialog that is not there is not answered 481."),
    "event-missing-accepted": Check("RFC 6665 §8.2.1", "A SUBSCRIBE without Event is accepted."),
    "accept-ignored": Check("RFC 3680 §4.5", "A SUBSCRIBE that accepts no reginfo document is not answered 406."),
    "answered-202": Check(
        "RFC 6665 §8.3.1", "A SUBSCRIBE is answered 202; notifiers of RFC 3265 do so.", asked_for=True
    ),
    "subscribe-answer-without-expires": Check("RFC 6665 §4.2.1.1", "A 2xx to SUBSCRIBE has no Expires."),
    "subscription-longer-than-asked": Check("RFC 6665 §4.2.1.1", "A 2xx to SUBSCRIBE grants more than is asked for."),
    "subscribe-answer-without-contact": Check("RFC 3261 §12.1.1", "A 2xx to SUBSCRIBE has no Contact."),
    "no-notify-after-subscribe": Check("RFC 6665 §4.2.1.2", "No NOTIFY follows a SUBSCRIBE or a refresh."),
    "no-full-state-after-subscribe": Check("RFC 3680 §4.3", "No full document follows a SUBSCRIBE or a refresh."),
    "no-final-notify": Check(
        "RFC 6665 §4.2.1.4", "A subscription ends, by the watcher's will or by time, and no NOTIFY says so."
    ),
    "change-not-told": Check(
        "RFC 3680 §4.7.2", "A contact is registered or de-registered, and a watcher is not told in time."
    ),
}

_NOTIFY: Final = {
    "notify-unreadable": Check("RFC 3261 §8.1.1", "A NOTIFY lacks what every request has, or it cannot be read."),
    "notify-outside-dialog": Check("RFC 6665 §4.1.3", "A NOTIFY belongs to no subscription."),
    "notify-cseq-not-rising": Check("RFC 3261 §12.2.1.1", "CSeq does not rise between two NOTIFYs of a dialog."),
    "notify-without-from-tag": Check("RFC 3261 §8.1.1.3", "From of a NOTIFY has no tag."),
    "notify-identity-changed": Check(
        "RFC 3261 §12.2.1.1", "From and To of a NOTIFY are not To and From of the SUBSCRIBE."
    ),
    "notify-without-contact": Check("RFC 6665 §4.2.2", "A NOTIFY has no Contact, or more than one."),
    "notify-event-differs": Check("RFC 6665 §8.2.1", "Event of a NOTIFY is not that of the SUBSCRIBE."),
    "notify-to-wrong-target": Check("RFC 3261 §12.2.1.1", "A NOTIFY does not go to the contact of the SUBSCRIBE."),
    "notify-after-terminated": Check("RFC 6665 §4.1.3", "A NOTIFY comes after the one that said terminated."),
    "notify-after-refusal": Check(
        "RFC 6665 §4.2.2", "A NOTIFY comes in a dialog that a refused NOTIFY or SUBSCRIBE ended."
    ),
    "subscription-state-malformed": Check(
        "RFC 6665 §4.1.3", "Subscription-State of a NOTIFY is missing or cannot be read."
    ),
    "subscription-state-without-expires": Check(
        "RFC 6665 §4.2.2", "Subscription-State is active or pending and has no expires."
    ),
    "subscription-expires-rises": Check(
        "RFC 6665 §4.2.2", "Subscription-State has more time left than was granted, or than before, without a refresh."
    ),
    "terminated-without-reason": Check("RFC 6665 §4.2.2", "Subscription-State is terminated, and there is no reason."),
    "terminated-with-expires": Check("RFC 6665 §4.1.3", "Subscription-State is terminated and has expires."),
    "unknown-reason": Check("RFC 6665 §4.1.3", "The reason of a terminated subscription is registered nowhere."),
    "notify-without-document": Check("RFC 3680 §4.5", "A NOTIFY of an active subscription has no document."),
    "notify-body-type": Check("RFC 3680 §4.5", "Content-Type of a NOTIFY is not application/reginfo+xml."),
    "first-notify-not-full": Check("RFC 3680 §4.3", "The first document of a subscription is not full."),
    "notify-before-answer": Check(
        "TS 24.229 §5.4.1.4", "A NOTIFY tells of a REGISTER before that is answered.", from_memory=True
    ),
    "subscription-outlives-registrations": Check(
        "TS 24.229 §5.4.2.1.2",
        "Everything is terminated, and Subscription-State is still active.",
        ims=True,
        from_memory=True,
    ),
}

CHECKS: Final[dict[str, Check]] = {
    **_ANSWERS,
    **_REGISTER,
    **_SUBSCRIBE,
    **_NOTIFY,
    **DOCUMENT_CHECKS,
    **HISTORY_CHECKS,
    **AGREEMENT_CHECKS,
    **ENDPOINT_CHECKS,
}
"""Name of a check → where it stands and what it means."""
