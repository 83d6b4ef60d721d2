"""What Microsoft's registrar is held to at one of its endpoints, by name (MS-SIPREGE, MS-SIPAE)."""

from typing import Final

from scscf.conformance.check import Check

ENDPOINT_CHECKS: Final = {
    "endpoint-not-listed": Check(
        "MS-SIPREGE §3.1.2.5.1", "A 200 to the REGISTER of an endpoint does not list its instance.", from_memory=True
    ),
    "endpoint-still-listed": Check(
        "MS-SIPREGE §4.1", "A 200 to the REGISTER that an endpoint leaves with still lists its instance."
    ),
    "endpoint-answer-unsigned": Check(
        "MS-SIPAE §3.3",
        "An answer to a request within a security association, other than a challenge, has no Authentication-Info.",
        from_memory=True,
    ),
    "endpoint-number-repeated": Check(
        "MS-SIPAE §3.3", "Two messages of one security association have the same snum.", from_memory=True
    ),
    "endpoint-notify-unsigned": Check(
        "MS-SIPREGE §4.1.3",
        "A NOTIFY has no Authentication-Info, and less than 5 minutes ago an answer of the same Call-ID had one.",
    ),
    "endpoint-notice-to": Check(
        "MS-SIPREGE §4.1.3",
        "To of a notice does not have tag and epid of the endpoint's REGISTER, or its Call-ID is another.",
    ),
    "endpoint-notice-body": Check(
        "MS-SIPREGE §2.2.1.13", "The body of a notice is no text/registration-event, or there is no such event."
    ),
    "endpoint-notice-error-id": Check(
        "MS-SIPREGE §2.2.1.13", "A notice has no ErrorId, or that of another event.", from_memory=True
    ),
    "endpoint-notice-state": Check(
        "MS-SIPREGE §4.1.3", "Subscription-State of a notice is not what its body says: terminated, or active."
    ),
    "endpoint-registrar-missing": Check(
        "MS-SIPREGE §2.2.1.8", "A notice of another registrar does not have one P-Preferred-Registrar."
    ),
}
"""Name → check."""
