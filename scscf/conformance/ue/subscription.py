"""The SUBSCRIBEs of a UE to its registration state (TS 24.229 §5.1.1.3, RFC 6665 §4.1)."""

from collections import deque

from scscf.conformance.findings import Findings
from scscf.conformance.recent import Recent
from scscf.conformance.ue.dialogs import DialogId, SentNotify, UeDialog
from scscf.conformance.ue.duties import Duties
from scscf.conformance.ue.form import retry_after, subscribe_form
from scscf.conformance.ue.profile import UeProfile
from scscf.conformance.ue.registration import OwnRegistration
from scscf.regevent.package import REG
from scscf.sip.grammar import parse_delta_seconds
from scscf.sip.message import Request, Response
from scscf.sip.uri import Uri
from scscf.sip.uri_comparison import aor_of, same_uri

_MOST = 64
_ENDS_IT = frozenset({404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604})
"""Answers to a refresh after which there is no subscription (RFC 6665 §4.1.2.2)."""
_FINAL_REASONS = frozenset({"rejected", "noresource"})


class Subscriptions:
    """Judges the SUBSCRIBEs of one UE, and keeps the subscriptions that come of them."""

    def __init__(self, profile: UeProfile, findings: Findings, duties: Duties, registration: OwnRegistration) -> None:
        self._profile = profile
        self._findings = findings
        self._duties = duties
        self._registration = registration
        self._dialogs: Recent[DialogId, UeDialog] = Recent(_MOST)
        self._newest: DialogId | None = None
        self._cseqs: Recent[DialogId, int] = Recent(_MOST)
        self._unanswered: Recent[tuple[str, int], Request] = Recent(_MOST)
        self._answered: Recent[tuple[str, int], UeDialog] = Recent(_MOST)
        self._unsubscribed: deque[float] = deque(maxlen=_MOST)
        self._least = 0

    def find(self, dialog_id: DialogId) -> UeDialog | None:
        """Return a subscription by Call-ID and the UE's tag."""
        return self._dialogs.get(dialog_id)

    def is_live(self, dialog: UeDialog, now: float) -> bool:
        """Tell whether the UE has to know a subscription: it is its newest, and neither side ended it."""
        return dialog.id == self._newest and not dialog.is_over and dialog.ends > now

    def registers(self, *, anew: bool) -> None:
        """Take that the UE sends a REGISTER.

        One that begins `anew`, with a Call-ID that was never seen and no nonce, may come of a UE that was switched off
        and on and knows nothing of before.
        """
        self._unsubscribed.clear()
        if anew:
            self._newest = None

    def registered(self, now: float) -> None:
        """Take that a contact of the UE was bound anew: what was to wait for before is over, and it takes its time."""
        self._duties.allow("subscribe")
        self._duties.postpone("resubscribe", now + self._profile.reaction)
        self._owe_subscription(now)

    def _owe_subscription(self, now: float) -> None:
        profile = self._profile
        live = any(self.is_live(dialog, now) for dialog in self._dialogs.values())
        if profile.ims and profile.subscribes and not live:
            message = f"No SUBSCRIBE came in {profile.reaction:g} s after the registration."
            self._duties.owe(("subscribe",), now + profile.reaction, "no-subscribe", message)

    def deregistered(self) -> None:
        """Take that nothing of the UE is registered any more: it may forget its subscriptions."""
        self._newest = None
        for kind in ("notify", "subscribe", "resubscribe"):
            self._duties.settle(kind)

    def request(self, request: Request, now: float) -> None:
        """Judge a SUBSCRIBE. Raises SipError(400) for one that cannot be read."""
        if request.event is None:
            self._findings.bring("subscribe-without-event", "A SUBSCRIBE has no Event.", now, request.call_id)
            return
        if request.event[0] != REG.name:
            return
        dialog_id = (request.call_id, request.from_.tag or "")
        self._findings.bring_all(subscribe_form(request, self._profile), now, dialog_id)
        cseq, before = request.cseq.number, self._cseqs.get(dialog_id)
        if before is not None and cseq <= before:
            self._findings.bring("cseq-not-rising", f"CSeq of a SUBSCRIBE is {cseq} after {before}.", now)
        self._cseqs[dialog_id] = max(cseq, before or 0)
        self._unanswered[request.call_id, cseq] = request
        self._duties.settle("subscribe")
        if request.to.tag is None:
            self._judge_first(request, now)
        else:
            self._judge_next(request, self._dialogs.get(dialog_id), now)

    def _judge_first(self, request: Request, now: float) -> None:
        """Judge a SUBSCRIBE outside of any dialog."""
        findings, registration = self._findings, self._registration
        self._judge_wait(request, now)
        self._duties.settle("resubscribe")
        if not self._profile.ims:
            return
        own = registration.bindings.identities()
        asked = {aor_of(uri) for uri in (request.uri, request.to.uri, request.from_.uri)}
        strangers = sorted(asked - own - self._profile.identities) if own else []
        if strangers:
            message = f"A SUBSCRIBE names {', '.join(strangers)}, not {' or '.join(sorted(own))}."
            findings.bring("subscribe-to-wrong-identity", message, now, tuple(strangers))
        route = [address.uri for address in request.route]
        due = registration.service_route
        if due and not request.is_relayed and not _ends_with(route, due):
            message = f"Route of a SUBSCRIBE is {request.get('route') or '(absent)'}."
            findings.bring("service-route-not-used", message, now, due)

    def _judge_next(self, request: Request, dialog: UeDialog | None, now: float) -> None:
        """Judge a SUBSCRIBE inside a dialog."""
        if dialog is None:
            return
        if request.expires != 0:
            self._judge_wait(request, now)
            if dialog.is_over:
                message = "A SUBSCRIBE refreshes a subscription that is over."
                self._findings.bring("uses-terminated-subscription", message, now, dialog.id)
        elif dialog.is_over or now - dialog.since < self._profile.loop_window:
            self._unsubscribed.append(now)
            recent = [at for at in self._unsubscribed if now - at < self._profile.loop_window]
            if len(recent) >= self._profile.loop_limit:
                message = f"The UE unsubscribed {len(recent)} times in {now - recent[0]:g} s."
                self._findings.bring("unsubscribe-loop", message, now)
                self._unsubscribed.clear()
        self._duties.settle("resubscribe", dialog.id)

    def _judge_wait(self, request: Request, now: float) -> None:
        """Hold a SUBSCRIBE to what the network asked to wait for, and to ask for enough."""
        for subject in (("subscribe",), ("resubscribe",)):
            ban = self._duties.broken(subject, now) if subject[0] == "subscribe" or request.to.tag is None else None
            if ban is not None:
                self._findings.bring(ban.check, ban.message, now)
        expires = request.expires
        if expires is not None and 0 < expires < self._least:
            message = f"A SUBSCRIBE asks for {expires} s after 423 with Min-Expires {self._least}."
            self._findings.bring("ignores-423", message, now)
            self._least = 0

    def response(self, response: Response, now: float) -> None:
        """Take a response to a SUBSCRIBE."""
        status, key = response.status, (response.call_id, response.cseq.number)
        if status < 200:
            return
        request = self._unanswered.pop(key, None)
        if request is None:
            dialog = self._answered.get(key)
            if dialog is not None and not dialog.is_over and status < 300:
                dialog.ends = now + dialog.granted
                self._owe_refresh(dialog, renewed=False)
            return
        dialog_id = (response.call_id, request.from_.tag or "")
        if status < 300:
            self._accepted(request, response, dialog_id, key, now)
            return
        if request.to.tag is not None and status in _ENDS_IT and dialog_id in self._dialogs:
            self._dialogs[dialog_id].is_over = True
        wait = retry_after(response) if status == 503 else None
        if wait is not None:
            message = f"A SUBSCRIBE came before the {wait} s of Retry-After were over."
            self._duties.forbid(("subscribe",), now + wait - self._profile.early, "retry-before-retry-after", message)
        if status == 423:
            self._least = parse_delta_seconds(response.get("min-expires") or "") or 0
        if status in (401, 407) and not request.authorization and self._registration.bindings.live(now):
            self._owe_subscription(now)

    def _accepted(
        self, request: Request, response: Response, dialog_id: DialogId, key: tuple[str, int], now: float
    ) -> None:
        dialog = self._dialogs.get(dialog_id)
        if dialog is None:
            dialog = self._dialogs[dialog_id] = UeDialog(dialog_id, response.to.tag or "", now)
        if request.to.tag is None:
            self._newest = dialog_id
        self._answered[key] = dialog
        self._least = 0
        text = response.get("expires")
        granted = request.expires if text is None else parse_delta_seconds(text)
        if not granted or request.expires == 0:
            dialog.is_over = True
            return
        dialog.granted, dialog.ends = granted, now + granted
        self._owe_refresh(dialog, renewed=True)

    def notified(self, notify: SentNotify, now: float) -> None:
        """Take that the UE answered a NOTIFY 200."""
        dialog, state = notify.dialog, notify.state
        if state.value == "terminated":
            # Whoever got 481 before, or has registered since, has begun anew already: messages overtake each other.
            begun = dialog.is_over or self._registration.tried_at > notify.first_sent
            dialog.is_over = True
            if state.reason in _FINAL_REASONS and not begun:
                message = f"A SUBSCRIBE came although the subscription ended with {state.reason}."
                until = now + self._profile.observation
                self._duties.forbid(("resubscribe",), until, "resubscribe-after-rejected", message)
        elif state.expires is not None and not dialog.is_over:
            ends = notify.last_sent + state.expires
            if abs(ends - dialog.ends) > self._profile.tolerance / 2:
                dialog.granted, dialog.ends = state.expires, ends
                self._owe_refresh(dialog, renewed=False)

    def _owe_refresh(self, dialog: UeDialog, *, renewed: bool) -> None:
        """Lay the duty to refresh upon the UE, once for each grant."""
        profile, granted, subject = self._profile, dialog.granted, ("resubscribe", dialog.id)
        if not profile.ims or dialog.id != self._newest or not (renewed or self._duties.owes(subject)):
            return
        message = f"A subscription for {granted} s was not refreshed after {profile.refresh_point(granted):g} s."
        by = dialog.ends - granted + profile.refresh_deadline(granted)
        self._duties.owe(subject, by, "late-subscription-refresh", message)


def _ends_with(route: list[Uri], due: tuple[Uri, ...]) -> bool:
    tail = route[-len(due) :]
    return len(tail) == len(due) and all(same_uri(mine, theirs) for mine, theirs in zip(tail, due, strict=True))
