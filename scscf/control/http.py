"""The control API on HTTP: routing, JSON, the token, errors, and the event stream."""

# mypy: allow-untyped-calls

import hmac
import json
import logging
from collections.abc import Callable
from importlib.resources import files
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from pydantic import BaseModel
from twisted.internet.error import CannotListenError
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from scscf.config.listen import Listen, bracketed
from scscf.control.bodies import (
    BadRequest,
    checked,
)
from scscf.control.dispatch import served
from scscf.control.history import NOTHING_MISSED, History, Missed
from scscf.control.live_page import LivePage, send_file
from scscf.control.queries import (
    EventsQuery,
)
from scscf.control.request import MAX_BODY, ControlRequest, not_allowed
from scscf.control.route import Answer, Call, Route, Served, find, refusal
from scscf.control.stream import KEEP_ALIVE, EventStream
from scscf.errors import InputError, Problem
from scscf.feed import Feed
from scscf.promise import Promise
from scscf.timers import Deadlines

log = logging.getLogger("scscf")

MAX_STREAMS = 100
MAX_PARAMETERS = 100
_LOCAL = ("localhost", "127.0.0.1", "::1")


class ControlResource(Resource):
    """Every path of an HTTP API. `perform` runs a coroutine in a turn; `streams` is what event streams tell of.

    `document` is the name of the OpenAPI document among the schemas; `page` the files at the root.
    """

    isLeaf = True

    def __init__(
        self,
        services: tuple[Served, ...],
        perform: Callable[[Any], Any],
        token: str | None,
        document: str = "openapi.json",
        streams: "Streams | None" = None,
        page: LivePage | None = None,
    ) -> None:
        super().__init__()
        self._services = services
        self._document = document
        self._sources = streams
        self._page = page
        self._perform = perform
        self._token = token
        self._streams: set[_Stream] = set()
        self._history: History | None = None
        self._calls: dict[ControlRequest, Call] = {}

    def render(self, request: ControlRequest) -> int:
        """Answer one request (twisted.web)."""
        try:
            answer = self._begin(request)
        except BadRequest as error:
            answer = refusal(400, error.code, error.message)
        if answer is not None:
            request.answer(answer)
        return NOT_DONE_YET

    def _begin(self, request: ControlRequest) -> Answer | None:
        """Return the answer where it is known at once, else None."""
        target, _, query = request.uri.decode("ascii", "replace").partition("?")
        file = self._page.find(target) if self._page is not None else None
        refused = self._refused(request, is_file=file is not None)
        if refused is not None:
            return refused
        method = request.method.decode("ascii", "replace")
        if method == "HEAD":
            method = "GET"
        if file is not None:
            if method != "GET":
                return not_allowed(request, {"GET"})
            send_file(request, file)
            return None
        if target == "/openapi.json" or (target == "/v1/events" and self._sources is not None):
            if method != "GET":
                return not_allowed(request, {"GET"})
            if target == "/v1/events" and self._sources is not None:
                self._perform(self._stream(request, _query(EventsQuery, query), self._sources))
                return None
            request.reply(200, files("scscf.schemas").joinpath(self._document).read_bytes())
            return None
        found, variables = find(self._services, target)
        if not found:
            return refusal(404, "no_such_path", f"no such path: {target[:200]}; GET /openapi.json lists all")
        chosen = next((each for each in found if each[1].method == method), None)
        if chosen is None:
            return not_allowed(request, {route.method for _, route in found})
        api, route = chosen
        gone: Promise[None] = Promise()
        call = Call(variables, _query(route.query, query), _body(route, request), gone)
        self._calls[request] = call
        request.notifyFinish().addErrback(lambda _: gone.keep(None)).addBoth(lambda _: self._calls.pop(request, None))
        self._perform(self._serve(request, api, route, call))
        return None

    async def _serve(self, request: ControlRequest, api: Any, route: Route, call: Call) -> None:
        try:
            answer = await served(api, route, call)
        except Exception:
            if not call.gone.done:
                request.answer(refusal(500, "bug", "a bug; the log has it"))
            raise
        if not call.gone.done:
            request.answer(answer)

    def _refused(self, request: ControlRequest, *, is_file: bool) -> Answer | None:
        """Return why a request is not served at all: its size, its token, or a page of another origin that sent it.

        A file of the live page needs no token: it asks for one.
        """
        if request.too_large:
            return refusal(413, "too_large", f"a body may have {MAX_BODY} octets")
        if self._token is not None and not is_file:
            given = request.header("authorization") or ""
            if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
                request.setHeader("WWW-Authenticate", "Bearer")
                return refusal(401, "token", "this API needs the header Authorization: Bearer TOKEN (api_token)")
        host = request.header("host") or ""
        origin = request.header("origin")
        if origin is not None and origin != f"http://{host}":
            return refusal(403, "origin", "requests of pages of another origin are refused")
        if self._token is None and host and _hostname(host) not in (*_LOCAL, request.getHost().host):
            return refusal(403, "host", "the Host header names another machine; with an api_token it may")
        return None

    async def _stream(self, request: ControlRequest, query: EventsQuery, source: "Streams") -> None:
        if len(self._streams) >= MAX_STREAMS:
            request.answer(refusal(503, "too_many_streams", f"{MAX_STREAMS} event streams are open"))
            return
        request.setHeader("Content-Type", "text/event-stream")
        request.setHeader("Cache-Control", "no-store")
        if request.method == b"HEAD":
            request.finish()
            return
        history = self._history = self._history or History(
            source.feed, source.now, source.wire_deadlines, source.wire_now
        )
        history.enter()
        kinds = query.kinds.split(",")
        since = _last_event(request) if query.since is None else query.since
        missed = NOTHING_MISSED if since is None else history.after(since, kinds, whole=query.raw)
        stream = _Stream(request, source, kinds, raw=query.raw, missed=missed)
        self._streams.add(stream)
        request.notifyFinish().addBoth(lambda _: self._ended(stream))

    def _ended(self, stream: "_Stream") -> None:
        self._streams.discard(stream)
        stream.ended()
        if self._history is not None:
            self._history.leave()

    def close(self) -> None:
        """Answer the calls that are held, end the event streams."""
        for request, call in list(self._calls.items()):
            request.answer(refusal(503, "shutting_down", "the server is shutting down"))
            call.gone.keep(None)
        for stream in list(self._streams):
            stream.request.unregisterProducer()
            stream.request.finish()
        if self._history is not None:
            self._history.close()


class Streams(Protocol):
    """What event streams need of a node."""

    feed: Feed
    wire_deadlines: Deadlines
    now: Callable[[], float]
    wire_now: Callable[[], float]


class _Stream:
    """An event stream with the connection that it goes out on (twisted.internet.interfaces.IPushProducer)."""

    def __init__(self, request: ControlRequest, node: Streams, kinds: list[str], *, raw: bool, missed: Missed) -> None:
        self.request = request
        self._node = node
        self._events = EventStream(request.write, node.feed, node.now, kinds, raw=raw, missed=missed)
        request.registerProducer(self, True)
        self._schedule()

    def ended(self) -> None:
        """The client is gone."""
        self._node.wire_deadlines.cancel(self._deadline)
        self._events.close()

    def pauseProducing(self) -> None:
        """Wait: the client does not read."""
        self._events.pause()

    def resumeProducing(self) -> None:
        """Go on."""
        self._events.resume()

    def stopProducing(self) -> None:
        """Send nothing any more: the connection is gone."""
        self._events.pause()

    def _schedule(self) -> None:
        self._deadline = self._node.wire_deadlines.at(self._node.wire_now() + KEEP_ALIVE, lambda _now: self._beat())

    def _beat(self) -> None:
        self._events.beat()
        self._schedule()


class ControlPort:
    """The API's listening socket."""

    def __init__(self, port: Any, resource: ControlResource) -> None:
        self._port = port
        self._resource = resource
        address = port.getHost()
        self.host: str = address.host
        self.port: int = address.port

    def stop(self) -> Any:
        """Accept nothing any more, answer what waits and end the streams."""
        self._resource.close()
        return self._port.stopListening()


def control_site(resource: ControlResource, reactor: Any) -> Site:
    """Return the factory of the API's connections; `reactor` keeps their idle timers."""
    site = Site(resource, requestFactory=ControlRequest, parsePOSTFormSubmission=False, reactor=reactor)
    site.noisy = False
    site.displayTracebacks = False
    return site


def start_api(resource: ControlResource, listen: Listen, reactor: Any) -> ControlPort:
    """Bring an HTTP API up. Raises InputError where its address cannot be had."""
    site = control_site(resource, reactor)
    try:
        port = reactor.listenTCP(listen.port, site, interface=listen.host)
    except CannotListenError as error:
        place = f"http://{bracketed(listen.host)}:{listen.port}"
        reason = error.socketError.strerror or error.socketError
        message = f"cannot listen on {place}: {reason}; --api names another"
        raise InputError([Problem("api", 0, 0, message)]) from None
    return ControlPort(port, resource)


def _last_event(request: ControlRequest) -> int | None:
    """Return the number in Last-Event-ID (HTML §9.2.4); None where there is none, or something else."""
    text = request.header("last-event-id") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _query(model: type[BaseModel], text: str) -> Any:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_PARAMETERS, errors="surrogateescape")
    except ValueError as error:
        raise BadRequest("bad_query", f"the query cannot be read: {error}") from None
    values = dict(pairs)
    if len(values) < len(pairs):
        raise BadRequest("bad_query", "a parameter is there twice")
    return checked(model, values, "bad_query")


def _body(route: Route, request: ControlRequest) -> Any:
    if route.body is None:
        return None
    data: bytes = request.content.read() if request.content else b""
    if not data.strip():
        return checked(route.body, {})
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadRequest("bad_json", f"the body is no JSON: {error}") from None
    if not isinstance(body, dict):
        raise BadRequest("bad_body", "the body must be a JSON object")
    return checked(route.body, body)
