"""Who has a column in a ladder: the addresses of messages by the names of those who have them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scscf.capture.reading import CapturedMessage
from scscf.capture.recording import Address, Participant, Recorded
from scscf.messages.facts import cx_facts, sip_facts
from scscf.scenario.parties import shown_address

View = Mapping[str, Any]
_ASKS = frozenset({"REGISTER", "SUBSCRIBE"})


def parties_of(messages: Sequence[Recorded], names: Mapping[str, str]) -> list[Participant]:
    """Return the participants of a capture: a host each, or a port each where a host speaks to itself.

    `names` are those that the capture tells of its IP addresses.
    """
    alone = {each.source[0] for each in messages if each.source[0] == each.destination[0]}
    found: dict[str, dict[Address, None]] = defaultdict(dict)
    for each in messages:
        for address in (each.source, each.destination):
            host = address[0]
            name = names.get(host) or (shown_address(address) if host in alone else host)
            found[name][address] = None
    return [Participant(name, tuple(addresses)) for name, addresses in found.items()]


def recorded(messages: Iterable[CapturedMessage], began: float) -> list[Recorded]:
    """Return messages of a capture for a ladder, with times from its beginning."""
    return [
        Recorded(each.at - began, each.protocol, each.transport, each.source, each.destination, each.data)
        for each in messages
    ]


def concerning(messages: Sequence[Recorded], aor: str | None, call_id: str | None) -> list[Recorded]:
    """Return what has a Call-ID (of Cx a Session-Id), or one that a message has which names an identity, canonical."""
    if aor is None and call_id is None:
        return list(messages)
    facts = [cx_facts(each.data) if each.protocol == "diameter" else sip_facts(each.data) for each in messages]
    wanted = {each.call_id for each in facts if (aor is None or aor in each.aors)} - {None}
    if call_id is not None:
        wanted &= {call_id}
    return [each for each, fact in zip(messages, facts, strict=True) if fact.call_id in wanted]


class LiveParties:
    """The participants of what a running S-CSCF has seen, as its messages come."""

    def __init__(self) -> None:
        self._found: dict[str, dict[Address, None]] = {"scscf": {}}
        self._users: dict[Address, set[str]] = defaultdict(set)

    def take(self, view: View) -> Recorded:
        """Return a message of the control API for a ladder. Raises ValueError or KeyError for what is none."""
        source, destination = _address(view["source"]), _address(view["destination"])
        cx = view["protocol"] == "cx"
        own, other = (source, destination) if view["direction"] == "out" else (destination, source)
        if own not in self._found["scscf"]:
            self._found["scscf"][own] = None
        if cx:
            self._found.setdefault("hss", {})[other] = None
        else:
            self._users.setdefault(other, set())
            if view["direction"] == "in" and view["aor"] and str(view["summary"]).partition(" ")[0] in _ASKS:
                self._users[other].add(str(view["aor"]))
        data = bytes.fromhex(view["raw"]) if cx else str(view["raw"]).encode("utf-8", "surrogateescape")
        protocol = "diameter" if cx else "sip"
        return Recorded(float(view["at"]), protocol, str(view["transport"]), source, destination, data)

    def participants(self) -> list[Participant]:
        """Return who took part: a peer by the user that it speaks for, where that is one, else by its address."""
        found = {name: dict(addresses) for name, addresses in self._found.items()}
        for address, users in self._users.items():
            user = next(iter(users)) if len(users) == 1 else ""
            name = user.partition(":")[2].partition("@")[0] or shown_address(address)
            found.setdefault(name, {})[address] = None
        return [Participant(name, tuple(addresses)) for name, addresses in found.items()]


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)
