"""What is known of a message: all that a rule may ask for."""

import re
from collections import OrderedDict
from collections.abc import Coroutine
from typing import Any, NamedTuple, TypeVar

from scscf.errors import SipError
from scscf.procedures.state import Node
from scscf.registration.binding import Binding
from scscf.registration.record import Record
from scscf.rules.phase import phase_of
from scscf.sip.credentials import Credentials
from scscf.sip.locating import is_address
from scscf.sip.message import Request, Response
from scscf.sip.outbox import Flow, NextHop
from scscf.sip.uri import Uri, parse_uri
from scscf.sip.uri_comparison import aor_of

T = TypeVar("T")

MOST_KEPT = 10_000
"""Of so many requests it is known what they were when their responses come or go."""
_EVENT = re.compile(rb' event="([A-Za-z]{1,20})"')


class Facts(NamedTuple):
    """One message, as rules see it."""

    method: str
    direction: str
    """`in` or `out`."""
    status: int | None = None
    """None: a request."""
    source: str | None = None
    """Address of the peer, None where it is not known yet."""
    aors: frozenset[str] = frozenset()
    private_identities: frozenset[str] = frozenset()
    phase: str | None = None
    events: frozenset[str] = frozenset()


class Reader:
    """Finds out what a node's messages are; responses are what their requests were."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._kept: OrderedDict[tuple[str, ...], Facts] = OrderedDict()

    def canonical(self, text: str) -> str:
        """Return the canonical address of record of a URI; what is none stays as it is."""
        try:
            return self._aor(parse_uri(text))
        except SipError:
            return text

    def received(self, request: Request, flow: Flow) -> Facts:
        """Return the facts of a request that came in; of one that comes again, what they were."""
        key = _key("in", request)
        known = self._kept.get(key)
        if known is not None:
            return known
        record = self._record(request)
        identities = self._private_identities(request, record, flow)
        facts = Facts(
            request.method,
            "in",
            None,
            flow.remote[0],
            self._aors(request, record),
            identities,
            phase_of(self._node, request, record, identities),
            _package(request),
        )
        return self._keep(key, facts)

    def sending(self, request: Request, hop: NextHop) -> Facts:
        """Return the facts of a request of ours that is about to be sent."""
        record = self._record(request)
        source = hop.flow.remote[0] if hop.flow is not None else hop.host if is_address(hop.host) else None
        bound = {binding.private_identity for binding in _bindings(record) if binding.uri == request.uri_text}
        events = frozenset(match.decode().lower() for match in _EVENT.findall(request.body))
        facts = Facts(request.method, "out", None, source, self._aors(request, record), frozenset(bound), None, events)
        return self._keep(_key("out", request), facts)

    def answered(self, response: Response, flow: Flow, direction: str) -> Facts:
        """Return the facts of a response, which are those of the request that it answers."""
        asked = self._kept.get(_key("out" if direction == "in" else "in", response))
        if asked is None:
            asked = Facts(_method(response), direction, aors=self._aors(response, None))
        return asked._replace(direction=direction, status=response.status, source=flow.remote[0])

    def departing(self, message: Request | Response, flow: Flow) -> Facts:
        """Return the facts of a message of ours that is written to a flow, each time that it is."""
        if isinstance(message, Response):
            return self.answered(message, flow, "out")
        known = self._kept.get(_key("out", message))
        facts = known if known is not None else self.sending(message, NextHop(flow.remote[0], flow=flow))
        return facts._replace(source=flow.remote[0])

    def _keep(self, key: tuple[str, ...], facts: Facts) -> Facts:
        self._kept[key] = facts
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return facts

    def _aor(self, uri: Uri) -> str:
        domain = self._node.domain_of(uri.host) if uri.is_sip else None
        return aor_of(uri) if domain is None else self._node.aor_in(domain, uri)

    def _named(self, message: Request | Response) -> list[str]:
        """Return the addresses of record that a message names: To, From, Request-URI."""
        named = []
        for find in (lambda: message.to.uri, lambda: message.from_.uri, lambda: getattr(message, "uri", None)):
            try:
                uri = find()
                if uri is not None:
                    named.append(self._aor(uri))
            except SipError:
                continue
        return named

    def _aors(self, message: Request | Response, record: Record | None) -> frozenset[str]:
        named = self._named(message)
        if record is not None:
            named += [identity.uri for aor in tuple(named) for identity in record.identities_with(aor)]
        return frozenset(named)

    def _record(self, request: Request) -> Record | None:
        for aor in self._named(request):
            record = _settled(self._node.store.find(aor))
            if record is not None:
                return record
        return None

    def _private_identities(self, request: Request, record: Record | None, flow: Flow) -> frozenset[str]:
        """Return whose request it may be: of the credentials, else of the bindings at that contact or flow, else all.

        Of who is not bound and does not say, the one that would be challenged.
        """
        cx = self._node.cx
        aor = next(iter(self._named(request)), "")
        given = _credentials(request)
        names = {each.params["username"] for each in given if each.params.get("username")}
        realms = {each.params.get("realm", "") for each in given}
        if names:
            known = {_settled(cx.identify(name, aor, realm)) for name in names for realm in realms}
            return frozenset(names | {each for each in known if each})
        contacts = _contacts(request)
        bound = [each for each in _bindings(record) if each.uri in contacts] or [
            each for each in _bindings(record) if each.flow == flow
        ]
        found = {each.private_identity for each in bound or _bindings(record)}
        if not found and request.method == "REGISTER":
            default = _settled(cx.default_private_identity(aor))
            found = {default} if default else set()
        return frozenset(found)


def _settled(coroutine: Coroutine[Any, Any, T]) -> T | None:
    """Return what a coroutine returns at once, None where it would wait."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        value: T = end.value
        return value
    coroutine.close()
    return None


def _bindings(record: Record | None) -> list[Binding]:
    return list(record.bindings()) if record is not None else []


def _credentials(request: Request) -> list[Credentials]:
    try:
        return [each for each in (*request.authorization, *request.proxy_authorization) if each.scheme == "digest"]
    except SipError:
        return []


def _contacts(request: Request) -> set[str]:
    try:
        return {contact.uri.text for contact in request.contacts}
    except SipError:
        return set()


def _package(request: Request) -> frozenset[str]:
    """Return the event package of a request, nothing where it has none."""
    package = (request.get("event") or "").partition(";")[0].strip().lower()
    return frozenset({package} if package else ())


def _key(direction: str, message: Request | Response) -> tuple[str, ...]:
    """Return what a message has in common with its retransmissions and its answers.

    A request of ours gets its branch only after it was looked at.
    """
    branch = _branch(message) if direction == "in" else ""
    tag = _tag(message.get("from") or "")
    return (direction, branch, message.get("call-id") or "", message.get("cseq") or "", tag)


def _branch(message: Request | Response) -> str:
    try:
        return message.via.branch or ""
    except SipError:
        return ""


def _tag(value: str) -> str:
    return value.rpartition("tag=")[2].partition(";")[0]


def _method(response: Response) -> str:
    try:
        return response.cseq.method
    except SipError:
        return ""
