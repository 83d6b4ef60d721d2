"""An S-CSCF that runs beside a test, on sockets of this machine, with its control API on HTTP."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from twisted.internet.defer import Deferred, DeferredList, maybeDeferred
from twisted.internet.task import deferLater

from hss_stub.subscribers import Subscribers, load_subscribers, subscribers_of
from scscf import __version__
from scscf.config.configuration import Config, config_of
from scscf.control.dispatch import call_in_process
from scscf.control.http import ControlResource
from scscf.control.port import start_api
from scscf.errors import InputError
from scscf.laboratory.api_calls import ApiCalls, ApiError
from scscf.laboratory.reactor_thread import LONGEST, ReactorThread
from scscf.net.sockets import SocketNetwork, free_port
from scscf.net.virtual_time import VirtualTime
from scscf.process import calls_of
from scscf.scenario.ladder import ladder
from scscf.scenario.recorder import Recorder
from scscf.service import Scscf
from scscf.service import subscribers_of as configured_subscribers
from scscf.yaml_file import YamlFile, parse_yaml

TRUSTED = "127.224.0.0/12"
"""Addresses of simulated application servers and P-CSCFs: the S-CSCF believes them."""
LADDER = 60
"""Messages at the end of a test that its ladder shows."""
_ATTEMPTS = 20
_HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # looked up, not bound


class RunningScscf(ApiCalls):
    """One S-CSCF with the embedded HSS stub, its API and the ladder of what it sent.

    `config` has the keys of a configuration file; `subscribers` is the list `subscriptions` of a subscribers file, the
    path of one, or None: as `config` says, the demo subscribers where it says nothing. Where it does not say either,
    it listens on UDP and TCP at a free port of 127.0.0.1, the API at another.
    """

    def __init__(
        self,
        thread: ReactorThread,
        config: Mapping[str, Any] | None = None,
        subscribers: Sequence[Any] | Path | None = None,
    ) -> None:
        self.thread = thread
        self._given = dict(config or {})
        self._subscribers = _subscribers(subscribers)
        self.network = SocketNetwork(thread.reactor)
        self._stopped = False
        self._began: float | None = None
        self.recorder = Recorder(self._elapsed)
        """Every message that it sent or got, with simulated UEs those that they sent."""
        self._start()

    def __repr__(self) -> str:
        return f"<S-CSCF at {self.host}:{self.port}>"

    @property
    def api(self) -> str:
        """URL of the control API, without a path."""
        return f"http://{self._port.host}:{self._port.port}"

    @property
    def uri(self) -> str:
        """SIP URI of its first listener."""
        return f"sip:{self.host}:{self.port}"

    def reached_over(self, transport: str) -> tuple[str, int]:
        """Return host and port of its first listener of a transport. Raises LookupError where it has none."""
        for listener in self.scscf.endpoint.listeners:
            if listener.transport == transport:
                return _HERE.get(listener.host, listener.host), listener.port
        raise LookupError(f"it does not listen on {transport}: `listen` in scscf_config")

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        timeout: float = LONGEST,
    ) -> dict[str, Any]:
        """Make a call of the control API and return its JSON. Raises ApiError for one that is refused."""
        __tracebackhide__ = True
        asked = {name: str(value) for name, value in (query or {}).items() if value is not None}
        told = _without_none(body) if body is not None else None
        answer = self.thread.perform(
            self.scscf.shell, lambda: call_in_process(self._services, method, path, told, asked), timeout
        )
        if answer.status >= 400:
            raise ApiError(f"{method} {path}", answer)
        return cast(dict[str, Any], json.loads(json.dumps(answer.body)))

    def restart(self) -> None:
        """End it without a word to anybody, and begin it again at the same addresses, with nothing."""
        self.stop()
        self._given = {**self._given, "listen": self._listen, "api": self.api}
        self._start()

    def ladder(self, width: int = 100) -> str:
        """Return the last messages of the test as a SIP ladder."""
        return "\n".join(ladder(self.recorder.messages(), self.recorder.participants(), width, LADDER))

    def stop(self) -> None:
        """Close everything."""
        if not self._stopped:
            self._stopped = True
            self.thread.call(self._close)
            # A port is closed by the reactor when it comes round again.
            self.thread.call(deferLater, self.thread.reactor, 0.0)
            self.thread.call(deferLater, self.thread.reactor, 0.0)

    def _start(self) -> None:
        attempts = 1 if "listen" in self._given else _ATTEMPTS
        for attempt in range(1, attempts + 1):
            try:
                self.config = self._configuration()
                self.thread.call(self._begin)
                break
            except InputError as error:
                # Somebody else may have taken the port since it was free.
                taken = all("cannot listen on" in problem.message for problem in error.problems)
                if not taken or attempt == attempts:
                    raise
        self._stopped = False

    def _configuration(self) -> Config:
        given = dict(self._given)
        port = free_port()
        given.setdefault("listen", [f"udp://127.0.0.1:{port}", f"tcp://127.0.0.1:{port}"])
        given.setdefault("api", "http://127.0.0.1:0")
        given["trusted_peers"] = [*given.get("trusted_peers", ()), TRUSTED]
        return config_of(_as_file("scscf_config", given), Path())

    def _begin(self) -> "Deferred[None]":
        config, reactor = self.config, self.thread.reactor
        subscribers = None
        if config.diameter is None:
            subscribers = self._subscribers or configured_subscribers(config)
        scscf = self.scscf = Scscf(config, subscribers, reactor, self.network)
        if self._began is None:
            self._began = scscf.shell.now()
        return scscf.start().addCallback(lambda _: self._up(scscf))

    def _up(self, scscf: Scscf) -> None:
        listeners = scscf.endpoint.listeners
        self.host, self.port = self.reached_over(listeners[0].transport)
        self._listen = [listener.uri for listener in listeners]
        try:
            self._serve(scscf)
        except InputError:
            scscf.stop()
            raise

    def _serve(self, scscf: Scscf) -> None:
        """Bring the API up, and have every message recorded."""
        listeners = scscf.endpoint.listeners
        self.virtual_time = VirtualTime(scscf.shell)
        self._services = calls_of(scscf, __version__, None, self.virtual_time)
        resource = ControlResource(self._services, scscf.shell.perform, self.config.api_token, streams=scscf.node)
        self._port = start_api(resource, self.config.api, self.thread.reactor)
        scscf.node.stop = self._close
        self.recorder.join("scscf", *((listener.host, listener.port) for listener in listeners))
        scscf.observe(self.recorder.trace("scscf"))

    def _close(self) -> Any:
        self._stopped = True
        return DeferredList([maybeDeferred(self._port.stop), self.scscf.stop()])

    def _elapsed(self) -> float:
        return self.scscf.shell.now() - (self._began or 0.0)


def _subscribers(given: Sequence[Any] | Path | None) -> Subscribers | None:
    if given is None:
        return None
    if isinstance(given, Path):
        return load_subscribers(given)
    return subscribers_of(_as_file("scscf_subscribers", {"subscriptions": list(given)}))


def _as_file(name: str, data: Mapping[str, Any]) -> YamlFile:
    """Return Python data as a file that says so: numbers, tuples and paths are texts there."""
    return parse_yaml(json.dumps(data, default=str), name)._replace(root=None)


def _without_none(body: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if value is not None}
