"""The loader: plain sockets, a fixed number of exchanges in flight, lost datagrams sent again and counted."""

import base64
import hashlib
import select
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from hss_stub.milenage import Milenage

IN_FLIGHT = 64
STALLED = 0.5
GIVE_UP = 10.0
COOKIE = b"z9hG4bK"

Answer = Callable[[bytes], bytes | None]


class LoadError(Exception):
    """The server answered otherwise than a measurement needs, or not at all."""


class Load(NamedTuple):
    """What came of one run."""

    exchanges: int
    seconds: float
    again: int
    """Datagrams sent a second time because nothing moved for half a second."""


class Loader:
    """Sends requests from one socket. `busy` polls without sleeping; otherwise it sleeps in poll() between answers."""

    def __init__(self, port: int, busy: bool = True) -> None:
        self.busy = busy
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.port: int = self.socket.getsockname()[1]
        self._poll = select.poll()
        self._poll.register(self.socket, select.POLLIN)
        self._serial = 0
        self.notified: set[bytes] = set()
        """Branches of the requests that came in, each of which was answered with 200."""

    def close(self) -> None:
        """Give the socket back."""
        self.socket.close()

    def branch(self) -> bytes:
        """Return a Via branch that this loader finds again in the answer."""
        self._serial += 1
        return b"%s%d.%d" % (COOKIE, self.port, self._serial)

    def receive(self, deadline: float) -> bytes | None:
        """Return the next datagram, None when `deadline` (time.monotonic) passes first."""
        receive = self.socket.recv
        while True:
            try:
                return receive(65535)
            except (BlockingIOError, ConnectionRefusedError):
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                if not self.busy:
                    self._poll.poll(left * 1000)

    def wait(self, request: bytes) -> None:
        """Send `request` again and again until something is answered: the server is up."""
        deadline = time.monotonic() + GIVE_UP
        while time.monotonic() < deadline:
            with suppress(ConnectionRefusedError):
                self.socket.send(request)
            if self.receive(time.monotonic() + 0.1) is not None:
                return
        raise LoadError(f"nobody answers on port {self.socket.getpeername()[1]}")

    def listen(self, requests: int) -> None:
        """Answer what comes in until so many requests have come, retransmissions not counted."""
        deadline = time.monotonic() + GIVE_UP
        while len(self.notified) < requests:
            data = self.receive(deadline)
            if data is None:
                raise LoadError(f"{len(self.notified)} of {requests} requests came from the server")
            if not data.startswith(b"SIP/"):
                self.socket.send(copied(data))
                self.notified.add(branch_of(data))

    def run(self, requests: Iterable[tuple[bytes, bytes]], then: Answer, in_flight: int = IN_FLIGHT) -> Load:
        """Send (branch, request) pairs, `in_flight` at a time, until each has had its end.

        `then(datagram)` is called with each final response: it returns the next request of the same exchange (with
        a new branch) or None where the exchange is over, and raises LoadError where the answer is wrong.
        """
        waiting: dict[bytes, bytes] = {}
        source: Iterator[tuple[bytes, bytes]] = iter(requests)
        send = self.socket.send
        done = again = 0
        started = time.perf_counter()
        moved = time.monotonic()
        more = True
        while True:
            while more and len(waiting) < in_flight:
                pair = next(source, None)
                if pair is None:
                    more = False
                    break
                waiting[pair[0]] = pair[1]
                send(pair[1])
            if not waiting:
                return Load(done, time.perf_counter() - started, again)
            data = self.receive(time.monotonic() + STALLED)
            if data is None:
                if time.monotonic() - moved > GIVE_UP:
                    one = next(iter(waiting.values())).decode()
                    raise LoadError(f"{len(waiting)} requests without an answer; one of them:\n{one}")
                for request in waiting.values():
                    send(request)
                again += len(waiting)
                continue
            if not data.startswith(b"SIP/"):
                send(copied(data))
                self.notified.add(branch_of(data))
                moved = time.monotonic()
                continue
            if data.startswith(b"SIP/2.0 1"):
                continue
            if waiting.pop(branch_of(data), None) is None:
                continue
            moved = time.monotonic()
            following = then(data)
            if following is None:
                done += 1
            else:
                waiting[branch_of(following)] = following
                send(following)


def branch_of(data: bytes) -> bytes:
    """Return the branch of the topmost Via."""
    start = data.find(COOKIE)
    return data[start : data.find(b"\r\n", start)].partition(b";")[0]


def expect(status: int) -> Answer:
    """Return a check that ends an exchange at `status`."""
    start = b"SIP/2.0 %d " % status

    def check(data: bytes) -> None:
        if not data.startswith(start):
            raise LoadError(f"expected {status}, got:\n{data.decode(errors='replace')}")

    return check


def header(data: bytes, name: bytes) -> bytes:
    """Return the value of the first header of that name, in the spelling of our server and of most others."""
    start = data.index(b"\r\n" + name + b": ") + len(name) + 4
    return data[start : data.index(b"\r\n", start)]


def copied(data: bytes, names: Sequence[bytes] = (b"via:", b"from:", b"to:", b"call-id:", b"cseq:")) -> bytes:
    """Return a 200 for a request: the headers that an answer repeats, and nothing else."""
    lines = [line for line in data.split(b"\r\n\r\n", 1)[0].split(b"\r\n")[1:] if line.lower().startswith(tuple(names))]
    return b"SIP/2.0 200 OK\r\n" + b"\r\n".join(lines) + b"\r\nContent-Length: 0\r\n\r\n"


def register(loader: Loader, user: str, cseq: int, domain: str = "home1.test", extra: str = "") -> tuple[bytes, bytes]:
    """Return (branch, REGISTER) for a user whose one contact is this loader's socket; `extra` is whole header lines."""
    branch = loader.branch()
    text = (
        f"REGISTER sip:{domain} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:{loader.port};rport;branch={branch.decode()}\r\n"
        f"Max-Forwards: 70\r\n"
        f"From: <sip:{user}@{domain}>;tag=b{cseq}\r\n"
        f"To: <sip:{user}@{domain}>\r\n"
        f"Call-ID: {user}@bench\r\n"
        f"CSeq: {cseq} REGISTER\r\n"
        f"Contact: <sip:{user}@127.0.0.1:{loader.port}>\r\n"
        f"Expires: 3600\r\n"
        f"Supported: path, gruu\r\n"
        f"User-Agent: bench\r\n"
        f"{extra}Content-Length: 0\r\n\r\n"
    )
    return branch, text.encode()


def subscribe(loader: Loader, user: str, call_id: str, domain: str = "home1.test") -> tuple[bytes, bytes]:
    """Return (branch, SUBSCRIBE) for the registration of `user`, who is asserted to be the watcher."""
    branch = loader.branch()
    text = (
        f"SUBSCRIBE sip:{user}@{domain} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:{loader.port};rport;branch={branch.decode()}\r\n"
        f"Max-Forwards: 70\r\n"
        f"From: <sip:{user}@{domain}>;tag={call_id}\r\n"
        f"To: <sip:{user}@{domain}>\r\n"
        f"Call-ID: {call_id}@bench\r\n"
        f"CSeq: 1 SUBSCRIBE\r\n"
        f"Contact: <sip:watcher@127.0.0.1:{loader.port}>\r\n"
        f"P-Asserted-Identity: <sip:{user}@{domain}>\r\n"
        f"Event: reg\r\n"
        f"Accept: application/reginfo+xml\r\n"
        f"Expires: 3600\r\n"
        f"Content-Length: 0\r\n\r\n"
    )
    return branch, text.encode()


def credentials(challenge: bytes, user: str, domain: str) -> str:
    """Answer a digest challenge (RFC 2617 §3.2.2, MD5, password `secret`), with qop=auth where it is offered."""
    values = _parameters(challenge)
    realm, nonce, uri = values["realm"], values["nonce"], f"sip:{domain}"
    secret = hashlib.md5(f"{user}:{realm}:secret".encode()).hexdigest()
    method = hashlib.md5(f"REGISTER:{uri}".encode()).hexdigest()
    head = f'Authorization: Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", algorithm=MD5, '
    if "qop" in values:
        response = hashlib.md5(f"{secret}:{nonce}:00000001:c0ffee:auth:{method}".encode()).hexdigest()
        return f'{head}response="{response}", qop=auth, nc=00000001, cnonce="c0ffee"\r\n'
    return f'{head}response="{hashlib.md5(f"{secret}:{nonce}:{method}".encode()).hexdigest()}"\r\n'


def no_credentials(user: str, domain: str) -> str:
    """Say who registers before there is a challenge (TS 24.229 §5.1.1.2.2)."""
    return f'Authorization: Digest username="{user}", realm="{domain}", uri="sip:{domain}", nonce="", response=""\r\n'


def aka_credentials(challenge: bytes, user: str, domain: str, usim: Milenage) -> str:
    """Answer an AKA challenge (RFC 3310 §3.3). Raises LoadError where the network does not prove itself."""
    values = _parameters(challenge)
    realm, nonce, uri = values["realm"], values["nonce"], f"sip:{domain}"
    octets = base64.b64decode(nonce)
    rand, concealed, amf, mac = octets[:16], octets[16:22], octets[22:24], octets[24:]
    res, _, _, ak = usim.f2345(rand)
    if usim.f1(rand, bytes(a ^ b for a, b in zip(concealed, ak, strict=True)), amf) != mac:
        raise LoadError(f"the MAC in AUTN is wrong: {challenge.decode(errors='replace')}")
    secret = hashlib.md5(f"{user}:{realm}:".encode() + res).hexdigest()
    method = hashlib.md5(f"REGISTER:{uri}".encode()).hexdigest()
    response = hashlib.md5(f"{secret}:{nonce}:00000001:c0ffee:auth:{method}".encode()).hexdigest()
    return (
        f'Authorization: Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
        f'algorithm=AKAv1-MD5, response="{response}", qop=auth, nc=00000001, cnonce="c0ffee"\r\n'
    )


def _parameters(challenge: bytes) -> dict[str, str]:
    pieces = challenge.decode().split('"')
    return {pieces[n].rstrip("= ").split()[-1].lstrip(","): pieces[n + 1] for n in range(0, len(pieces) - 1, 2)}
