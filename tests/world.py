"""A whole node on the memory network and a heap clock, with simulated clients around it."""

import hashlib
from collections.abc import Mapping
from random import Random

from lxml import etree

from hss_stub.subscribers import Subscribers, subscribers_of
from scscf.auth.digest import digest, hash_ha1
from scscf.config import load_config
from scscf.net.heap_clock import HeapClock
from scscf.net.memory import Conditions, MemoryNetwork
from scscf.regevent.schema import problems_of
from scscf.service import Scscf
from scscf.sip.credentials import parse_credentials
from scscf.sip.message import Request, Response
from scscf.sip.parser import parse_message
from scscf.yaml_file import parse_yaml
from tests.usim import NetworkNotProved, OutOfSequence, Usim

EPOCH = 1_800_000_000.0
NS = {"r": "urn:ietf:params:xml:ns:reginfo"}

SUBSCRIBERS = """
subscriptions:
  - name: tobias
    private_identities:
      - {id: phone@home1.test, auth: {scheme: digest, password: secret}}
      - {id: pager@home1.test, auth: {scheme: digest, password: secret}, identities: ["sip:tobias@home1.test"]}
    implicit_sets:
      - ["sip:tobias@home1.test", "tel:+44123456789", "sip:gameMaster@home1.test"]
  - name: carol
    private_identities: [{id: carol@home1.test, auth: {scheme: none}}]
    implicit_sets: [["sip:carol@home1.test"]]
  - name: dave
    private_identities: [{id: dave@home1.test, auth: {scheme: none}}]
    implicit_sets: [["sip:dave@home1.test"]]
  - name: dora
    private_identities:
      - {id: dora@home1.test, auth: {scheme: digest, password: secret, algorithms: [SHA-256, MD5]}}
    implicit_sets: [["sip:dora@home1.test"]]
  - name: bob
    private_identities:
      - {id: bob@biloxi.example.com, auth: {scheme: digest, username: bob, password: zanzibar}}
    implicit_sets: [["sip:bob@biloxi.example.com"]]
"""


class World:
    """An S-CSCF at 127.0.0.1:5060 and whatever clients a test makes."""

    def __init__(
        self,
        config: Mapping[str, object] | None = None,
        subscribers: str = SUBSCRIBERS,
        conditions: Conditions | None = None,
        seed: int = 1,
    ) -> None:
        self.clock = HeapClock(EPOCH)
        self.network = MemoryNetwork(self.clock, conditions or Conditions(delay=0.001), seed, keep=200_000)
        defaults: dict[str, object] = {
            "listen": ["udp://127.0.0.1:5060", "tcp://127.0.0.1:5060"],
            "trusted_peers": ["127.0.0.4"],
        }
        settings = load_config(None, defaults | dict(config or {}))
        random = Random(seed)
        self.scscf = Scscf(
            settings,
            self.subscribers(subscribers),
            self.clock,
            self.network,
            random_bytes=random.randbytes,
        )
        self.node = self.scscf.node
        self.documents: list[bytes] = []
        self.node.notifier.judge = self._judge
        self.neighbours(subscribers)
        self.scscf.start()

    def neighbours(self, subscribers: str) -> None:
        """Bring up who is there before the S-CSCF: nobody, where the HSS is in its own process."""

    @staticmethod
    def subscribers(text: str) -> Subscribers:
        """Return the subscribers of a file's text."""
        return subscribers_of(parse_yaml(text, "subscribers.yaml"))

    def _judge(self, document: bytes) -> None:
        assert problems_of(document) == []
        self.documents.append(document)

    def run(self, seconds: float = 0.1) -> None:
        """Let so much time pass; a bug in the node fails the test."""
        self.clock.advance(seconds)
        assert self.scscf.shell.bugs == 0

    def client(self, host: str = "127.0.0.9", port: int = 5070, **more: object) -> "Client":
        """Return a UDP client at an address of its own."""
        return Client(self, host, port, **more)  # type: ignore[arg-type]

    def perform(self, coroutine: object) -> object:
        """Run one of the node's procedures and return its promise."""
        return self.scscf.shell.perform(coroutine)  # type: ignore[arg-type]


class Client:
    """A simulated UE or watcher: sends requests over UDP, answers NOTIFYs, keeps what comes."""

    def __init__(
        self,
        world: World,
        host: str,
        port: int,
        user: str = "tobias",
        domain: str = "home1.test",
        username: str | None = None,
        password: str = "secret",
        answer: int | None = 200,
        usim: Usim | None = None,
        algorithm: str | None = None,
        protection: str | None = None,
    ) -> None:
        self.world = world
        self.host, self.port = host, port
        self.aor = f"sip:{user}@{domain}"
        self.domain = domain
        self.username = username
        self.password = password
        self.answer = answer
        """Status that NOTIFYs get, None: silence."""
        self.uri = f"sip:{user}@{host}:{port}"
        self.socket = world.network.datagrams(host, port, self._received)
        self.responses: list[Response] = []
        self.notifies: list[Request] = []
        self.call_id = f"call-{host}-{port}"
        self.cseq = 0
        self._branch = 0
        self.credentials: dict[str, str] | None = None
        self.count = 0
        self.usim = usim
        self.algorithm = algorithm
        """What a UE with a USIM asks for before there is a challenge."""
        self.named = False
        """Whether a REGISTER says who it is from before it is challenged (TS 24.229 §5.1.1.2.2)."""
        self.protection = protection
        """The `integrity-protected` that a P-CSCF adds."""

    def _received(self, data: bytes, source: tuple[str, int]) -> None:
        message = parse_message(data)
        if isinstance(message, Response):
            self.responses.append(message)
            return
        if not any(known.headers == message.headers for known in self.notifies):
            self.notifies.append(message)
        if self.answer is not None:
            self.socket.send(message.response(self.answer, to_tag="c").to_bytes(), source)

    def send(
        self,
        method: str,
        uri: str | None = None,
        headers: Mapping[str, str | list[str] | None] | None = None,
        body: bytes = b"",
        seconds: float = 0.1,
        server: tuple[str, int] = ("127.0.0.1", 5060),
    ) -> Response | None:
        """Send a request and return its final answer, None where none has come in `seconds`."""
        self._branch += 1
        self.cseq += 1
        fields: dict[str, str | list[str] | None] = {
            "Via": f"SIP/2.0/UDP {self.host}:{self.port};branch=z9hG4bK{self.host}{self.port}{self._branch};rport",
            "Max-Forwards": "70",
            "From": f"<{self.aor}>;tag=f{self.port}",
            "To": f"<{self.aor}>",
            "Call-ID": self.call_id,
            "CSeq": f"{self.cseq} {method}",
        }
        fields.update(headers or {})
        lines = [f"{method} {uri or f'sip:{self.domain}'} SIP/2.0"]
        for name, value in fields.items():
            for one in value if isinstance(value, list) else [value]:
                if one is not None:
                    lines.append(f"{name}: {one}")
        lines.append(f"Content-Length: {len(body)}")
        before = len(self.responses)
        self.socket.send("\r\n".join([*lines, "", ""]).encode() + body, server)
        self.world.run(seconds)
        final = [response for response in self.responses[before:] if response.status >= 200]
        return final[-1] if final else None

    def authorization(self, method: str, uri: str, body: bytes = b"") -> str:
        """Return the Authorization of the challenge that was answered last, with its next nonce count."""
        known = self.credentials
        assert known is not None
        self.count += 1
        algorithm = known["algorithm"]
        if self.usim is not None:
            return self._from_usim(self.usim, known, method, uri)
        params = {
            "username": self.username or "",
            "realm": known["realm"],
            "nonce": known["nonce"],
            "uri": uri,
            "qop": "auth",
            "nc": f"{self.count:08x}",
            "cnonce": "0a4f113b",
        }
        ha1 = hash_ha1(algorithm, params["username"], params["realm"], self.password)
        ha2 = digest(algorithm.lower(), f"{method}:{uri}")
        response = digest(algorithm.lower(), f"{ha1}:{params['nonce']}:{params['nc']}:{params['cnonce']}:auth:{ha2}")
        quoted = ", ".join(f'{name}="{value}"' for name, value in params.items() if name not in ("qop", "nc"))
        written = f'Digest {quoted}, qop=auth, nc={params["nc"]}, response="{response}", algorithm={algorithm}'
        return written + self._protected()

    def nameless(self, uri: str) -> str:
        """Return the Authorization of a UE that was not challenged yet (TS 24.229 §5.1.1.2.2)."""
        algorithm = f", algorithm={self.algorithm}" if self.algorithm else ""
        known = f'username="{self.username}", realm="{self.domain}", uri="{uri}"'
        return f'Digest {known}, nonce="", response=""{algorithm}{self._protected()}'

    def _from_usim(self, usim: Usim, known: Mapping[str, str], method: str, uri: str) -> str:
        """Return what a USIM makes of a challenge: a response, AUTS, or nothing (TS 24.229 §5.1.1.5)."""
        algorithm, nonce = known["algorithm"], known["nonce"]
        auts = ""
        try:
            password = usim.password(nonce, algorithm)
        except OutOfSequence as ahead:
            password, auts = b"", f', auts="{ahead.auts}"'
        except NetworkNotProved:
            password = None
        head = f'username="{self.username}", realm="{known["realm"]}", nonce="{nonce}", uri="{uri}"'
        head = f"Digest {head}, algorithm={algorithm}{auts}"
        if password is None:
            return f'{head}, response=""{self._protected()}'
        kind = hashlib.sha256 if algorithm.endswith("SHA-256") else hashlib.md5
        ha1 = kind(f"{self.username}:{known['realm']}:".encode() + password).hexdigest()
        ha2 = kind(f"{method}:{uri}".encode()).hexdigest()
        if "qop" not in known:
            response = kind(f"{ha1}:{nonce}:{ha2}".encode()).hexdigest()
            return f'{head}, response="{response}"{self._protected()}'
        response = kind(f"{ha1}:{nonce}:00000001:0a4f113b:auth:{ha2}".encode()).hexdigest()
        return f'{head}, response="{response}", qop=auth, nc=00000001, cnonce="0a4f113b"{self._protected()}'

    def _protected(self) -> str:
        return f', integrity-protected="{self.protection}"' if self.protection else ""

    def take_challenge(self, response: Response, index: int = 0) -> None:
        """Keep a digest challenge of a 401 to answer it."""
        offered = [parse_credentials(value) for value in response.get_all("www-authenticate")]
        self.credentials = [each for each in offered if each.scheme == "digest"][index].params
        self.count = 0

    def register(
        self, expires: int | None = 3600, contact: str | list[str] | None = "", **headers: str | list[str] | None
    ) -> Response:
        """Register (answering a challenge) and return the last answer; `contact` "" is the client's own."""
        fields: dict[str, str | list[str] | None] = {
            "Contact": f"<{self.uri}>" if contact == "" else contact,
            "Expires": None if expires is None else str(expires),
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.authenticated("REGISTER", f"sip:{self.domain}", fields)

    def authenticated(self, method: str, uri: str, fields: Mapping[str, str | list[str] | None]) -> Response:
        """Send a request and, where it is challenged, once more with credentials; return the last answer.

        A USIM that finds its sequence number passed says so, and is challenged once more for it.
        """
        if (self.usim is not None or (self.named and method == "REGISTER")) and "Authorization" not in fields:
            fields = {**fields, "Authorization": self.nameless(uri)}
        response = self.send(method, uri, fields)
        assert response is not None
        for _ in range(1 if self.usim is None else 2):
            if response.status == 401 and self.username is not None:
                self.take_challenge(response)
                response = self.send(method, uri, {**fields, "Authorization": self.authorization(method, uri)})
                assert response is not None
        return response

    def subscribe(
        self, expires: int | None = 600000, aor: str | None = None, **headers: str | list[str] | None
    ) -> Response:
        """Subscribe to the registration state of an address of record, in a dialog of its own."""
        self.call_id = f"sub-{self.host}-{self.port}-{self._branch}"
        target = aor or self.aor
        fields: dict[str, str | list[str] | None] = {
            "To": f"<{target}>",
            "Event": "reg",
            "Contact": f"<{self.uri}>",
            "Expires": None if expires is None else str(expires),
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.authenticated("SUBSCRIBE", target, fields)

    def resubscribe(self, accepted: Response, expires: int, **headers: str) -> Response:
        """Refresh or end the subscription that `accepted` began."""
        response = self.send(
            "SUBSCRIBE",
            "sip:127.0.0.1:5060",
            {
                "To": accepted.get("to") or "",
                "From": accepted.get("from") or "",
                "Call-ID": accepted.call_id,
                "Event": "reg",
                "Contact": f"<{self.uri}>",
                "Expires": str(expires),
            }
            | headers,
        )
        assert response is not None
        return response

    def documents(self) -> list["Document"]:
        """Return the documents that came, in order."""
        return [Document(notify) for notify in self.notifies]


class Document:
    """One received reginfo document."""

    def __init__(self, notify: Request) -> None:
        self.notify = notify
        self.root = etree.fromstring(notify.body)
        self.version = int(self.root.get("version") or -1)
        self.state = self.root.get("state")
        self.subscription_state = notify.get("subscription-state") or ""

    def registrations(self) -> dict[str, str]:
        """Return AOR → state."""
        return {r.get("aor") or "": r.get("state") or "" for r in self.root.iterfind("r:registration", NS)}

    def contacts(self, aor: str | None = None) -> list[tuple[str, str, str]]:
        """Return (URI, state, event) of the contacts of an AOR, or of all."""
        found = []
        for registration in self.root.iterfind("r:registration", NS):
            if aor is None or registration.get("aor") == aor:
                for contact in registration.iterfind("r:contact", NS):
                    uri = contact.findtext("r:uri", None, NS) or ""
                    found.append((uri, contact.get("state") or "", contact.get("event") or ""))
        return found


def checksum(world: World) -> str:
    """Return a hash of everything that was sent on a world's network."""
    whole = hashlib.sha256()
    for packet in world.network.packets:
        whole.update(repr(packet).encode())
    return whole.hexdigest()
