"""A UE that is good but for one vice, named by the check that has to find it."""

from scscf.conformance.ue.profile import UeProfile
from scscf.sip.message import Request, Response
from tests.conformance.ue.good_ue import GoodUe
from tests.conformance.ue.talk import Talk

VICES = (
    "call-id-changed-after-401",
    "cseq-wrong-after-401",
    "contact-changed-after-401",
    "no-credentials-after-401",
    "ignores-423",
    "retry-before-retry-after",
    "no-subscribe",
    "late-refresh",
    "late-subscription-refresh",
    "too-late-after-shortened",
    "no-answer-to-notify",
    "notify-refused",
    "no-register-after-deactivated",
    "register-after-rejected",
    "too-early-after-probation",
    "no-register-after-probation",
    "max-forwards-missing",
    "nc-not-rising",
)


class BadTalk(Talk):
    """A talk in which the UE's messages have a vice."""

    vice = ""

    def register(self, expires: int | None = 600000, **others: str | None) -> Request:
        challenged = self.last_answer is not None and self.last_answer.status == 401
        if challenged and self.vice == "call-id-changed-after-401":
            self.call_id += "x"
        elif challenged and self.vice == "cseq-wrong-after-401":
            self.cseq += 1
        elif challenged and self.vice == "contact-changed-after-401":
            self.contact = f"sip:elsewhere@192.0.2.{self.branches % 250}"
        elif challenged and self.vice == "no-credentials-after-401":
            others["Authorization"] = None
        elif self.vice == "max-forwards-missing":
            others["Max-Forwards"] = None
        elif self.vice == "nc-not-rising" and self.count:
            self.count -= 1
        return super().register(expires, **others)

    def reply(self, request: Request, status: int = 200, reason: str | None = None) -> Response:
        if self.vice == "no-answer-to-notify":
            return request.response(status)
        return super().reply(request, 500 if self.vice == "notify-refused" else status, reason)


class BadUe(GoodUe):
    """A good UE that forgets what its vice names."""

    def __init__(self, talk: BadTalk, seed: int, profile: UeProfile, vice: str) -> None:
        super().__init__(talk, seed, profile)
        self.vice = talk.vice = vice

    def _register(self) -> None:
        if self.vice == "ignores-423":
            self.asks = 600000
        elif self.vice in ("late-refresh", "too-late-after-shortened") and self.is_bound and self._is_refresh():
            self.is_bound = self.is_subscribed = False
            self.talk.new_call()
            self.timers = {"register": self.talk.now + 10_000}
            return
        if self.vice == "retry-before-retry-after":
            self.talk.last_answer = None
        super()._register()
        answer = self.talk.last_answer
        if self.vice == "retry-before-retry-after" and answer is not None and answer.status == 503:
            self.timers["register"] = self.talk.now

    def _is_refresh(self) -> bool:
        return self.was_shortened == (self.vice == "too-late-after-shortened")

    def _subscribe(self) -> None:
        if self.vice == ("late-subscription-refresh" if self.is_subscribed else "no-subscribe"):
            return
        super()._subscribe()

    def _ended(self, event: str, retry_after: int) -> None:
        super()._ended(event, retry_after)
        if self.vice in ("no-register-after-deactivated", "no-register-after-probation") and self.vice.endswith(event):
            self.timers["register"] += 10_000
        elif self.vice in ("register-after-rejected", "too-early-after-probation") and self.vice.endswith(event):
            self.timers["register"] = self.talk.now
