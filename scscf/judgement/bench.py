"""Judges what one user's UEs and watchers exchanged with one network: a judge for the registrations, one for a watcher.

Each judge of a watcher sees the REGISTERs too, so that it knows what that is to be told.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from scscf.capture.recording import Address
from scscf.conformance.finding import Finding
from scscf.conformance.network.judge import NetworkJudge
from scscf.conformance.network.profile import NetworkProfile
from scscf.errors import ScscfError, SipError
from scscf.judgement.seen import Seen, identity, private_identity
from scscf.judgement.trace import Exchanged
from scscf.sip.message import Request, Response

Parse = Callable[[Seen], Request | Response]
"""Returns a message; several judges may see it, and each does not parse it anew."""
_MOST_PARSED = 2000
"""Messages that are held for that; a user's are mostly fewer."""
Losses = Mapping[frozenset[str], Sequence[float]]
"""Two hosts → when a capture lacks what one of them sent to the other, in seconds."""
_OF_ORDER = frozenset({"notify-before-answer"})
"""Checks that look at which of two messages was first: of two streams that cannot be known."""
_OF_TIME = frozenset(
    {
        "change-not-told",
        "cut-not-told-as-shortened",
        "duration-falls",
        "ended-contact-revived",
        "expired-too-early",
        "expiry-told-late",
        "no-final-notify",
        "no-full-state-after-subscribe",
        "no-notify-after-subscribe",
        "not-answered",
        "refresh-told-as-registered",
        "reginfo-expires-disagrees",
        "shortened-not-shorter",
        "stale-contact",
        "subscription-expires-rises",
    }
)
"""Checks that say nothing where one of two clocks was moved."""
_MOST_OBSERVED = 400_000
"""Messages that the judges of one user see altogether, at the most: then those of several watchers become one,
and watchers that are still too many are judged by their subscriptions alone."""
_MOST_TOGETHER = 48


class Found(NamedTuple):
    """A finding with where it was seen."""

    finding: Finding
    frame: int | None
    """The frame that shows it, None where something is missing."""
    network: Address | None
    """Address of the S-CSCF there."""
    peer: Address | None
    """Who it dealt with: a UE, a watcher, or the proxy before them."""


class _Judge:
    """One judge and whom it sits beside."""

    def __init__(self, profile: NetworkProfile, permitted: frozenset[str]) -> None:
        self._judge = NetworkJudge(permitted, profile)
        self._asked_over: tuple[str, Address] | None = None
        self._told_over: tuple[str, Address] | None = None
        self.ends: tuple[Address, Address] | None = None
        """The network's address and the watcher's, of the last message of a subscription."""

    def observe(self, each: Seen, message: Request | Response) -> list[Finding]:
        """Take a message and return what is found."""
        out = each.is_request == (each.method != "NOTIFY")
        captured = each.captured
        peer, network = (captured.source, captured.destination) if out else (captured.destination, captured.source)
        found = self._judge.observe("out" if out else "in", message, captured.at)
        over = (captured.transport, peer)
        if each.is_request and out:
            self._asked_over = self._told_over = over
        elif each.is_request:
            self._told_over = over
        if each.method != "REGISTER":
            self.ends = (network, peer)
        told, asked = self._told_over, self._asked_over
        if told is not None and asked not in (None, told) and "tcp" in (told[0], (asked or told)[0]):
            found = [one for one in found if one.check not in _OF_ORDER]
        return found

    def end(self, now: float) -> list[Finding]:
        """Return what is missing at the end."""
        return self._judge.end(now)

    def lose(self) -> None:
        """Take that the capture lacks messages here."""
        self._judge.lose()

    @property
    def moved(self) -> float | None:
        """By how many seconds the network's clock was moved on against the capture's."""
        return self._judge.moved

    @property
    def missed(self) -> int:
        """How many NOTIFYs there were that the capture lacks."""
        return self._judge.missed


class Verdict(NamedTuple):
    """What was found of one user."""

    found: list[Found]
    missed: int
    """NOTIFYs that there were and that the capture lacks."""
    moved: float | None
    """By how many seconds the network's clock was moved on against the capture's."""


def judge(
    exchanged: Exchanged, profile: NetworkProfile, permitted: frozenset[str], ended: float, losses: Losses
) -> Verdict:
    """Return what the network did wrong to one user's UEs and watchers; `ended` is when the trace ends, in seconds.

    What passed unseen where the capture has a loss is not held against the network.
    """
    found: list[Found] = []
    missed, moved = 0, None
    parsed = _parser()
    lost = _lost(exchanged, losses) if losses else []
    told: set[tuple[str, float, str]] = set()
    places = {each.captured.at: each for each in exchanged.messages}
    for messages in _parts(exchanged.messages, parsed):
        one = _Judge(profile, permitted)
        findings: list[Finding] = []
        gaps = iter(lost)
        gap = next(gaps, None)
        for each in messages:
            if gap is not None and gap <= each.captured.at:
                one.lose()
                gap = next((at for at in gaps if at > each.captured.at), None)
            try:
                message = parsed(each)
            except ScscfError:
                continue
            findings += one.observe(each, message)
        if gap is not None and gap <= ended:
            one.lose()
        findings += one.end(ended)
        missed, moved = max(missed, one.missed), moved or one.moved
        for finding in findings:
            if (finding.check, finding.at, finding.message) not in told:
                told.add((finding.check, finding.at, finding.message))
                found.append(_placed(finding, places.get(finding.at), one.ends))
    if moved is not None:
        found = [each for each in found if each.finding.check not in _OF_TIME]
    return Verdict(found, missed, moved)


def _parser() -> Parse:
    held: dict[int, Request | Response] = {}

    def parsed(each: Seen) -> Request | Response:
        message = held.get(id(each))
        if message is None:
            message = each.parsed()
            if len(held) < _MOST_PARSED:
                held[id(each)] = message
        return message

    return parsed


def _lost(exchanged: Exchanged, losses: Losses) -> list[float]:
    """Return when the capture lacks what may have been of one user, in the order of time."""
    pairs = {frozenset((each.captured.source[0], each.captured.destination[0])) for each in exchanged.messages}
    return sorted({at for pair in pairs for at in losses.get(pair, ())})


def _placed(finding: Finding, at: Seen | None, ends: tuple[Address, Address] | None) -> Found:
    if at is None:
        return Found(finding, None, *(ends or (None, None)))
    captured = at.captured
    to_network = at.is_request == (at.method != "NOTIFY")
    network, peer = (captured.destination, captured.source) if to_network else (captured.source, captured.destination)
    return Found(finding, captured.frame, network, peer)


def _parts(messages: Sequence[Seen], parsed: Parse) -> Iterator[list[Seen]]:
    """Yield what each judge sees: the REGISTERs, then they and one watcher's subscriptions, or several watchers'."""
    registers = [each for each in messages if each.method == "REGISTER"]
    devices = list(_devices(registers, parsed).values())
    if len(devices) > 1 and any(_has_star(device, parsed) for device in devices):
        # Contact `*` takes away what one private identity registered (TS 24.229 §5.4.1.4): each is judged by itself.
        yield from devices
        registers = sorted((each for device in devices if not _has_star(device, parsed) for each in device), key=_time)
    elif registers:
        yield registers
    watchers = _watchers([each for each in messages if each.method != "REGISTER"], parsed)
    together = min(_MOST_TOGETHER, 1 + len(registers) * len(watchers) // _MOST_OBSERVED)
    room = _MOST_OBSERVED
    for start in range(0, len(watchers), together):
        shown = [each for some in watchers[start : start + together] for each in some]
        room -= len(registers)
        yield sorted([*registers, *shown], key=_time) if room >= 0 else shown


def _watchers(messages: Sequence[Seen], parsed: Parse) -> list[list[Seen]]:
    """Return what belongs to subscriptions by the watcher: who is From in a SUBSCRIBE and To in a NOTIFY."""
    names: dict[str, str] = {}
    found: dict[str, list[Seen]] = {}
    for each in messages:
        if each.call_id not in names and each.is_request:
            message = parsed(each)
            with suppress(SipError):
                names[each.call_id] = identity((message.to if each.method == "NOTIFY" else message.from_).uri)
        found.setdefault(names.get(each.call_id, each.call_id), []).append(each)
    return list(found.values())


def _time(each: Seen) -> tuple[float, int]:
    return each.captured.at, each.captured.frame


def _devices(registers: Sequence[Seen], parsed: Parse) -> dict[str, list[Seen]]:
    """Return REGISTERs and their answers by the private identity that they are by, or else by their Call-ID."""
    names: dict[str, str] = {}
    found: dict[str, list[Seen]] = {}
    for each in registers:
        message = parsed(each)
        name = private_identity(message) if isinstance(message, Request) else None
        if name is not None:
            names[each.call_id] = name
    for each in registers:
        found.setdefault(names.get(each.call_id, each.call_id), []).append(each)
    return found


def _has_star(registers: Sequence[Seen], parsed: Parse) -> bool:
    return any(each.is_request and parsed(each).get("contact") == "*" for each in registers)
