"""A UE that does what the standards ask, with timers of its own, at a network that does as it likes."""

from random import Random

from scscf.conformance.ue.profile import UeProfile
from scscf.sip.message import Request
from tests.conformance.ue.talk import Talk

ENDS = ("deactivated", "rejected", "probation", "unregistered", "expired")


class GoodUe:
    """Plays both sides of `talk` from a seed. The UE's timers: when it registers, refreshes, subscribes next."""

    def __init__(self, talk: Talk, seed: int, profile: UeProfile) -> None:
        self.talk = talk
        self.random = Random(seed)
        self.profile = profile
        self.timers: dict[str, float] = {"register": talk.now}
        self.is_bound = self.is_subscribed = False
        self.ends = 0.0
        self.asks = 600000
        self.was_shortened = False

    def play(self, turns: int) -> None:
        """Let so many things happen."""
        for _ in range(turns):
            happens = self.talk.now + self.random.expovariate(1 / 400)
            name = min(self.timers, key=lambda timer: self.timers[timer], default=None)
            if name is not None and self.timers[name] <= happens:
                self.talk.wait(max(0.0, self.timers.pop(name) - self.talk.now))
                getattr(self, f"_{name}")()
            else:
                self.talk.wait(happens - self.talk.now)
                self.random.choice((self._network_tells, self._network_tells, self._user_switches))()

    def _soon(self, name: str, most: float = 50.0) -> None:
        self.timers[name] = self.talk.now + self.random.uniform(0, most)

    def _twice(self, direction: str, message: Request) -> None:
        if self.random.random() < 0.3:
            self.talk.wait(self.random.uniform(0, 1))
            self.talk.see(direction, message)

    def _register(self) -> None:
        talk, random = self.talk, self.random
        request = talk.register(self.asks)
        self._twice("in", request)
        answer = random.choice((200, 200, 200, 401, 401, 401, 401, 423, 500, 503, None))
        if answer == 401:
            response = talk.challenge(request)
            if random.random() < 0.3:
                talk.see("out", response)
            self._soon("register", 5)
        elif answer == 423:
            self.asks += 1000
            talk.answer(request, 423, {"Min-Expires": str(self.asks)})
            self._soon("register", 5)
        elif answer == 503:
            wait = random.randrange(1, 500)
            talk.answer(request, 503, {"Retry-After": str(wait)})
            self.timers["register"] = talk.now + wait + random.uniform(0, 100)
        elif answer == 500:
            talk.answer(request, 500)
            self._soon("register", 300)
        elif answer is None:
            self.timers["register"] = talk.now + 32 + random.uniform(0, 300)
        else:
            self._bound(request)

    def _bound(self, request: Request) -> None:
        talk = self.talk
        granted = self.random.choice((60, 120, 600, 1200, 1800, 7200))
        response = talk.accept(request, granted)
        talk.wait(self.random.choice((0, 0, 0.5)))
        if self.random.random() < 0.3:
            talk.see("out", response)
        self.is_bound, self.was_shortened = True, False
        self.ends = talk.now + granted
        self._refresh_in(granted)
        if "subscribe" not in self.timers:
            self._soon("subscribe")

    def _refresh_in(self, granted: float) -> None:
        self.timers["register"] = self.talk.now + self._point(granted)

    def _point(self, granted: float) -> float:
        if not self.profile.ims:
            return self.random.uniform(0.5, 0.9) * granted
        return self.profile.refresh_point(granted) + self.random.uniform(0, self.profile.tolerance / 2)

    def _subscribe(self) -> None:
        talk, random = self.talk, self.random
        if not self.is_bound or talk.now >= self.ends:
            return
        request = talk.resubscribe() if self.is_subscribed else talk.subscribe()
        self._twice("in", request)
        if random.random() < 0.2:
            wait = random.randrange(1, 50)
            talk.answer(request, 503, {"Retry-After": str(wait)})
            self.timers["subscribe"] = talk.now + wait + random.uniform(0, 5)
            return
        granted = random.choice((120, 1200, 3600, 600000))
        talk.accept_subscribe(request, granted)
        self.is_subscribed = True
        self._notified(None, f"active;expires={granted}")
        self.timers["subscribe"] = talk.now + self._point(granted)

    def _notified(self, body: bytes | None, state: str) -> None:
        talk = self.talk
        request = talk.notify(body, state)
        talk.wait(self.random.choice((0, 0.1, 3)))
        self._twice("out", request)
        self._twice("in", talk.reply(request))

    def _network_tells(self) -> None:
        talk, random = self.talk, self.random
        if not self.is_subscribed or not self.is_bound or talk.now >= self.ends:
            return
        event = random.choice(("refreshed", "refreshed", "shortened", *ENDS))
        more: dict[str, int] = {}
        left = int(self.ends - talk.now)
        if event == "shortened":
            left = more["expires"] = min(left, 60)
        elif event == "probation":
            more["retry_after"] = random.randrange(1, 1000)
        talk.version += 1
        body = talk.document(event, **more)
        talk.version -= 1
        began = talk.now
        self._notified(body, "terminated;reason=noresource" if event in ENDS else "active;expires=600000")
        if event == "shortened":
            self.ends, self.was_shortened = began + left, True
            self.timers["register"] = min(self.timers.get("register", self.ends), began + left / 2)
        elif event in ENDS:
            self._ended(event, more.get("retry_after", 0))

    def _ended(self, event: str, retry_after: int) -> None:
        self.is_bound = self.is_subscribed = False
        self.timers.clear()
        if self.random.random() < 0.5:
            self.talk.new_call()
        wait = {"deactivated": 0.0, "probation": retry_after, "rejected": self.profile.observation}
        self.timers["register"] = self.talk.now + wait.get(event, 500.0) + self.random.uniform(0, 50)

    def _user_switches(self) -> None:
        """Have the user switch the UE off, perhaps unsubscribing first, and on again later."""
        talk, random = self.talk, self.random
        if not self.is_bound or "register" not in self.timers:
            return
        if self.is_subscribed and random.random() < 0.5:
            talk.unsubscribed(random.choice((200, 481, None)))
        request = talk.register(0)
        if random.random() < 0.5:
            talk.challenge(request)
            request = talk.register(0)
        talk.accept(request, 0)
        self.is_bound = self.is_subscribed = False
        self.timers.clear()
        if random.random() < 0.7:
            talk.new_call()
        elif talk.algorithm.startswith("AKA"):
            talk.nonce = ""
        self._soon("register", 2000)
