"""The whole HTTP side of a node without a socket: octets in, octets out, on the world's clock."""

import io
import json
from http.client import HTTPResponse
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from scscf.control.http import ControlResource
from scscf.control.port import control_site
from scscf.process import calls_of
from tests.world import World


class Connection:
    """One client's connection."""

    def __init__(self, browser: "Browser") -> None:
        self._browser = browser
        self.protocol: Any = browser.site.buildProtocol(None)
        self.transport: Any = StringTransport(hostAddress=browser.address)
        self.protocol.makeConnection(self.transport)

    def send(self, data: bytes) -> None:
        self.protocol.dataReceived(data)

    def received(self) -> bytes:
        data: bytes = self.transport.value()
        self.transport.clear()
        return data

    def close(self) -> None:
        self.protocol.connectionLost(Failure(ConnectionDone()))


class Reply:
    """An answer: its status, headers and JSON (the text where it is none)."""

    def __init__(self, data: bytes, method: str) -> None:
        response = HTTPResponse(_Octets(data), method=method)  # type: ignore[arg-type]
        response.begin()
        self.status = response.status
        self.headers = response.headers
        self.text = response.read().decode()
        is_json = response.headers.get_content_type() == "application/json" and method != "HEAD"
        self.json: Any = json.loads(self.text) if is_json else self.text


class _Octets:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


class Browser:
    """A client of a world's control API, or of another one (`resource`) in that world."""

    def __init__(self, world: World, token: str | None = None, resource: ControlResource | None = None) -> None:
        self.world = world
        self.resource = resource if resource is not None else self._own(world, token)
        self.site: Any = control_site(self.resource, world.clock)
        self.address = IPv4Address("TCP", "127.0.0.1", 8060)

    @staticmethod
    def _own(world: World, token: str | None) -> ControlResource:
        calls = calls_of(world.scscf, "1.2.3", "abc")
        return ControlResource(calls, world.scscf.shell.perform, token, streams=world.node)

    def open(self, method: str, path: str, body: object = None, **headers: str) -> Connection:
        """Send a request and return its connection."""
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = {"Host": "127.0.0.1:8060", "Content-Length": str(len(data))} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        head = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
        connection = Connection(self)
        connection.send("\r\n".join(head).encode() + data)
        return connection

    def call(self, method: str, path: str, body: object = None, seconds: float = 0.1, **headers: str) -> Reply:
        """Make a call and return its answer once so much time has passed."""
        connection = self.open(method, path, body, **headers)
        self.world.run(seconds)
        reply = Reply(connection.received(), method)
        connection.close()
        return reply

    def get(self, path: str, **headers: str) -> Reply:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: object = None, seconds: float = 0.1) -> Reply:
        return self.call("POST", path, body, seconds)


def error(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.json["error"]["code"]
