"""Follows the NOTIFYs that come and what the watcher answers to them (RFC 6665 §4.2, RFC 3680 §4)."""

from typing import NamedTuple

from scscf.conformance.findings import Findings
from scscf.conformance.network.agreement import Agreement
from scscf.conformance.network.bindings import Bindings
from scscf.conformance.network.delay import by_datagram, made_at
from scscf.conformance.network.document import contact_uri, identity, judge_document, schema_problem
from scscf.conformance.network.exchanges import Exchanges
from scscf.conformance.network.notify import (
    CONTENT_TYPE,
    SubscriptionState,
    dialog_of,
    judge_frame,
    judge_state,
    latest_end,
    subscription_state,
)
from scscf.conformance.network.owed import Debt, Owed
from scscf.conformance.network.profile import NetworkProfile
from scscf.conformance.network.watching import ENDING, Dialog, Watching, Watchings, is_reg
from scscf.regevent.reading import ReadDocument, read_document
from scscf.sip.message import Request, Response
from scscf.sip.uri_comparison import same_uri
from scscf.sip.validity import check_request

_WILDCARD = b"wildcardedIdentity"


class _Said(NamedTuple):
    """A NOTIFY, and when it was made. Times are seconds on the judge's clock."""

    notify: Request
    state: SubscriptionState | None
    made: float
    news_from: float
    """Since when what it tells may have happened."""
    slack: float
    """How much later than it was sent it may be seen."""
    now: float


class Notifying:
    """Judges the NOTIFYs of one watcher."""

    def __init__(
        self,
        profile: NetworkProfile,
        findings: Findings,
        owed: Owed,
        watchings: Watchings,
        bindings: Bindings,
        exchanges: Exchanges,
    ) -> None:
        self._profile = profile
        self._findings = findings
        self._owed = owed
        self._watchings = watchings
        self._exchanges = exchanges
        self._bindings = bindings
        self._agreement = Agreement(profile, bindings)
        self.moved: float | None = None
        """By how many seconds the network's clock was moved on against ours, where that shows."""
        self.missed = 0
        """NOTIFYs that there were and that were not seen."""

    def told(self, notify: Request, now: float, slack: float) -> None:
        """Take a request from the network; it may come `slack` seconds late. Raises SipError where it is no message."""
        if notify.method != "NOTIFY":
            return
        check_request(notify)
        key = self._exchanges.tell(notify)
        if key is None:
            return
        where = dialog_of(notify, self._watchings, now, self._profile.answer + slack)
        if where is None and not self._profile.from_start and is_reg(notify):
            where = self._watchings.join(notify, now)
        if where is None:
            if self._profile.from_start and is_reg(notify):
                message = f"A NOTIFY for {notify.to.uri} belongs to no subscription."
                self._findings.bring("notify-outside-dialog", message, now, (notify.call_id, notify.to.tag))
            return
        watching, dialog = where
        self._findings.bring_all(judge_frame(notify, watching, dialog, now), now)
        state = subscription_state(notify)
        limit = latest_end(watching, dialog, self._exchanges, now)
        tolerance = self._profile.tolerance + slack
        document = self._body(notify, state, now)
        if document is not None and not self._profile.from_start:
            self._catch_up(notify.cseq.number, document.version, watching, dialog)
        old = dialog.joined and dialog.cseq is None and self._is_old(notify, now)
        made = made_at(notify, state, document, watching, dialog, limit, now, self._profile)
        self._findings.bring_all(judge_state(state, notify, dialog, limit, made, tolerance), now)
        said = _Said(notify, state, made, dialog.news_from(made, self._profile.patience), slack, now)
        number = notify.cseq.number
        dialog.cseq = number if dialog.cseq is None else max(dialog.cseq, number)
        dialog.unanswered.add(key)
        dialog.excused = False
        dialog.notified_at, dialog.made_at = now, made
        if document is not None:
            self._document(document, said, watching, dialog, old=old)
        self._settle(document, said, watching, dialog)

    def replied(self, response: Response, now: float) -> None:
        """Take an answer of the watcher's. Raises SipError(400)."""
        if not self._profile.from_start and response.status >= 200 and not self._exchanges.has_told(response):
            self._missed(response, now)
            return
        key = self._exchanges.reply(response)
        dialog = None if key is None else self._watchings.holding(key)
        if key is None or dialog is None:
            return
        dialog.unanswered.discard(key)
        dialog.excused = response.status >= 300
        dialog.answered_at = now
        if response.status in ENDING and dialog.live:
            dialog.cut_at = now

    def _missed(self, response: Response, now: float) -> None:
        """Take the answer to a NOTIFY that was not seen."""
        watching = self._watchings.of(response.call_id, response.to.tag)
        if watching is None:
            return
        tag, number = response.from_.tag or "", response.cseq.number
        dialog = watching.dialog(tag)
        if dialog.cseq is not None and number <= dialog.cseq:
            return
        self._miss(watching, dialog, number)
        if response.status in ENDING and dialog.live:
            dialog.cut_at = now

    def _miss(self, watching: Watching, dialog: Dialog, number: int) -> None:
        dialog.miss()
        dialog.cseq = number
        self._owed.settle(watching.key, dialog.tag)
        self._bindings.forget()
        self.missed += 1

    def _catch_up(self, number: int, version: str, watching: Watching, dialog: Dialog) -> None:
        """Find out whether NOTIFYs before this one were sent and not seen: CSeq and version leave out as many."""
        last = dialog.view.version
        if dialog.cseq is None or last is None or not version.isdecimal():
            return
        if 1 < number - dialog.cseq == int(version[:10]) - last:
            self._miss(watching, dialog, number - 1)

    def _is_old(self, notify: Request, now: float) -> bool:
        """Tell whether the first NOTIFY that is seen of a subscription may be one that is sent again."""
        return by_datagram(notify) and now - self._profile.began < self._profile.answer

    def _body(self, notify: Request, state: SubscriptionState | None, now: float) -> ReadDocument | None:
        if not notify.body:
            if state is not None and state.state == "active":
                self._findings.bring("notify-without-document", "A NOTIFY has no document.", now)
            return None
        if notify.content_type != CONTENT_TYPE:
            message = f"Content-Type of a NOTIFY is {notify.content_type or '(absent)'}."
            self._findings.bring("notify-body-type", message, now)
        try:
            document = read_document(notify.body)
        except ValueError as error:
            self._findings.bring("reginfo-not-well-formed", f"A document cannot be read: {error}.", now)
            return None
        problem = schema_problem(notify.body)
        if problem is not None:
            self._findings.bring("reginfo-invalid", f"A document is not valid: {problem}", now)
        self._findings.bring_all(judge_document(document), now)
        return document

    def _document(self, document: ReadDocument, said: _Said, watching: Watching, dialog: Dialog, *, old: bool) -> None:
        full = document.state == "full"
        wildcards = _WILDCARD in said.notify.body
        found = []
        if dialog.joined and dialog.view.version is None:
            dialog.view.begin_before(document)
        first = dialog.view.version is None
        if first and not full:
            found.append(("first-notify-not-full", f"The first document of a subscription is {document.state}."))
        found += dialog.view.judge_version(document.version)
        found += dialog.view.apply(document, said.made, said.news_from, self._profile.tolerance + said.slack)
        self.moved = self.moved or dialog.view.moved
        if old:
            dialog.view.blur()
        else:
            found += self._agreement.judge(
                document, said.made, said.slack, self._exchanges.open(), said.now, first=first
            )
        aors = {identity(registration.aor) for registration in document.registrations}
        # Later on the profile may have changed; what then leaves is told once and listed no more.
        if first and full and not wildcards and not aors & watching.resource:
            found.append(("watched-aor-missing", f"A full document does not list {watching.remote.uri}."))
        if first and full:
            found += self._agreement.judge_identities(document, said.made, wildcards=wildcards)
        if said.state is not None and said.state.state == "active" and dialog.view.all_over:
            message = "Everything is terminated, and Subscription-State is active."
            found.append(("subscription-outlives-registrations", message))
        self._findings.bring_all(found, said.now)

    def _settle(self, document: ReadDocument | None, said: _Said, watching: Watching, dialog: Dialog) -> None:
        subject, state = (watching.key, dialog.tag), said.state
        if state is not None and state.state == "terminated":
            dialog.over_at = said.now
            self._owed.settle(*subject)
            return
        self._owed.settle(*subject, "notify")
        if state is not None and state.expires is not None:
            self._shorten(watching, dialog, said.made + state.expires)
        if document is None:
            return
        if document.state == "full":
            dialog.full_at = said.now
            self._owed.settle(*subject, "full")
        for each, debt in self._owed.changes(dialog):
            if _tells(document, debt):
                self._owed.settle(*each)

    def _shorten(self, watching: Watching, dialog: Dialog, ends: float) -> None:
        """Take the end that Subscription-State names, where it is earlier than what was known (RFC 6665 §4.1.3)."""
        if dialog.ends is not None and ends >= dialog.ends - self._profile.tolerance:
            return
        dialog.ends = ends
        message = f"The subscription to {watching.remote.uri} ran out and no NOTIFY says terminated."
        debt = Debt(ends + self._profile.patience, "no-final-notify", message, dialog, at_end=True)
        self._owed.owe((watching.key, dialog.tag, "end"), debt)


def _tells(document: ReadDocument, debt: Debt) -> bool:
    """Tell whether a document says what became of the contact that it is owed for."""
    told = [
        contact.get("state") == "active"
        for registration in document.registrations
        for contact in registration.contacts
        if (uri := contact_uri(contact.uri)) is not None and debt.contact is not None and same_uri(uri, debt.contact)
    ]
    if not told:
        return not debt.active and document.state == "full"
    return debt.active in told
