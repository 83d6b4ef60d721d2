"""Phones that a browser's tests look at: many users behind one socket, and a watcher who answers what it is told."""

import re
import socket
import threading

from scscf.sip.message import Request, Response
from scscf.sip.parser import parse_message


class Phones:
    """Many users at one address, never challenged; each registers with one contact."""

    def __init__(self, server: tuple[str, int], user_agent: str = "phones") -> None:
        self._server = server
        self._user_agent = user_agent
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(10)
        host, port = self._socket.getsockname()
        self.place = f"{host}:{port}"
        self._cseq: dict[str, int] = {}

    def register(self, user: str, expires: int = 3600) -> None:
        """Register and wait for the 200."""
        cseq = self._cseq[user] = self._cseq.get(user, 0) + 1
        lines = [
            "REGISTER sip:home1.test SIP/2.0",
            f"Via: SIP/2.0/UDP {self.place};branch=z9hG4bK{user}x{cseq}",
            "Max-Forwards: 70",
            f"From: <sip:{user}@home1.test>;tag=t",
            f"To: <sip:{user}@home1.test>",
            f"Call-ID: {user}",
            f"CSeq: {cseq} REGISTER",
            f"Contact: <sip:{user}@{self.place}>;expires={expires}",
            f"User-Agent: {self._user_agent}",
            "Content-Length: 0",
        ]
        self._socket.sendto("\r\n".join([*lines, "", ""]).encode(), self._server)
        answer = parse_message(self._socket.recv(65535))
        assert isinstance(answer, Response)
        assert answer.status == 200

    def close(self) -> None:
        """Hang up; nobody is de-registered."""
        self._socket.close()


class Watcher:
    """A watcher of one user, who answers every NOTIFY with 200 and keeps its document."""

    def __init__(self, server: tuple[str, int], user: str) -> None:
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        host, port = self._socket.getsockname()
        self.documents: list[str] = []
        self.states: list[str] = []
        self.answers: list[int] = []
        self._is_over = threading.Event()
        lines = [
            f"SUBSCRIBE sip:{user}@home1.test SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bKw{port}",
            "Max-Forwards: 70",
            f"From: <sip:{user}@home1.test>;tag=w",
            f"To: <sip:{user}@home1.test>",
            f"Call-ID: watcher-{port}",
            "CSeq: 1 SUBSCRIBE",
            f"Contact: <sip:watcher@{host}:{port}>",
            "Event: reg",
            "Accept: application/reginfo+xml",
            "Expires: 3600",
            "Content-Length: 0",
        ]
        self._socket.sendto("\r\n".join([*lines, "", ""]).encode(), server)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def events(self) -> list[str]:
        """The contact events of the last document."""
        return re.findall(r'\bevent="([\w-]+)"', self.documents[-1]) if self.documents else []

    def close(self) -> None:
        """Answer no more."""
        self._is_over.set()
        self._thread.join(5)
        self._socket.close()

    def _listen(self) -> None:
        while not self._is_over.is_set():
            try:
                data, source = self._socket.recvfrom(65535)
            except TimeoutError:
                continue
            message = parse_message(data)
            if isinstance(message, Response):
                self.answers.append(message.status)
                continue
            self._socket.sendto(message.response(200).to_bytes(), source)
            self._take(message)

    def _take(self, notify: Request) -> None:
        self.states.append(notify.get("subscription-state") or "")
        if notify.body:
            self.documents.append(notify.body.decode())
