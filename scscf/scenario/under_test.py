"""A UE under test: what it did, seen at the S-CSCF, and the judge of it."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import NamedTuple

from scscf.conformance.finding import Finding
from scscf.conformance.ue.judge import UeJudge
from scscf.conformance.ue.profile import PLAIN, UeProfile
from scscf.errors import SipError
from scscf.scenario.inbox import Inbox
from scscf.scenario.keys import ActorKeys
from scscf.scenario.known_vectors import KnownVectors
from scscf.sip.message import Request, Response
from scscf.sip.outbox import Flow
from scscf.sip.parser import Unparseable, parse_message
from scscf.sip.uri_comparison import aor_of

_MOST = 1000


class Deed(NamedTuple):
    """Something that a UE did and the network said yes to."""

    what: str
    """register, refresh, deregister, subscribe, resubscribe, unsubscribe or answer."""
    request: Request
    """The UE's; of an answer the NOTIFY."""
    status: int


class UeUnderTest:
    """Sees what is exchanged with one UE, known by its identity or where it was seen; `now()` is the scenario's time.

    `ims`: it is held to TS 24.229 too. `is_other` tells of an identity and an address whether somebody else sends from
    there; `alone`: whatever others do not send is this UE's, whoever it says that it is.
    """

    def __init__(
        self,
        name: str,
        keys: ActorKeys,
        aor: str,
        impi: str,
        permitted: frozenset[str],
        now: Callable[[], float],
        *,
        ims: bool,
        is_other: Callable[[str, tuple[str, int]], bool] = lambda _aor, _place: False,
        alone: bool = False,
    ) -> None:
        self.name = name
        self.keys = keys
        self.aor = aor
        self.impi = impi
        self.deeds: Inbox[Deed] = Inbox()
        self.findings: list[Finding] = []
        self._registered = ""
        self.addresses: list[tuple[str, int]] = []
        """Where it was seen to send from."""
        self.on_seen_at: Callable[[tuple[str, int]], object] = lambda _place: None
        """Told of each of them once."""
        self._vectors = _vectors_of(keys)
        profile = UeProfile(subscribes=keys.subscribe, aka=keys.auth == "aka") if ims else PLAIN
        identities = frozenset(each if isinstance(each, str) else str(each.get("id")) for each in keys.identities)
        self.judge = UeJudge(aor, impi, permitted, profile._replace(identities=identities), self._vectors)
        self._now = now
        self._is_other = is_other
        self._alone = alone
        self._requests: OrderedDict[tuple[str, str], Request] = OrderedDict()
        self._calls: OrderedDict[str, None] = OrderedDict()

    def trace(self, direction: str, flow: Flow, data: bytes) -> None:
        """Take a message of the S-CSCF, direction `in` or `out`; those of others are left alone."""
        try:
            message = parse_message(data)
            if not self._is_mine(direction, message, flow.remote):
                return
            if direction == "in" and flow.remote not in self.addresses:
                self.addresses.append(flow.remote)
                self.on_seen_at(flow.remote)
            self.findings += self.judge.observe(direction, message, self._now())
            self._note(direction, message)
        except (SipError, Unparseable):
            return

    def variables(self) -> Mapping[str, str]:
        """Return what `${NAME.…}` is of it."""
        host, port = self.addresses[-1] if self.addresses else ("", 0)
        place = {"host": host, "port": str(port), "address": f"{host}:{port}"} if host else {}
        return {"aor": self.aor, "impi": self.impi, "contact": self.contact, **place}

    @property
    def contact(self) -> str:
        """The contact URI of its last REGISTER, its AOR before there is one."""
        for request in reversed(self._requests.values()):
            if request.method == "REGISTER" and request.contacts:
                return request.contacts[0].uri.text
        return self.aor

    def overdue(self) -> float | None:
        """Return when there is something to be asked of the judge, seconds of the scenario."""
        return self.judge.due()

    def look(self) -> None:
        """Ask the judge what the UE should have done by now."""
        self.findings += self.judge.time(self._now())

    def end(self) -> None:
        """Ask the judge for what is found at the end."""
        self.findings += self.judge.end(self._now())

    def _is_mine(self, direction: str, message: Request | Response, remote: tuple[str, int]) -> bool:
        if message.call_id in self._calls:
            return True
        if direction != "in" or not isinstance(message, Request) or message.method not in ("REGISTER", "SUBSCRIBE"):
            return False
        sender = aor_of(message.from_.uri)
        if self._is_other(sender, remote):
            return False
        if self.aor != sender and not self._alone and remote not in self.addresses:
            return False
        self._calls[message.call_id] = None
        if len(self._calls) > _MOST:
            self._calls.popitem(last=False)
        return True

    def _note(self, direction: str, message: Request | Response) -> None:
        key = (message.call_id, f"{message.cseq.number} {message.cseq.method}")
        if isinstance(message, Request):
            self._requests[key] = message
            if len(self._requests) > _MOST:
                self._requests.popitem(last=False)
            return
        request = self._requests.get(key)
        if request is None or message.status < 200:
            return
        if self._vectors is not None and request.method == "REGISTER" and 200 <= message.status < 300:
            self._vectors.accepted()
        what = self._deed(request, message)
        if what is not None:
            self.deeds.put(Deed(what, request, message.status))

    def _deed(self, request: Request, response: Response) -> str | None:
        if request.method == "NOTIFY":
            return "answer"
        if not 200 <= response.status < 300:
            return None
        ends = request.expires == 0 or any(contact.parameter("expires") == "0" for contact in request.contacts)
        if request.method == "REGISTER":
            # After a de-registration by the network, or a restart, a UE begins anew: with another Call-ID.
            before, self._registered = self._registered, "" if ends else request.call_id
            return "deregister" if ends else "refresh" if before == request.call_id else "register"
        if request.method == "SUBSCRIBE":
            return "unsubscribe" if ends else "resubscribe" if request.to.tag else "subscribe"
        return None


def _vectors_of(keys: ActorKeys) -> KnownVectors | None:
    """Return what reads the vectors of a UE with a USIM; of another there is nothing to read."""
    if keys.auth != "aka" or keys.k is None or keys.opc is None:
        return None
    return KnownVectors(bytes.fromhex(keys.k), bytes.fromhex(keys.opc))
