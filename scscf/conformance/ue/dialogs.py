"""The subscriptions of a UE and the NOTIFYs that were sent in them (RFC 6665 §4.1, §4.2)."""

from scscf.conformance.ue.reginfo import Document
from scscf.errors import SipError
from scscf.sip.grammar import parse_delta_seconds
from scscf.sip.message import Request
from scscf.sip.parameters import parameter, parse_parameters

DialogId = tuple[str, str]
"""Call-ID and the UE's tag."""


class UeDialog:
    """One subscription, as the UE has to know it."""

    __slots__ = ("ends", "granted", "id", "is_over", "newest_notify", "our_tag", "since", "version")

    def __init__(self, dialog_id: DialogId, our_tag: str, now: float) -> None:
        self.id = dialog_id
        self.our_tag = our_tag
        self.since = now
        self.granted = 0
        """Seconds."""
        self.ends = now
        self.is_over = False
        self.version: int | None = None
        """Of the last document that the UE answered 200."""
        self.newest_notify = -1
        """Highest CSeq of a NOTIFY."""


class SentNotify:
    """One NOTIFY that was sent to the UE."""

    __slots__ = (
        "answered",
        "cseq",
        "dialog",
        "document",
        "first_sent",
        "is_good",
        "last_sent",
        "must_be_answered",
        "state",
    )

    def __init__(self, dialog: UeDialog, cseq: int, document: Document | None, state: "StateTold", now: float) -> None:
        self.dialog = dialog
        self.cseq = cseq
        self.document = document
        self.state = state
        self.first_sent = self.last_sent = now
        self.answered = False
        self.must_be_answered = False
        self.is_good = False
        """Whether there is nothing in it that a UE could refuse."""


class StateTold:
    """What Subscription-State says (RFC 6665 §8.2.3)."""

    __slots__ = ("expires", "reason", "value")

    def __init__(self, request: Request) -> None:
        """Read it; what cannot be read is ""."""
        value, _, params = (request.get("subscription-state") or "").partition(";")
        self.value = value.strip().lower()
        self.reason, self.expires = "", None
        try:
            given = parse_parameters(params)
            self.reason = (parameter(given, "reason") or "").lower()
            seconds = parameter(given, "expires")
            self.expires = None if seconds is None else parse_delta_seconds(seconds)
        except SipError:
            self.value = ""
