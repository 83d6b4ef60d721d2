"""The process of `scscf run`: one S-CSCF on sockets, its control API, signals."""

import gc
import json
import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred

from hss_stub.control import SHARED
from scscf.capture.writing import CaptureFile
from scscf.config import Config
from scscf.config.listen import hostport
from scscf.control.api import Api
from scscf.control.route import Answer, Call, NotFound, Served
from scscf.control.routes import ROUTES
from scscf.errors import InputError, Problem
from scscf.net.homer import HomerSender
from scscf.net.sockets import SocketNetwork
from scscf.net.virtual_time import VirtualTime
from scscf.service import Scscf, subscribers_of

log = logging.getLogger("scscf")


def run(
    config: Config,
    *,
    ready_file: Path | None = None,
    validate: bool = False,
    virtual_time: bool = False,
    announce: Callable[["Scscf", str], None] = lambda scscf, api: None,
) -> int:
    """Run an S-CSCF with its control API in this process until SIGTERM or SIGINT; return the exit code.

    `virtual_time`: the API can move service time. `announce` is called once every listener is up. Raises InputError
    for what cannot be started.
    """
    import signal

    from twisted.internet import reactor as default_reactor

    from scscf import __version__
    from scscf.control.http import ControlResource
    from scscf.control.live_page import shipped_page
    from scscf.control.port import start_api
    from scscf.net.dns import TwistedDns, system_servers

    reactor: Any = default_reactor
    failures: list[BaseException] = []
    network = SocketNetwork(reactor)
    ipv6 = any(":" in listen.host for listen in config.listen)
    scscf = Scscf(
        config,
        None if config.diameter is not None else subscribers_of(config),
        reactor,
        network,
        dns=TwistedDns(reactor, system_servers(), ipv6),
        validate=validate,
    )

    _copies(scscf, network)

    async def start() -> None:
        await scscf.start()
        calls = calls_of(scscf, __version__, commit(), VirtualTime(scscf.shell) if virtual_time else None)
        resource = ControlResource(
            calls, scscf.shell.perform, config.api_token, streams=scscf.node, page=shipped_page()
        )
        port = start_api(resource, config.api, reactor)
        address = f"http://{hostport(port.host, port.port)}"
        reactor.addSystemEventTrigger("before", "shutdown", port.stop)
        reactor.addSystemEventTrigger("before", "shutdown", scscf.stop)
        scscf.node.stop = reactor.stop
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, lambda *_: reactor.callFromThread(_reread, scscf))
        announce(scscf, address)
        if ready_file is not None:
            _write_ready(ready_file, scscf, address)

    def failed(failure: Any) -> None:
        failures.append(failure.value)
        reactor.stop()

    # What was loaded stays: collections need not look at it, nor come as often as for a short-lived program.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
    reactor.callWhenRunning(lambda: Deferred.fromCoroutine(start()).addErrback(failed))
    reactor.run()
    if ready_file is not None:
        ready_file.unlink(missing_ok=True)
    if failures:
        raise failures[0]
    return 0


def commit() -> str | None:
    """Return the commit that runs, where this is a git checkout; None elsewhere."""
    head = Path(__file__).parent.parent / ".git" / "HEAD"
    try:
        text = head.read_text("utf-8").strip()
        if text.startswith("ref: "):
            text = (head.parent / text[5:]).read_text("utf-8").strip()
    except OSError:
        return None
    return text[:12]


def _copies(scscf: Scscf, network: SocketNetwork) -> None:
    """Have messages written and sent to where the configuration says. Raises InputError where that cannot be."""
    capture, homer = scscf.config.capture, scscf.config.hep
    if homer is not None:
        host = scscf.config.hosts.get(homer.host.lower(), homer.host)
        try:
            address = str(socket.getaddrinfo(host, homer.port, type=socket.SOCK_DGRAM)[0][4][0])
        except (OSError, UnicodeError):
            raise InputError([Problem("hep", 0, 0, f"{homer.host} has no address")]) from None
        scscf.observation.send_to(HomerSender(network, homer, address))
    if capture.file is not None:
        file = CaptureFile(capture.file, capture.octets, capture.files)
        if capture.keys:
            network.key_log = file.secrets
        scscf.observation.write_to(file)


def calls_of(
    scscf: Scscf, version: str, commit: str | None, virtual_time: VirtualTime | None = None
) -> tuple[Served, ...]:
    """Return every call of the control API of an S-CSCF that listens; `virtual_time` is what moves its service time."""
    listeners = scscf.endpoint.listeners
    api = Api(scscf.node, version, commit, lambda: [listener.uri for listener in listeners])
    api.hss_peers = scscf.hss_peers
    api.script = scscf.script
    api.measures = scscf.measures
    if virtual_time is not None:
        api.virtual_time = virtual_time
        scscf.observe(virtual_time.trace)
    return (Served(api, ROUTES), hss_calls(scscf))


def hss_calls(scscf: Scscf) -> Served:
    """Return the calls about the HSS stub in this process; where the HSS is another one they say so."""
    if scscf.hss_api is not None:
        return Served(scscf.hss_api, SHARED)
    return Served(None, tuple(route._replace(handler=_elsewhere, body=None) for route in SHARED))


async def _elsewhere(_: object, call: Call) -> Answer:
    """Answer a call about the embedded HSS stub where the HSS is another one."""
    message = "the HSS is another one, over Diameter; an hss-stub has this call at its own API (http://127.0.0.1:8061)"
    raise NotFound("other_hss", message)


def _reread(scscf: Scscf) -> None:
    """SIGHUP: read the subscribers again; a file with mistakes changes nothing."""
    if scscf.hss is None:
        log.info("the subscribers are the HSS's: there is nothing to reread")
        return
    try:
        scscf.replace_subscribers(subscribers_of(scscf.config))
    except InputError as error:
        log.error("the subscribers stay as they were:\n%s", error)
    else:
        log.info("subscribers reread")


def _write_ready(path: Path, scscf: Scscf, api: str) -> None:
    ready = {
        "pid": os.getpid(),
        "listeners": [listener.uri for listener in scscf.endpoint.listeners],
        "api": api,
    }
    beside = path.with_name(path.name + ".new")
    beside.write_text(json.dumps(ready) + "\n", encoding="utf-8")
    beside.replace(path)
