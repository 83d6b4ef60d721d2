"""A trace, sorted: who registrars and notifiers are in it, and what each user's UEs and watchers exchanged with them.

Whoever answers a REGISTER is a registrar, and whoever a NOTIFY comes from is a notifier, on the leg nearest to it that
was seen: what proxies pass on is told by its Vias.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from scscf.capture.reading import CapturedMessage
from scscf.capture.recording import Address
from scscf.conformance.network.bindings import associated_of
from scscf.conformance.network.exchanges import Key
from scscf.conformance.network.watching import ENDING
from scscf.errors import SipError
from scscf.judgement.clock import Step, straightened
from scscf.judgement.families import Families, Member
from scscf.judgement.legs import Legs
from scscf.judgement.seen import Seen, has_user, identity, listens_at, private_identity, seen
from scscf.sip.message import Request, Response

MOST = 200_000
"""Messages that are judged of one trace."""
_MOST_OCTETS = 1 << 28
_AT_ONCE = 0.1
"""Seconds in which a copy of a message is one of the capture's: T1 is longer (RFC 3261 §17.1.1.1)."""
_MOST_COPIES = 4096
_OF_IMS_REQUEST = ("p-visited-network-id", "p-access-network-info", "p-charging-vector", "security-client")
_OF_IMS_ANSWER = ("p-associated-uri", "service-route", "p-charging-function-addresses")


class Exchanged(NamedTuple):
    """What one user's UEs and watchers exchanged with one network, in the order of time."""

    network: Address
    """Where the S-CSCF was reached."""
    aor: str
    """The user: the first identity of the set that was seen."""
    aors: tuple[str, ...]
    """Every identity of the user that was seen, canonical."""
    messages: tuple[Seen, ...]
    ims: bool
    """Whether something in it is of IMS (TS 24.229)."""


class _Way(NamedTuple):
    network: Address
    aor: str


class Trace:
    """Takes the messages of a trace, then tells what there is to judge."""

    def __init__(self) -> None:
        self._all: list[Seen] = []
        self._octets = 0
        self._recent: OrderedDict[bytes, float] = OrderedDict()
        self._ways: dict[Key, _Way] = {}
        """Request → where it belongs, as far as it says so itself."""
        self._subscribes: dict[str, list[Key]] = defaultdict(list)
        """Call-ID → its SUBSCRIBEs."""
        self._third_party: dict[Key, str] = {}
        """REGISTERs in the name of another, with the host that they came from."""
        self._tries: dict[Key, dict[Key, None]] = defaultdict(dict)
        """Call-ID, CSeq and method of NOTIFYs → their transactions."""
        self._through: dict[Key, Key | None] = {}
        """Call-ID, CSeq and method of NOTIFYs → the first try, None where another one was finally answered."""
        self._known: dict[str, tuple[_Way, ...]] = {}
        """Call-ID → where its SUBSCRIBEs belong."""
        self._replied: set[Key] = set()
        """NOTIFYs that were finally answered."""
        self._refused: set[Key] = set()
        """NOTIFYs whose answer says that there is no such subscription (RFC 6665 §4.2.2)."""
        self._listening: dict[str, set[Address]] = defaultdict(set)
        """Host → where it was sent REGISTERs and SUBSCRIBEs."""
        self._registrars: set[str] = set()
        """Hosts that users register at."""
        self._associated: dict[Key, tuple[str, ...]] = {}
        self._devices: dict[Key, tuple[str, ...]] = {}
        """REGISTER → by whose credentials; no identity is written so."""
        self._ims: set[Key] = set()
        self.legs = Legs()
        self.count = 0
        """Messages that were taken."""
        self.steps: list[Step] = []
        """Where the clock of the capture was set back."""
        self.alone = 0
        """Answers to requests that the capture lacks."""
        self.copies = 0
        """Messages that the capture has twice."""
        self.left_out = 0
        """Messages that were too many."""

    def take(self, captured: CapturedMessage) -> None:
        """Take the next message."""
        self.count += 1
        if captured.protocol != "sip":
            return
        found = seen(captured)
        if found is None:
            return
        if self._is_copy(captured):
            self.copies += 1
            return
        self._octets += len(captured.data)
        if len(self._all) >= MOST or self._octets > _MOST_OCTETS:
            self.left_out += 1
            return
        each, message = found
        self._all.append(each)
        self.legs.take(each, message)
        if isinstance(message, Request):
            self._asked(each, message)
        else:
            self._answered(each, message)

    def exchanged(self) -> list[Exchanged]:
        """Return what there is to judge, a part for each user and network."""
        self._through.clear()
        self._known.clear()
        self.alone = 0
        families = Families()
        ways: dict[Key, _Way] = {}
        judged: list[Seen] = []
        self._all, steps = straightened(self._all)
        self.steps += steps
        for each in sorted(self._all, key=lambda each: each.captured.at):
            if each.is_request:
                way = self._way(each)
                if way is None or self._is_tried_elsewhere(each) or not self.legs.note(each, way.network):
                    continue
                ways[each.key] = way
                families.of(*way)
            elif not self.legs.is_nearest(each.key) or not (each.key in ways or self._is_alone(each, ways)):
                continue
            judged.append(each)
        for key, way in ways.items():
            for other in (*self._associated.get(key, ()), *self._devices.get(key, ())):
                families.join(way.network, way.aor, other)
        return _sorted(judged, ways, families, self._associated, self._ims)

    def _is_copy(self, captured: CapturedMessage) -> bool:
        at = self._recent.pop(captured.data, None)
        self._recent[captured.data] = captured.at
        if len(self._recent) > _MOST_COPIES:
            self._recent.popitem(last=False)
        return at is not None and abs(captured.at - at) < _AT_ONCE

    def _is_tried_elsewhere(self, each: Seen) -> bool:
        """Tell whether a NOTIFY did not get through and was tried again over another connection (RFC 3263 §4.3).

        That is the same request in another transaction. Where none gets through, the first try counts.
        """
        if each.method != "NOTIFY" or each.key in self._replied:
            return False
        notify = each.key[:3]
        if notify not in self._through:
            tries = [key for key in self._tries[notify] if self.legs.is_nearest(key)]
            is_answered = any(key in self._replied for key in tries)
            self._through[notify] = None if is_answered or not tries else tries[0]
        return self._through[notify] != each.key

    def _asked(self, each: Seen, request: Request) -> None:
        captured = each.captured
        try:
            to, from_ = request.to, request.from_
        except SipError:
            return
        if each.method == "NOTIFY":
            self._tries[each.key[:3]][each.key] = None
            self._ways[each.key] = _Way((captured.source[0], listens_at(request)), identity(from_.uri))
            return
        way = self._ways[each.key] = _Way(captured.destination, identity(to.uri))
        self._listening[captured.destination[0]].add(captured.destination)
        if any(name in request for name in _OF_IMS_REQUEST):
            self._ims.add(each.key)
        if each.method == "REGISTER":
            name = private_identity(request)
            if name is not None:
                self._devices[each.key] = (f"<{name}>",)
            if identity(from_.uri) != way.aor and not from_.uri.user and from_.uri.is_sip:
                del self._ways[each.key]
            elif identity(from_.uri) != way.aor:
                self._third_party[each.key] = captured.source[0]
            else:
                self._registrars.add(captured.destination[0])
            return
        self._subscribes[each.call_id].append(each.key)
        if to.tag is None and has_user(request):
            self._associated[each.key] = (identity(request.uri),)

    def _answered(self, each: Seen, response: Response) -> None:
        if each.method == "NOTIFY" and response.status >= 200:
            self._replied.add(each.key)
            if response.status in ENDING:
                self._refused.add(each.key)
        if each.method == "REGISTER" and 200 <= response.status < 300:
            self._associated[each.key] = associated_of(response)
            if any(name in response for name in _OF_IMS_ANSWER):
                self._ims.add(each.key)
        if each.key not in self._ways and (each.method == "NOTIFY" or response.status < 300) and response.status >= 200:
            self._answered_alone(each, response)

    def _answered_alone(self, each: Seen, response: Response) -> None:
        """Take an answer whose request was not seen so far: it says that there was one."""
        captured = each.captured
        try:
            to, from_ = identity(response.to.uri), identity(response.from_.uri)
        except SipError:
            return
        if each.method == "NOTIFY":
            self._ways[each.key] = _Way(captured.destination, from_)
        elif each.method == "SUBSCRIBE" or to == from_:
            self._ways[each.key] = _Way(captured.source, to)

    def _is_alone(self, each: Seen, ways: dict[Key, _Way]) -> bool:
        """Tell whether the request of an answer is not in the capture, and put down where that belongs."""
        way = None if self.legs.has(each.key) else self._way(each)
        if way is None or each.key not in self._ways:
            return False
        ways[each.key] = way
        self.alone += 1
        return True

    def _way(self, each: Seen) -> _Way | None:
        """Return where a request belongs, None for one that is not to be judged."""
        way = self._ways.get(each.key)
        if each.method == "REGISTER":
            source = self._third_party.get(each.key)
            return None if source is not None and source in self._registrars else way
        # The Call-ID leads to the subscription, also where To and From say nothing of it any more.
        known = self._known.get(each.call_id)
        if known is None:
            keys = self._subscribes.get(each.call_id, ())
            known = tuple(dict.fromkeys(self._ways[key] for key in keys if self.legs.is_nearest(key)))
            self._known[each.call_id] = known
        here = [one for one in known if way is None or one.network == way.network]
        if way is not None and not here:
            # A stream leaves from a port of its own.
            here = [one for one in known if one.network[0] == way.network[0]]
        if each.method == "NOTIFY" and not known and each.key in self._refused:
            return None
        if not here and each.method == "NOTIFY":
            here = list(known)
        if here or way is None:
            return here[0] if here else None
        captured = each.captured
        own = captured.source if each.is_request == (each.method == "NOTIFY") else captured.destination
        return self._at_home(way, own)

    def _at_home(self, way: _Way, own: Address) -> _Way:
        """Return a way with the address that its network is reached at, as far as there is no other at that host."""
        listening = self._listening.get(way.network[0], ())
        if own in listening:
            return way._replace(network=own)
        if way.network in listening or len(listening) != 1:
            return way
        return way._replace(network=next(iter(listening)))


def _sorted(
    judged: Iterable[Seen],
    ways: dict[Key, _Way],
    families: Families,
    associated: dict[Key, tuple[str, ...]],
    ims: set[Key],
) -> list[Exchanged]:
    messages: dict[Member, list[Seen]] = defaultdict(list)
    names: dict[Member, dict[str, None]] = defaultdict(dict)
    of_ims: set[Member] = set()
    networks: set[Address] = set()
    registering: set[Member] = set()
    for each in judged:
        way = ways[each.key]
        family = families.of(*way)
        messages[family].append(each)
        names[family].update(dict.fromkeys((way.aor, *associated.get(each.key, ()))))
        if each.method == "REGISTER":
            registering.add(family)
        if each.key in ims:
            of_ims.add(family)
            networks.add(family[0])
    return [
        Exchanged(
            family[0],
            next(iter(names[family])),
            tuple(names[family]),
            tuple(found),
            family in of_ims or (family not in registering and family[0] in networks),
        )
        for family, found in messages.items()
        if any(each.is_request for each in found)
    ]
