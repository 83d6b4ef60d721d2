"""The NOTIFYs that were sent to a UE, and how it answers them (RFC 6665 §4.1.3, RFC 3680 §5.2)."""

from scscf.conformance.findings import Findings
from scscf.conformance.recent import Recent
from scscf.conformance.ue.dialogs import DialogId, SentNotify, StateTold
from scscf.conformance.ue.duties import Duties
from scscf.conformance.ue.profile import UeProfile
from scscf.conformance.ue.reginfo import reliable_document
from scscf.conformance.ue.registration import OwnRegistration
from scscf.conformance.ue.subscription import Subscriptions
from scscf.errors import SipError
from scscf.regevent.package import REG
from scscf.sip.message import Request, Response
from scscf.sip.validity import check_request

_MOST = 64
_STATES = frozenset({"active", "pending", "terminated"})
_NOT_JUDGED = frozenset({401, 407, 503})
"""Answers that a UE may give to a NOTIFY that it has nothing against."""


class Notifying:
    """Judges the answers of one UE to NOTIFYs, and has those that it took told to whom they concern."""

    def __init__(
        self,
        profile: UeProfile,
        findings: Findings,
        duties: Duties,
        registration: OwnRegistration,
        subscriptions: Subscriptions,
    ) -> None:
        self._profile = profile
        self._findings = findings
        self._duties = duties
        self._registration = registration
        self._subscriptions = subscriptions
        self._sent: Recent[tuple[DialogId, int], SentNotify] = Recent(_MOST)

    def request(self, request: Request, now: float) -> None:
        """Take a NOTIFY that is sent to the UE. One that is malformed or outside of any dialog asks nothing of it."""
        try:
            check_request(request)
            package = request.event
        except SipError:
            return
        dialog = self._subscriptions.find((request.call_id, request.to.tag or ""))
        if dialog is None or package is None or package[0] != REG.name:
            return
        key, cseq = (dialog.id, request.cseq.number), request.cseq.number
        if key in self._sent:
            self._sent[key].last_sent = now
            return
        if cseq <= dialog.newest_notify:
            return
        dialog.newest_notify = cseq
        document = reliable_document(request.body) if request.content_type == REG.content_type else None
        notify = self._sent[key] = SentNotify(dialog, cseq, document, StateTold(request), now)
        fits = request.from_.tag == dialog.our_tag and notify.state.value in _STATES and bool(request.contacts)
        notify.is_good = fits and document is not None
        # Whoever is on its way out need not answer (TS 34.229-1 C.30).
        notify.must_be_answered = not dialog.is_over and not self._registration.is_over(now)
        if notify.must_be_answered and fits:
            message = f"A NOTIFY with CSeq {cseq} got no answer in {self._profile.answer:g} s."
            by = now + self._profile.answer
            self._duties.owe(("notify", *key), by, "no-answer-to-notify", message, dialog.id)
        if notify.state.value == "terminated":
            self._duties.settle("resubscribe", dialog.id)
        if document is not None:
            self._registration.excuse(document.rows, now)

    def response(self, response: Response, now: float) -> None:
        """Judge an answer of the UE to a NOTIFY."""
        key = ((response.call_id, response.to.tag or ""), response.cseq.number)
        if response.status < 200:
            return
        notify = self._sent.get(key)
        if notify is None or notify.answered:
            return
        notify.answered = True
        self._duties.settle("notify", *key)
        if response.status < 300:
            self._taken(notify, now)
        else:
            self._refused(notify, response, now)

    def _taken(self, notify: SentNotify, now: float) -> None:
        dialog, document = notify.dialog, notify.document
        self._subscriptions.notified(notify, now)
        if document is None or (dialog.version is not None and document.version <= dialog.version):
            return
        dialog.version = document.version
        self._registration.told(document.rows, notify.first_sent, notify.last_sent, now)

    def _refused(self, notify: SentNotify, response: Response, now: float) -> None:
        dialog, status = notify.dialog, response.status
        known = notify.must_be_answered and notify.is_good and self._subscriptions.is_live(dialog, now)
        if known and status == 481:
            message = f"A NOTIFY with CSeq {notify.cseq} got 481, and its subscription is live."
            self._findings.bring("notify-answered-481", message, now, dialog.id)
        elif known and status not in _NOT_JUDGED:
            message = f"A NOTIFY with CSeq {notify.cseq} got {status} {response.reason}, and nothing is wrong with it."
            self._findings.bring("notify-refused", message, now, dialog.id)
        if status == 481:
            dialog.is_over = True
