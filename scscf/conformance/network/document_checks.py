"""What a network is held to in its documents: one part of the table of checks."""

from typing import Final

from scscf.conformance.check import Check

DOCUMENT_CHECKS: Final = {
    "reginfo-not-well-formed": Check("RFC 3680 §5", "A document is no well-formed XML, or no reginfo."),
    "reginfo-invalid": Check("RFC 3680 §5.4", "A document is not valid against the schema."),
    "aor-no-uri": Check("RFC 3680 §5.1", "The aor of a registration is no URI of an identity."),
    "aor-twice": Check("RFC 3680 §5.1", "One address of record has two registrations in a document."),
    "registration-id-twice": Check("RFC 3680 §5.1", "Two registrations of a document have one id."),
    "contact-id-shared": Check("RFC 3680 §5.1", "Two contacts of a document have one id."),
    "init-with-contact": Check("RFC 3680 §4.7.1", "A registration is init and has a contact."),
    "active-contact-of-ended": Check(
        "RFC 3680 §4.7.1", "A registration is init or terminated and has an active contact."
    ),
    "active-without-contact": Check("RFC 3680 §4.7.1", "A registration is active and has no active contact."),
    "event-not-of-state": Check("RFC 3680 §4.7.2", "The event of a contact does not go with its state."),
    "shortened-without-expires": Check("RFC 3680 §5.1", "A contact is shortened, and expires is missing."),
    "probation-without-retry-after": Check("RFC 3680 §5.1", "A contact is on probation, and retry-after is missing."),
    "retry-after-without-probation": Check("RFC 3680 §5.1", "A contact has retry-after and is not on probation."),
    "contact-uri-unreadable": Check("RFC 3680 §5.1", "The uri of a contact is empty or no URI."),
    "unknown-param-known": Check("RFC 3680 §5.1", "q or expires of a contact is told as an unknown-param."),
    "gruu-without-instance": Check("RFC 5628 §5", "A contact has a GRUU and no +sip.instance."),
    "document-gruu-unasked": Check(
        "RFC 5628 §5",
        "A document has a GRUU of the UE's own contact, and the UE does not support GRUUs.",
        asked_for=True,
    ),
    "watched-aor-missing": Check("RFC 3680 §4.3", "A full document does not list the address of record it is for."),
}
"""What can be seen of a document by itself."""

HISTORY_CHECKS: Final = {
    "version-not-from-0": Check("RFC 3680 §5.1", "The first document of a subscription has not version 0."),
    "version-gap": Check("RFC 3680 §5.1", "The version of a document is more than one higher than that before."),
    "version-repeated": Check("RFC 3680 §5.1", "Two documents of a subscription have one version."),
    "version-goes-back": Check("RFC 3680 §5.1", "The version of a document is lower than that before."),
    "registration-id-changed": Check("RFC 3680 §5.1", "One address of record has another id than before."),
    "contact-id-changed": Check("RFC 3680 §5.1", "One contact has another id than before."),
    "registration-vanished": Check(
        "RFC 3680 §5.2", "A full document does not list an active registration whose end was not told."
    ),
    "contact-vanished": Check(
        "RFC 3680 §4.7.2", "A full document does not list an active contact whose end was not told."
    ),
    "contact-end-not-told": Check(
        "RFC 3680 §4.7.2", "A registration is told as over, and nothing says what became of its contacts."
    ),
    "ended-contact-revived": Check(
        "RFC 3680 §4.7.2", "A contact is active since before its end was told, and not anew."
    ),
    "refresh-told-as-registered": Check("RFC 3680 §4.7.2", "The refresh of a contact is told as registered."),
    "shortened-not-shorter": Check("RFC 3680 §4.7.2", "A contact is shortened and has more time left than before."),
    "cut-not-told-as-shortened": Check(
        "RFC 3680 §4.7.2", "A contact has less time left, and its event is not shortened."
    ),
    "duration-falls": Check("RFC 3680 §5.1", "duration-registered of a contact falls."),
}
"""What can be seen beside the documents of before."""

AGREEMENT_CHECKS: Final = {
    "stale-contact": Check("RFC 3680 §4.7.2", "A contact is told as active that is de-registered or ran out."),
    "reginfo-expires-disagrees": Check(
        "RFC 3680 §5.1", "A document and the 200 to REGISTER differ on the time that a contact has left."
    ),
    "cseq-disagrees": Check("RFC 3680 §5.1", "cseq of a contact is none of its REGISTERs."),
    "gruu-disagrees": Check(
        "RFC 5628 §5", "A document and the 200 to REGISTER differ on the public GRUU of a contact."
    ),
    "q-disagrees": Check("RFC 3680 §5.1", "A contact has a q in the document and none in the 200 to REGISTER."),
    "wrong-event-after-deregister": Check("RFC 3680 §4.7.2", "A contact that was de-registered is told as expired."),
    "expired-too-early": Check("RFC 3680 §4.7.2", "A contact is told as expired that has time left."),
    "expiry-told-late": Check("RFC 3680 §4.7.2", "That a contact expired is told seconds after its time."),
    "contact-uri-changed": Check("RFC 3680 §5.1", "A contact is told with another URI than it was registered with."),
    "identity-not-told": Check(
        "TS 24.229 §5.4.2.1.2",
        "A full document does not list an identity of P-Associated-URI.",
        from_memory=True,
    ),
    "identity-not-associated": Check(
        "TS 24.229 §5.4.1.2.2F",
        "A contact is active at an identity that P-Associated-URI does not name.",
        from_memory=True,
    ),
}
"""What can be seen beside the answers to REGISTERs."""
