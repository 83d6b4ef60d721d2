"""What a SUBSCRIBE has to be answered, and what the answer makes the network owe (RFC 6665 §4.2.1, RFC 3680 §4)."""

from collections.abc import Iterator

from scscf.conformance.finding import Found
from scscf.conformance.findings import Findings
from scscf.conformance.network.exchanges import Exchange
from scscf.conformance.network.owed import Debt, Owed
from scscf.conformance.network.profile import NetworkProfile
from scscf.conformance.network.watching import ENDING, Dialog, Watching, Watchings, expires_of, is_reg
from scscf.sip.message import Request, Response

_TAKES_REGINFO = frozenset({"application/reginfo+xml", "application/*", "*/*", ""})


class Subscribing:
    """Follows the SUBSCRIBEs of a watcher and their answers."""

    def __init__(self, profile: NetworkProfile, findings: Findings, owed: Owed, watchings: Watchings) -> None:
        self._profile = profile
        self._findings = findings
        self._owed = owed
        self._watchings = watchings

    def ask(self, request: Request, now: float) -> None:
        """Take a SUBSCRIBE that is new. Raises SipError(400)."""
        if not is_reg(request):
            return
        if request.to.tag is None:
            self._watchings.begin(request, now)
            return
        watching = self._watchings.of(request.call_id, request.from_.tag)
        if watching is not None:
            watching.offers(request)
            if not self._profile.from_start:
                # Whether it is granted may never be seen.
                self._owed.settle(watching.key, request.to.tag, "end")

    def answer_alone(self, response: Response, now: float) -> None:
        """Take a 2xx to a SUBSCRIBE that was not seen. Raises SipError(400)."""
        watching = self._watchings.of(response.call_id, response.from_.tag)
        dialog = None if watching is None else watching.dialogs.get(response.to.tag or "")
        if watching is None or dialog is None:
            return
        granted = expires_of(response)
        dialog.ends = dialog.granted_until = None if granted is None else now + granted
        self._owed.settle(watching.key, dialog.tag, "end")

    def answer(self, exchange: Exchange, response: Response, now: float) -> None:
        """Take the first final answer to a SUBSCRIBE. Raises SipError(400)."""
        request = exchange.request
        watching = self._watchings.of(request.call_id, request.from_.tag)
        tag = request.to.tag
        known = watching.dialogs.get(tag) if watching is not None and tag is not None else None
        unknown = tag is not None and known is None and not self._profile.from_start
        self._findings.bring_all(_judge(exchange, response, known, unknown=unknown), now)
        if watching is None or not is_reg(request):
            return
        if response.status >= 300:
            self._refused(watching, known, tag, response.status, now)
            return
        if tag is not None and known is None:
            return
        watching.settled = True
        dialog = known or watching.dialog(response.to.tag or "")
        if response.status != 204:
            self._granted(exchange, watching, dialog, response, now)

    def _refused(self, watching: Watching, known: Dialog | None, tag: str | None, status: int, now: float) -> None:
        if tag is None:
            watching.settled = True
            if not watching.dialogs:
                watching.refused = status
        elif known is not None and status in ENDING:
            known.cut_at = now
            self._owed.settle(watching.key, known.tag)
        elif known is not None and known.live:
            self._owe_end(watching, known)

    def _granted(self, exchange: Exchange, watching: Watching, dialog: Dialog, response: Response, now: float) -> None:
        granted = expires_of(response)
        asked = expires_of(exchange.request)
        if granted is not None:
            dialog.ends = dialog.granted_until = now + granted
        if not dialog.live:
            return
        by = now + self._profile.patience
        subject = (watching.key, dialog.tag)
        aor = watching.remote.uri
        if granted == 0 or asked == 0:
            message = f"The subscription to {aor} was ended and no NOTIFY says terminated."
            self._owed.owe((*subject, "end"), Debt(by, "no-final-notify", message, dialog))
            return
        if dialog.notified_at is None or dialog.notified_at < exchange.at:
            message = f"No NOTIFY follows the SUBSCRIBE for {aor}."
            self._owed.owe((*subject, "notify"), Debt(by, "no-notify-after-subscribe", message, dialog))
        if dialog.full_at is None or dialog.full_at < exchange.at:
            message = f"No full document follows the SUBSCRIBE for {aor}."
            self._owed.owe((*subject, "full"), Debt(by, "no-full-state-after-subscribe", message, dialog))
        self._owe_end(watching, dialog)

    def _owe_end(self, watching: Watching, dialog: Dialog) -> None:
        if dialog.ends is None:
            return
        message = f"The subscription to {watching.remote.uri} ran out and no NOTIFY says terminated."
        late = dialog.ends + self._profile.patience
        self._owed.owe((watching.key, dialog.tag, "end"), Debt(late, "no-final-notify", message, dialog, at_end=True))


def _judge(exchange: Exchange, response: Response, known: Dialog | None, *, unknown: bool) -> Iterator[Found]:
    request, status = exchange.request, response.status
    in_dialog = request.to.tag is not None
    if in_dialog and not unknown and (known is None or (known.over_at or exchange.at) < exchange.at):
        was = "over" if known is not None else "not known"
        if (200 <= status < 300 and known is not None) or status == 500:
            yield "not-481", f"SUBSCRIBE in a dialog that is {was} is answered {status}, 481 is due."
    if not 200 <= status < 300:
        return
    if request.event is None:
        yield "event-missing-accepted", f"SUBSCRIBE without Event is answered {status}, 489 is due."
    if status == 202:
        yield "answered-202", "SUBSCRIBE is answered 202."
    if status == 204:
        return
    if is_reg(request):
        yield from _granting(request, response)
    if is_reg(request) and not in_dialog:
        accepted = [value.partition(";")[0].strip().lower() for value in request.values("accept")]
        if accepted and not _TAKES_REGINFO.intersection(accepted):
            message = f"SUBSCRIBE accepts {', '.join(accepted)[:80]} and is answered {status}, 406 is due."
            yield "accept-ignored", message


def _granting(request: Request, response: Response) -> Iterator[Found]:
    granted, asked = expires_of(response), expires_of(request)
    if granted is None:
        yield "subscribe-answer-without-expires", f"{response.status} to SUBSCRIBE has no Expires that can be read."
    elif asked is not None and granted > asked:
        yield "subscription-longer-than-asked", f"SUBSCRIBE asks for {asked} s and is granted {granted} s."
    if not response.contacts:
        yield "subscribe-answer-without-contact", f"{response.status} to SUBSCRIBE has no Contact."
