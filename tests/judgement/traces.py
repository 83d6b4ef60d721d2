"""Traces made of message texts, and what is found in them."""

import io
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from scscf.capture.pcapng import pcapng
from scscf.capture.recording import Address, Recorded
from scscf.judgement.judgement import Judgement, judge_trace, read_trace

UE, PROXY, GATE, SERVER = ("192.0.2.5", 5060), ("192.0.2.7", 5060), ("192.0.2.8", 5060), ("192.0.2.1", 5060)
WATCHER, AS = ("192.0.2.9", 5060), ("192.0.2.20", 5060)
AOR = "sip:tobias@home1.test"
KAMAILIO = Path(__file__).parents[1] / "data" / "captures" / "kamailio-chain.pcapng"


def judged(messages: list[Recorded], **options: object) -> Judgement:
    """Return the verdict on messages, as a capture of them has it."""
    return judged_file(pcapng(messages, (), 1e9), **options)


def judged_file(file: bytes, **options: object) -> Judgement:
    """Return the verdict on a capture."""
    return judge_trace(read_trace(io.BytesIO(file)), "trace.pcapng", **options)  # type: ignore[arg-type]


def checks(judgement: Judgement) -> set[str]:
    """Return the names of what is found."""
    return {each.finding.check for user in judgement.users for each in user.found}


class Trace:
    """Writes down what goes between a UE, watchers and an S-CSCF; `transport` of what comes next may be set."""

    def __init__(self) -> None:
        self.messages: list[Recorded] = []
        self.now = 0.0
        self.transport = "udp"

    def send(self, source: Address, target: Address, text: str, body: str = "") -> None:
        """Send a message, given without its Content-Length."""
        lines = [line.strip() for line in text.strip().splitlines()]
        octets = "\r\n".join([*lines, f"Content-Length: {len(body.encode())}", "", body]).encode()
        self.messages.append(Recorded(self.now, "sip", self.transport, source, target, octets))
        self.now += 0.01

    def register(
        self,
        *way: Address,
        number: int = 1,
        expires: int = 600,
        aor: str = AOR,
        user: str = "",
        more: str = "",
        granted: str | None = None,
        contact: str | None = None,
        answer: str = "",
    ) -> None:
        """Send a REGISTER over a way of addresses, and its 200 back."""
        via = vias(way, f"r{number}")
        contact = contact or f"<sip:tobias@{way[0][0]}:5060>"
        same = f"From: <{aor}>;tag=f\nCall-ID: r{way[0][0]}{user}\nCSeq: {number} REGISTER"
        by = (
            f'\nAuthorization: Digest username="{user}", realm="r", nonce="", uri="sip:home1.test", response=""'
            if user
            else ""
        )
        for hop, (source, target) in enumerate(pairwise(way)):
            head = f"REGISTER sip:home1.test SIP/2.0\n{via(hop)}\nMax-Forwards: 70\nTo: <{aor}>\n{same}{by}"
            self.send(source, target, f"{head}\nContact: {contact}\nExpires: {expires}\n{more}")
        listed = f"Contact: {contact};expires={expires}" if granted is None else granted
        for hop in range(len(way) - 2, -1, -1):
            head = f"SIP/2.0 200 OK\n{via(hop)}\nTo: <{aor}>;tag=t\n{same}"
            self.send(way[hop + 1], way[hop], f"{head}\n{listed}\n{answer}")

    def subscribe(
        self, *way: Address, aor: str = AOR, expires: int = 600, call_id: str = "s", number: int = 1, watcher: str = AOR
    ) -> None:
        """Send a SUBSCRIBE over a way of addresses, and its 200 back."""
        via = vias(way, f"s{call_id}")
        same = f"From: <{watcher}>;tag=w\nCall-ID: {call_id}\nCSeq: 1 SUBSCRIBE"
        for hop, (source, target) in enumerate(pairwise(way)):
            head = f"SUBSCRIBE {aor} SIP/2.0\n{via(hop)}\nMax-Forwards: 70\nTo: <{aor}>\n{same}\nEvent: reg"
            self.send(source, target, f"{head}\nContact: <sip:{way[0][0]}:5060>\nExpires: {expires}")
        for hop in range(len(way) - 2, -1, -1):
            head = f"SIP/2.0 200 OK\n{via(hop)}\nTo: <{aor}>;tag=n\n{same}"
            self.send(way[hop + 1], way[hop], f"{head}\nContact: <sip:192.0.2.1:5060>\nExpires: {expires}")

    def notify(
        self,
        *way: Address,
        version: int = 0,
        number: int | None = None,
        contacts: str = "",
        state: str = "active",
        aor: str = AOR,
        subscription: str = "active;expires=600",
        call_id: str = "s",
        kind: str = "full",
        status: str = "200 OK",
        watcher: str = AOR,
    ) -> None:
        """Send a NOTIFY over a way of addresses, and its answer back."""
        number = version + 1 if number is None else number
        via = vias(way, f"n{number}{call_id}")
        same = f"From: <{aor}>;tag=n\nTo: <{watcher}>;tag=w\nCall-ID: {call_id}\nCSeq: {number} NOTIFY"
        body = (
            f'<?xml version="1.0"?><reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="{version}" state="{kind}">'
            f'<registration aor="{aor}" id="r" state="{state}">{contacts}</registration></reginfo>'
        )
        for hop, (source, target) in enumerate(pairwise(way)):
            head = f"NOTIFY sip:{way[-1][0]}:5060 SIP/2.0\n{via(hop)}\nMax-Forwards: 70\n{same}\nEvent: reg"
            head += f"\nContact: <sip:192.0.2.1:5060>\nSubscription-State: {subscription}"
            self.send(source, target, f"{head}\nContent-Type: application/reginfo+xml", body)
        for hop in range(len(way) - 2, -1, -1):
            self.send(way[hop + 1], way[hop], f"SIP/2.0 {status}\n{via(hop)}\n{same}")


def contact(host: str = UE[0], event: str = "registered", state: str = "active", expires: int = 600) -> str:
    """Return a contact element."""
    uri = f"sip:tobias@{host}:5060"
    return f'<contact id="c{host}" state="{state}" event="{event}" expires="{expires}"><uri>{uri}</uri></contact>'


def vias(way: tuple[Address, ...], branch: str) -> Callable[[int], str]:
    """Return what tells the Vias that a request bears at a hop of its way."""

    def at(hop: int) -> str:
        return "\n".join(
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch}.{index}"
            for index, (host, port) in reversed(list(enumerate(way[: hop + 1])))
        )

    return at
