"""A whole process under hostile fire: honest clients are served in time, memory stays, the log holds no traceback."""

import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.system.process import Process, UdpPhone
from tests.system.test_hostile import VALID, corpus, mutated

pytestmark = pytest.mark.soak

DATAGRAMS = 10_000
STREAMS = 500
PAUSE = 0.001
"""Seconds between two hostile datagrams: so few that the server never sleeps, so many that the kernel drops none."""

CONFIG = {"home_domain": "home1.test", "listen": ["udp://127.0.0.1:0", "tcp://127.0.0.1:0"]}
SUBSCRIBERS = """
subscriptions:
  - name: carol
    private_identities: [{id: carol@home1.test, auth: {scheme: none}}]
    implicit_sets: [["sip:carol@home1.test"]]
  - name: dave
    private_identities: [{id: dave@home1.test, auth: {scheme: none}}]
    implicit_sets: [["sip:dave@home1.test"]]
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    running = Process(tmp_path, CONFIG, SUBSCRIBERS)
    yield running
    running.stop()


class Honest:
    """A client that registers again and again and takes the time."""

    def __init__(self, server: Process) -> None:
        self.phone = UdpPhone(server.listeners["udp"])
        self.cseq = 0
        self.waits: list[float] = []

    def register(self) -> None:
        """Register once; the answer has to come."""
        self.cseq += 1
        host, port = self.phone.local
        began = time.perf_counter()
        self.phone.send(
            (
                f"REGISTER sip:home1.test SIP/2.0\r\nVia: SIP/2.0/UDP {host}:{port};branch=z9hG4bKh{self.cseq}\r\n"
                f"From: <sip:dave@home1.test>;tag=h\r\nTo: <sip:dave@home1.test>\r\nCall-ID: honest\r\n"
                f"CSeq: {self.cseq} REGISTER\r\nContact: <sip:dave@{host}:{port}>\r\nContent-Length: 0\r\n\r\n"
            ).encode()
        )
        answer = self.phone.receive()
        self.waits.append(time.perf_counter() - began)
        assert getattr(answer, "status", None) == 200

    def p99(self) -> float:
        """Return the wait that 99 of 100 answers stayed below, seconds."""
        return sorted(self.waits)[len(self.waits) * 99 // 100]


def memory_of(server: Process) -> int:
    """Return the resident memory of a process, kB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


def drain(attacker: socket.socket) -> int:
    """Read and count what the attacker was answered."""
    answers = 0
    while select.select([attacker], [], [], 0)[0]:
        attacker.recv(65535)
        answers += 1
    return answers


def fire_datagrams(server: Process, honest: Honest, count: int, random: Random) -> int:
    """Send hostile datagrams with an honest REGISTER after each ten; return how many answers came."""
    seeds, answers = corpus(), 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as attacker:
        attacker.bind(("127.0.0.1", 0))
        for number in range(count):
            attacker.sendto(mutated(random, seeds), server.listeners["udp"])
            time.sleep(PAUSE)
            if number % 10 == 0:
                honest.register()
                answers += drain(attacker)
    return answers


def fire_streams(server: Process, honest: Honest, count: int, random: Random) -> None:
    """Open streams of hostile and valid messages, split anywhere; some are left hanging."""
    seeds = corpus()
    hanging: list[socket.socket] = []
    try:
        for _ in range(count):
            stream = b"".join(mutated(random, seeds) if random.random() < 0.5 else VALID for _ in range(5))
            connection = socket.create_connection(server.listeners["tcp"], 15)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                while stream:
                    size = random.choice((1, 7, 100, 1000, 5000))
                    connection.sendall(stream[:size])
                    stream = stream[size:]
            except OSError:
                pass
            if random.random() < 0.1 and len(hanging) < 50:
                hanging.append(connection)
            else:
                connection.close()
            honest.register()
    finally:
        for connection in hanging:
            connection.close()


def test_hostile_datagrams_and_streams_beside_an_honest_client(server: Process) -> None:
    honest, random = Honest(server), Random(4475)
    fire_datagrams(server, honest, DATAGRAMS // 10, random)
    fire_streams(server, honest, STREAMS // 10, random)
    before = memory_of(server)
    answers = fire_datagrams(server, honest, DATAGRAMS, random)
    fire_streams(server, honest, STREAMS, random)
    time.sleep(35)
    honest.register()

    assert answers > DATAGRAMS / 20
    assert honest.p99() < 0.05
    assert memory_of(server) - before < 20_000
    honest.phone.close()
