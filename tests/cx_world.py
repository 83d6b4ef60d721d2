"""A whole node whose HSS is another process's: our stub behind Diameter, on the same network and heap clock."""

from collections.abc import Mapping
from random import Random

from hss_stub.hss import Hss
from hss_stub.server import HssStub
from hss_stub.servers import Server
from scscf.config.listen import Listen
from scscf.cx import DeregistrationReason, PushProfile, RegistrationTermination
from scscf.diameter.identity import Identity
from scscf.promise import Promise
from tests.world import SUBSCRIBERS, Client, World

SERVER_NAME = "sip:scscf.home1.test:5060"
SCSCF_HOST = "scscf.home1.test"
HSS = Identity("hss.home1.test", "home1.test", ("127.0.0.7",))


class CxWorld(World):
    """A World whose HSS is at 127.0.0.7:3868, and, unless `away`, connected."""

    def __init__(
        self,
        config: Mapping[str, object] | None = None,
        subscribers: str = SUBSCRIBERS,
        *,
        away: bool = False,
        **more: object,
    ) -> None:
        self.away = away
        self._text = subscribers
        defaults = {
            "hss": ["diameter://127.0.0.7:3868"],
            "server_name": SERVER_NAME,
            "hosts": {SCSCF_HOST: "127.0.0.1"},
            "diameter": {},
        }
        settings: dict[str, object] = defaults | dict(config or {})
        settings["diameter"] = {"watchdog": 3600, **settings["diameter"]}  # type: ignore[dict-item]
        super().__init__(settings, subscribers, **more)  # type: ignore[arg-type]
        self.run(0.5)

    def client(self, host: str = "127.0.0.9", port: int = 5070, **more: object) -> Client:
        """Return a UDP client that says who it is when it registers: an HSS knows private identities only."""
        made = super().client(host, port, **more)
        made.named = made.username is not None
        return made

    def neighbours(self, subscribers: str) -> None:
        """Start the HSS before the S-CSCF connects to it."""
        if not self.away:
            self.start_hss()

    def start_hss(self) -> None:
        """Start an HSS that knows nobody's state."""
        self.stub = HssStub(
            HSS,
            self.subscribers(self._text),
            [Server(SERVER_NAME)],
            [Listen("tcp", "127.0.0.7", 3868)],
            self.clock,
            self.network,
            random_bytes=Random(2).randbytes,
        )
        self.stub.diameter._watchdog = 3600.0
        self.stub.start()
        self.away = False

    @property
    def hss(self) -> Hss:
        """What the HSS knows."""
        return self.stub.hss

    def run(self, seconds: float = 0.1) -> None:
        """Let so much time pass; a bug in either node fails the test."""
        super().run(seconds)
        assert self.away or self.stub.shell.bugs == 0

    def push(self, request: RegistrationTermination | PushProfile, seconds: float = 0.1) -> object:
        """Have the HSS send an RTR or a PPR, and return its answer."""
        promise: Promise[object] = self.stub.shell.perform(self.stub.ask(request, SCSCF_HOST))  # type: ignore[assignment]
        self.run(seconds)
        assert promise.done
        return promise.result()

    def terminate(self, private_identity: str, reason: DeregistrationReason, *identities: str) -> object:
        """Have the HSS send an RTR, and return its answer."""
        return self.push(RegistrationTermination(private_identity, reason, identities))
