"""The process of `hss-stub run`: the stub on sockets, its API, signals."""

import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred

from hss_stub.config import HssConfig
from hss_stub.control import ROUTES, HssApi, HssCommands
from hss_stub.control_shapes import HssHealthView
from hss_stub.measures import readings
from hss_stub.server import HssStub
from hss_stub.sqlite_store import SqliteStore
from hss_stub.subscribers import Subscribers, demo_subscribers, load_subscribers
from scscf import __version__
from scscf.config.listen import hostport
from scscf.diameter.identity import Identity
from scscf.errors import InputError

if TYPE_CHECKING:
    from scscf.control.http import ControlResource

log = logging.getLogger("hss")


def subscribers_of(config: HssConfig) -> Subscribers:
    """Return the configured subscribers, or the demo ones as users of the realm. Raises InputError."""
    if config.subscribers is None:
        return demo_subscribers(config.origin_realm)
    return load_subscribers(config.subscribers)


def run(
    config: HssConfig, *, ready_file: Path | None = None, announce: Callable[[list[str], str], None] = lambda *_: None
) -> int:
    """Run the HSS stub with its API until SIGTERM or SIGINT; return the exit code.

    `announce` is called with the listeners and the API's address. Raises InputError for what cannot be started.
    """
    import signal

    from twisted.internet import reactor as default_reactor

    from scscf.control.port import start_api
    from scscf.net.dns import TwistedDns, system_servers
    from scscf.net.sockets import SocketNetwork

    reactor: Any = default_reactor
    failures: list[BaseException] = []
    identity = Identity(
        config.origin_host,
        config.origin_realm,
        tuple(dict.fromkeys(listen.host for listen in config.listen)),
        "hss-stub",
        origin_state_id=int(reactor.seconds()),
    )
    network = SocketNetwork(reactor)
    store = None if config.store is None else SqliteStore(config.store)
    stub = HssStub(
        identity,
        subscribers_of(config),
        config.servers,
        config.listen,
        reactor,
        network,
        hosts=config.hosts,
        dns=TwistedDns(reactor, system_servers(), any(":" in listen.host for listen in config.listen)),
        store=store,
    )

    def start() -> None:
        stub.start()
        port = start_api(api_of(stub, config.api_token, config.store), config.api, reactor)
        address = f"http://{hostport(port.host, port.port)}"
        reactor.addSystemEventTrigger("before", "shutdown", port.stop)
        reactor.addSystemEventTrigger("before", "shutdown", stub.stop)
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, lambda *_: reactor.callFromThread(_reread, stub, config))
        if ready_file is not None:
            _write_ready(ready_file, stub, address)
        announce(stub.listeners, address)

    def failed(failure: Any) -> None:
        failures.append(failure.value)
        reactor.stop()

    async def starting() -> None:
        start()

    reactor.callWhenRunning(lambda: Deferred.fromCoroutine(starting()).addErrback(failed))
    reactor.run()
    if store is not None:
        store.close()
    if ready_file is not None:
        ready_file.unlink(missing_ok=True)
    if failures:
        raise failures[0]
    return 0


def api_of(stub: HssStub, token: str | None = None, store: Path | None = None) -> "ControlResource":
    """Return the HTTP API of a stub."""
    from scscf.control.http import ControlResource
    from scscf.control.route import Served

    commands = HssCommands(
        stub.replace, stub.terminate, stub.push_profile, lambda: health(stub, store), lambda: readings(stub)
    )
    api = HssApi(stub.hss.core, commands, stub.hss.servers)
    return ControlResource((Served(api, ROUTES),), stub.shell.perform, token, "hss-openapi.json")


def health(stub: HssStub, store: Path | None = None) -> HssHealthView:
    """Return what runs, and who is connected."""
    return {
        "status": "up",
        "version": __version__,
        "origin_host": stub.identity.host,
        "origin_realm": stub.identity.realm,
        "listeners": stub.listeners,
        "peers": [
            {
                "host": peer.host,
                "realm": peer.realm,
                "address": peer.address,
                "state": peer.state,
                "health": peer.health,
                "pending": peer.pending,
                "why": peer.why,
            }
            for peer in stub.diameter.peers()
        ],
        "subscribers": len(stub.hss.core.subscribers),
        "served": len(stub.hss.servers),
        "store": "memory" if store is None else f"sqlite:///{store}",
    }


def _reread(stub: HssStub, config: HssConfig) -> None:
    """SIGHUP: read the subscribers again; a file with mistakes changes nothing."""
    try:
        subscribers = subscribers_of(config)
    except InputError as error:
        log.error("the subscribers stay as they were:\n%s", error)
    else:
        stub.shell.perform(stub.replace(subscribers))
        log.info("subscribers reread")


def _write_ready(path: Path, stub: HssStub, api: str) -> None:
    ready = {"pid": os.getpid(), "listeners": stub.listeners, "api": api}
    beside = path.with_name(path.name + ".new")
    beside.write_text(json.dumps(ready) + "\n", encoding="utf-8")
    beside.replace(path)
