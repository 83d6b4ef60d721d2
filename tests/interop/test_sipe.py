"""pidgin's SIPE plugin, a client of Microsoft's servers, registers by NTLM, is told of its end, and leaves."""

import re
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from scscf.sip.message import Response
from scscf.sip.parser import parse_message
from tests.interop.capture import Capture
from tests.interop.programs import Running
from tests.interop.server import VETH, Server, has_veth, until
from tests.net.certificates import Authority
from tests.patience import PATIENCE

pytestmark = [pytest.mark.interop, pytest.mark.peer("pidgin-sipe", "tshark")]

ALICE = "sip:alice@fabrikam.test"
SUBSCRIBERS = """\
subscriptions:
  - name: alice
    private_identities:
      - {id: alice@fabrikam.test, auth: {scheme: ntlm, password: secret, domain: FABRIKAM}}
    implicit_sets: [[sip:alice@fabrikam.test]]
  - name: carol
    private_identities: [{id: carol@fabrikam.test, auth: {scheme: none}}]
    implicit_sets: [[sip:carol@fabrikam.test]]
"""
SHORT = {"registrar": {"default_expires": 32}}
"""SIPE registers again when no more than 30 s are left."""
VALIDATED = "signature of incoming message validated"
INVALID = "signature of incoming message is invalid"


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A registrar of Microsoft's dialect; its parameter is more of the configuration."""
    certificate, key = Authority(tmp_path).issue("scscf.fabrikam.test")
    listeners = ["tcp://127.0.0.1:5060", f"tls://127.0.0.1:5061?certificate={certificate}&key={key}&verify=none"]
    if has_veth():
        listeners.append(f"tcp://{VETH}:5060")
    own: dict[str, object] = {"home_domain": "fabrikam.test", "dialect": "siprege", "listen": listeners}
    running = Server(tmp_path, SUBSCRIBERS, **own | getattr(request, "param", {}))
    try:
        running.start()
        yield running
    finally:
        running.stop()
    assert "Traceback" not in running.output()
    assert "is wrong" not in running.output()


@contextmanager
def sipe(
    folder: Path,
    *,
    login: str = "FABRIKAM\\alice",
    password: str = "secret",
    host: str = "127.0.0.1",
    port: int = 5060,
    transport: str = "tcp",
) -> Iterator[Running]:
    """A SIPE that signs in, and knows the server's certificate."""
    own = Path(mkdtemp(prefix="sipe", dir=folder))
    known = own / "certificates" / "x509" / "tls_peers"
    known.mkdir(parents=True)
    shutil.copy(folder / "scscf.fabrikam.test.pem", known / host)
    driver = str(Path(__file__).with_name("sipe_client.py"))
    command = (sys.executable, driver, str(own), "alice@fabrikam.test", login, password, f"{host}:{port}", transport)
    client = Running(command, own, "sipe.log")
    try:
        yield client
    finally:
        client.stop()


@contextmanager
def relay(of_client: bytes, of_server: bytes) -> Iterator[int]:
    """A port whose one connection goes to the server; the hexadecimal digit behind a pattern becomes another."""

    def pump(source: socket.socket, target: socket.socket, pattern: bytes) -> None:
        with suppress(OSError):
            while octets := source.recv(65536):
                target.sendall(re.sub(b"(%s)(.)" % pattern, changed, octets) if pattern else octets)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def changed(found: re.Match[bytes]) -> bytes:
        return found[1] + (b"1" if found[2] == b"0" else b"0")

    def serve() -> None:
        with suppress(OSError), listener.accept()[0] as near, socket.create_connection(("127.0.0.1", 5060)) as far:
            back = threading.Thread(target=pump, args=(far, near, of_server))
            back.start()
            pump(near, far, of_client)
            back.join()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(PATIENCE)
    assert not thread.is_alive()


def said(client: Running) -> list[str]:
    """What became of the connection, in order."""
    return re.findall(r"^client: (.*)$", client.output(), re.MULTILINE)


def signed_on(server: Server, client: Running) -> Any:
    """Wait until SIPE is signed on and return its contact."""
    until(lambda: "signed-on" in said(client) or client.process.poll() is not None, "signed on")
    assert said(client) == ["signed-on"], client.output()[-3000:]
    return server.registration(ALICE)["contacts"][-1]


def signatures(client: Running) -> int:
    """Tell how many signatures of the server SIPE found right, none having been wrong."""
    log = client.output()
    assert INVALID not in log
    assert "without authentication data" not in log
    return log.count(VALIDATED)


def opaques(client: Running) -> set[str]:
    """Return the security associations whose answers SIPE got, by their opaque."""
    return set(re.findall(r'^Authentication-Info: NTLM .*opaque="(.*?)"', client.output(), re.MULTILINE))


@pytest.mark.clause("MS-SIPREGE §3.1.2.5.1", "MS-SIPAE §3.3", "MS-CONMGMT §2.2.1")
@pytest.mark.parametrize(
    ("transport", "port", "server"),
    [
        ("tcp", 5060, SHORT),
        ("tls", 5061, SHORT),
        ("tcp", 5060, SHORT | {"siprege": {"version": 3}}),
        ("tcp", 5060, SHORT | {"siprege": {"ntlm_min_version": 2}}),
    ],
    indirect=["server"],
)
def test_sipe_registers_by_ntlm_registers_again_and_leaves(
    server: Server, capture: Capture, tmp_path: Path, transport: str, port: int
) -> None:
    with sipe(tmp_path, port=port, transport=transport) as client:
        contact = signed_on(server, client)
        assert contact["private_identity"] == "alice@fabrikam.test"
        assert re.fullmatch("[0-9a-f]{12}", contact["epid"])
        assert f"urn:uuid:{contact['instance'].strip('<>').removeprefix('urn:uuid:').lower()}" in client.output()
        assert contact["gruu"].startswith(f"{ALICE};opaque=user:epid:")
        assert f'gruu="{contact["gruu"]}"' in client.output()

        until(lambda: server.registration(ALICE)["contacts"][0]["cseq"] > contact["cseq"], "another REGISTER")
        until(lambda: signatures(client) >= 2, "two answers that are signed")
        (again,) = server.registration(ALICE)["contacts"]
        assert (again["id"], again["epid"]) == (contact["id"], contact["epid"])
        assert "server determined keep alive timeout is 300 seconds" in client.output()

        client.process.terminate()
        assert client.wait() == 0, client.output()[-3000:]
    until(lambda: server.registration(ALICE) is None, "no registration")
    assert said(client) == ["signed-on", "disconnected"]
    assert "\nExpires: 0\n" in client.output().replace("\r", "")
    if transport == "tcp":
        capture.judge(REGISTER=4)


@pytest.mark.clause("MS-SIPREGE §4.1.3", "MS-SIPAE §3.3")
@pytest.mark.parametrize(
    ("event", "more", "reason"),
    [
        ("unregistered", {}, "Endpoint unregistered by policy"),
        ("rejected", {}, "User disabled"),
        ("deactivated", {}, "User temporarily unavailable"),
        ("userservices-unavailable", {}, "User services unavailable"),
        (
            "preferred-registrar-change",
            {"preferred_registrar": "sip:other.test;transport=tls"},
            "Preferred registrar changed",
        ),
        ("rejected", {"error_id": 4141, "reason": "Come back on Monday"}, "Come back on Monday"),
    ],
)
def test_sipe_is_told_of_its_end(
    server: Server, capture: Capture, tmp_path: Path, event: str, more: dict[str, object], reason: str
) -> None:
    with sipe(tmp_path) as client:
        signed_on(server, client)

        status, report = server.call(
            "POST", "/v1/deregistrations", {"aor": ALICE, "event": event, "wait": PATIENCE, **more}
        )

        assert status == 201, report
        assert client.wait() == 1, client.output()[-3000:]
    assert signatures(client) >= 2
    assert "sipe_process_registration_notify: deregistration received." in client.output()
    assert said(client)[1:] == [f"error 1 You have been rejected by the server: {reason}", "disconnected"]
    assert [watcher["status"] for watcher in report["watchers"]] == [200]
    assert server.registration(ALICE) is None
    capture.judge(NOTIFY=1)


class Caller:
    """Somebody who sends SIPE a message in a session of its own, over TCP and without NTLM."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream
        self._octets = b""
        self._head = {"From": "<sip:carol@fabrikam.test>;tag=c", "To": f"<{ALICE}>", "Call-ID": "of-carol"}

    def send(self, method: str, number: int, uri: str = ALICE, route: str = "", body: bytes = b"") -> None:
        """Send a request; `route` is the value of its Route."""
        host, port = self._stream.getsockname()
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/TCP {host}:{port};branch=z9hG4bKcarol{number}{method}",
            "Max-Forwards: 70",
            *[f"{name}: {value}" for name, value in self._head.items()],
            f"CSeq: {number} {method}",
            f"Contact: <sip:carol@{host}:{port};transport=tcp>",
            *([f"Route: {route}"] if route else []),
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._stream.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    def answer(self) -> Response:
        """Return the next final answer."""
        while True:
            while b"\r\n\r\n" not in self._octets:
                octets = self._stream.recv(65536)
                assert octets
                self._octets += octets
            head, _, rest = self._octets.partition(b"\r\n\r\n")
            said = re.search(rb"(?i)^content-length: *(\d+)", head, re.MULTILINE)
            assert said is not None
            length = int(said[1])
            message = parse_message(head + b"\r\n\r\n" + rest[:length])
            self._octets = rest[length:]
            if isinstance(message, Response) and message.status >= 200:
                self._head["To"] = message.get("to") or ""
                return message


@pytest.mark.clause("MS-SIPAE §3.3.4.1")
def test_sipe_finds_every_request_of_a_session_signed(server: Server, tmp_path: Path) -> None:
    session = ("v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", "m=message 5060 sip null", "")
    with sipe(tmp_path) as client, socket.create_connection(("127.0.0.1", 5060), timeout=PATIENCE) as stream:
        signed_on(server, client)
        caller, before = Caller(stream), signatures(client)
        caller.send("INVITE", 1, body="\r\n".join(session).encode())
        accepted = caller.answer()
        assert accepted.status == 200
        (route,), target = accepted.values("record-route"), accepted.contacts[0].uri.text
        caller.send("ACK", 1, target, route)
        caller.send("BYE", 2, target, route)
        assert caller.answer().status == 200
        until(lambda: signatures(client) >= before + 3, "INVITE, ACK and BYE that are signed")
        for method in ("INVITE", "ACK", "BYE"):
            assert f"\n{method} sip:" in client.output().replace("\r", "")
        assert said(client) == ["signed-on"]


@pytest.mark.clause("MS-SIPAE §3.3")
@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"password": "guess"}, "error 2 Authentication failed"),
        ({"login": "FABRIKAM\\bob"}, "error 7 You have been rejected by the server: "),
    ],
)
def test_a_stranger_is_refused(
    server: Server, capture: Capture, tmp_path: Path, wrong: dict[str, str], text: str
) -> None:
    with sipe(tmp_path, **wrong) as client:  # type: ignore[arg-type]
        assert client.wait() == 1, client.output()[-3000:]
    assert said(client)[0].startswith(text)
    assert said(client)[1:] == ["disconnected"]
    assert server.registration(ALICE) is None
    capture.judge(REGISTER=3)


@pytest.mark.clause("MS-SIPAE §3.2", "MS-SIPAE §3.3")
@pytest.mark.parametrize(
    ("of_client", "of_server", "text"),
    [
        (b"", rb'rspauth="01000000', "error 0 Invalid message signature received"),
        (rb'cnum="1", response="01000000', b"", "error 2 Authentication failed"),
    ],
)
def test_a_signature_that_was_changed_on_the_way_is_found_out(
    server: Server, tmp_path: Path, of_client: bytes, of_server: bytes, text: str
) -> None:
    with relay(of_client, of_server) as port, sipe(tmp_path, port=port) as client:
        assert client.wait() == 1, client.output()[-3000:]
    assert said(client) == [text, "disconnected"]
    assert (INVALID in client.output()) == bool(of_server)
    assert (server.registration(ALICE) is None) == bool(of_client)


@pytest.mark.clause("MS-SIPREGE §3.5.1.4")
def test_sipe_is_kept_out_while_user_services_are_unavailable(server: Server, tmp_path: Path) -> None:
    with sipe(tmp_path) as client:
        signed_on(server, client)
        status, report = server.call("POST", "/v1/user-services", {"aor": ALICE, "available": False})
        assert status == 201, report
        assert client.wait() == 1, client.output()[-3000:]
    assert said(client)[1] == "error 1 You have been rejected by the server: User services unavailable"

    with sipe(tmp_path) as client:
        assert client.wait() == 1, client.output()[-3000:]
    assert "4165" in client.output()
    assert server.registration(ALICE) is None

    status, report = server.call("POST", "/v1/user-services", {"aor": ALICE, "available": True})
    assert status == 201, report
    with sipe(tmp_path) as client:
        signed_on(server, client)


@pytest.mark.clause("MS-SIPAE §3.2", "MS-SIPAE §3.3")
@pytest.mark.parametrize("server", [SHORT | {"siprege": {"sa_lifetime": 3}}], indirect=True)
def test_sipe_makes_another_security_association_when_its_own_is_over(server: Server, tmp_path: Path) -> None:
    with sipe(tmp_path) as client:
        first = signed_on(server, client)
        until(lambda: len(opaques(client)) >= 2, "another handshake")
        until(lambda: said(client) == ["signed-on"] and signatures(client) >= 3, "a third signature")
        (contact,) = server.registration(ALICE)["contacts"]
        assert contact["id"] == first["id"]
        assert contact["cseq"] > first["cseq"] + 1


@pytest.mark.clause("MS-SIPREGE §3.1.2.5.1", "MS-SIPREGE §3.2")
@pytest.mark.parametrize("server", [{}, {"registrar": {"max_contacts": 1}}], indirect=True)
def test_another_endpoint_of_the_user(server: Server, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if not has_veth():
        pytest.skip("not run: no veth in this namespace")
    limited = bool(request.node.callspec.params["server"])
    with sipe(tmp_path) as old:
        first = signed_on(server, old)
        with sipe(tmp_path, host=VETH) as new:
            second = signed_on(server, new)
            assert (second["epid"], second["gruu"]) != (first["epid"], first["gruu"])
            if limited:
                assert old.wait() == 1
                text = "You have been rejected by the server: Endpoint unregistered by policy"
                assert said(old) == ["signed-on", f"error 1 {text}", "disconnected"]
            else:
                old.process.terminate()
                assert old.wait() == 0
            until(lambda: len(server.registration(ALICE)["contacts"]) == 1, "one endpoint")
            assert server.registration(ALICE)["contacts"][0]["epid"] == second["epid"]
            assert said(new) == ["signed-on"]
