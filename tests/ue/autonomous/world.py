"""A UE that acts by itself beside a whole S-CSCF on a heap clock, with a judge of UEs that watches it."""

from collections.abc import Mapping
from random import Random

from scscf.conformance.finding import Finding
from scscf.conformance.ue.judge import UeJudge
from scscf.conformance.ue.profile import UeProfile
from scscf.identifiers import Identifiers
from scscf.net.shell import Shell
from scscf.sip.message import Request, Response
from scscf.sip.outbox import Flow, NextHop
from scscf.sip.parser import parse_message
from scscf.ue.authorization import Authorizer, Password, Secret
from scscf.ue.autonomous.behaviour import Behaviour
from scscf.ue.autonomous.ue import AutonomousUe
from scscf.ue.identity import Identity
from scscf.ue.ue import Ue
from scscf.ue.user_agent import UserAgent, listen_at
from tests.world import EPOCH, SUBSCRIBERS, World

AOR = "sip:tobias@home1.test"
IMPI = "phone@home1.test"


class Alone:
    """A world with one UE of its own accord; everything it sends and gets is in `seen`, with its time."""

    def __init__(
        self,
        behaviour: Behaviour = Behaviour(),  # noqa: B008
        config: Mapping[str, object] | None = None,
        secret: Secret | None = None,
        user: str = "tobias",
        impi: str = IMPI,
        subscribers: str = SUBSCRIBERS,
        profile: UeProfile = UeProfile(),  # noqa: B008
    ) -> None:
        self.world = World(config, subscribers)
        self.agent = UserAgent(
            self.world.clock, self.world.network, listen_at("192.0.2.5", 5060), Identifiers(Random(3).randbytes)
        )
        self.agent.start()
        self.seen: list[tuple[float, str, Request | Response]] = []
        self.findings: list[Finding] = []
        self.judge = UeJudge(f"sip:{user}@home1.test", impi, profile=profile)
        self.agent.traces.append(self._trace)
        identity = Identity(f"sip:{user}@home1.test", impi, "home1.test", NextHop("127.0.0.1", 5060, "udp"))
        ue = Ue(self.agent, identity, Authorizer(impi, "home1.test", secret or Password("secret"), "0a4f113b"))
        ue.contact = f"<sip:{user}@192.0.2.5:5060>"
        self.phone = AutonomousUe(ue, behaviour)
        self.stage = Shell(self.world.clock)

    def _trace(self, direction: str, flow: Flow, data: bytes) -> None:
        message = parse_message(data)
        self.seen.append((self.now(), direction, message))
        self.findings += self.judge.observe("in" if direction == "out" else "out", message, self.now())

    def now(self) -> float:
        """Seconds since the world began."""
        return self.world.clock.seconds() - EPOCH

    def run(self, seconds: float = 1.0) -> None:
        """Let time pass; the judge looks at the clock when it wants to."""
        end = self.now() + seconds
        while (due := self.judge.due()) is not None and due < end:
            self.world.run(max(0.0, due - self.now()) + 0.001)
            self.findings += self.judge.time(self.now())
        self.world.run(max(0.0, end - self.now()))
        assert self.agent.shell.bugs == 0

    def begin(self) -> None:
        """Have the UE start, and look away until it is registered and has its first document."""
        self.phone.start()
        self.run()
        self.seen.clear()

    def sent(self, method: str) -> list[tuple[float, Request]]:
        """Return the requests of a method that the UE sent, each once, with their times."""
        found: list[tuple[float, Request]] = []
        for at, direction, message in self.seen:
            ours = direction == "out" and isinstance(message, Request) and message.method == method
            if ours and all(each.headers != message.headers for _, each in found):
                found.append((at, message))
        return found

    def times(self, method: str) -> list[float]:
        """Return when the UE sent requests of a method, seconds since the world began."""
        return [round(at, 1) for at, _ in self.sent(method)]

    def blamed(self) -> set[str]:
        """Return the names of what the judge found wrong with the UE."""
        return {finding.check for finding in self.findings}
