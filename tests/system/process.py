"""`scscf run` in a process of its own on free ports, and phones that speak to it over real sockets."""

import json
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from scscf.sip.message import Request, Response
from scscf.sip.parser import parse_message
from scscf.sip.stream_parser import StreamParser
from tests.patience import PATIENCE

COMMAND = (sys.executable, "-c", "from scscf.cli import main; main()")
TOP = Path(__file__).parents[2]


class Process:
    """A running server; `listeners` are its bound addresses by transport."""

    def __init__(self, folder: Path, config: Mapping[str, object], subscribers: str) -> None:
        self.log = folder / "scscf.log"
        ready = folder / "ready.json"
        (folder / "subscribers.yaml").write_text(subscribers, encoding="utf-8")
        own = {} if "hss" in config else {"subscribers": "subscribers.yaml"}
        whole = {"api": "http://127.0.0.1:0", **own, **config}
        (folder / "config.yaml").write_text(json.dumps(whole), encoding="utf-8")
        path = os.pathsep.join([str(TOP), os.environ.get("PYTHONPATH", "")])
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                (*COMMAND, "run", "--config", "config.yaml", "--ready-file", "ready.json", "--validate"),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"PYTHONPATH": path},
            )
        end = time.monotonic() + PATIENCE
        while not ready.exists():
            assert self.process.poll() is None, self.output()
            assert time.monotonic() < end, f"not ready\n{self.output()}"
            time.sleep(0.02)
        shown = json.loads(ready.read_text(encoding="utf-8"))
        self.api: str = shown["api"]
        self.listeners: dict[str, tuple[str, int]] = {}
        for uri in shown["listeners"]:
            transport, _, place = uri.partition("://")
            host, _, port = place.rpartition(":")
            self.listeners[transport] = (host, int(port))

    def stop(self) -> None:
        """End it as an operator would, and insist on its doing so cleanly."""
        self.process.terminate()
        try:
            assert self.process.wait(PATIENCE) == 0, self.output()
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
        assert "Traceback" not in self.output(), self.output()

    def output(self) -> str:
        """Return what it has logged."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def call(self, path: str, body: object) -> None:
        """Post to the control API."""
        data = json.dumps(body).encode()
        request = urllib.request.Request(self.api + path, data, {"Content-Type": "application/json"}, method="POST")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            assert answer.status in (200, 201)


class Phone:
    """A SIP client on a blocking socket: what it sends, and the next message that comes."""

    transport = ""

    def __init__(self) -> None:
        self.local = ("", 0)

    def send(self, data: bytes) -> None:
        """Send one message."""
        raise NotImplementedError

    def receive(self) -> Request | Response:
        """Return the next message; fails where none comes."""
        raise NotImplementedError

    def close(self) -> None:
        """Hang up."""
        raise NotImplementedError


class UdpPhone(Phone):
    """A phone on a UDP socket."""

    transport = "UDP"

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(PATIENCE)
        self.local = self._socket.getsockname()

    def send(self, data: bytes) -> None:
        self._socket.sendto(data, self._server)

    def receive(self) -> Request | Response:
        return parse_message(self._socket.recv(65535))

    def close(self) -> None:
        self._socket.close()


class TlsPhone(Phone):
    """A phone on one TLS connection; the server has to prove that it is `name`."""

    transport = "TLS"

    def __init__(self, server: tuple[str, int], authority: str, name: str) -> None:
        raw = socket.create_connection(server, PATIENCE)
        try:
            self._socket = ssl.create_default_context(cafile=authority).wrap_socket(raw, server_hostname=name)
        except BaseException:
            raw.close()
            raise
        self.local = self._socket.getsockname()
        self._parser = StreamParser()
        self._messages: list[Request | Response] = []

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def receive(self) -> Request | Response:
        while not self._messages:
            data = self._socket.recv(65535)
            assert data, "the server hung up"
            self._messages += [item for item in self._parser.feed(data) if isinstance(item, Request | Response)]
        return self._messages.pop(0)

    def close(self) -> None:
        self._socket.close()
