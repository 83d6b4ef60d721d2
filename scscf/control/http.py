"""The control API on HTTP: routing, JSON, the token, errors, and the event stream."""

# mypy: allow-untyped-calls

import hmac
import json
import logging
from collections.abc import Callable
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import BaseModel
from twisted.internet.error import CannotListenError
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from scscf.config.listen import Listen, bracketed
from scscf.control.api import Answer, Api, Call, NotFound
from scscf.control.bodies import BadRequest, EventsQuery, checked
from scscf.control.request import MAX_BODY, ControlRequest, not_allowed, refusal
from scscf.control.routes import Route, routes_of
from scscf.control.stream import KEEP_ALIVE, EventStream
from scscf.errors import InputError, Problem
from scscf.promise import Promise

log = logging.getLogger("scscf")

MAX_STREAMS = 100
MAX_PARAMETERS = 100
_LOCAL = ("localhost", "127.0.0.1", "::1")


class ControlResource(Resource):
    """Every path of the control API. `perform` runs a coroutine of the node in a turn."""

    isLeaf = True

    def __init__(self, api: Api, perform: Callable[[Any], Any], token: str | None) -> None:
        super().__init__()
        self._api = api
        self._perform = perform
        self._token = token
        self._streams: set[_Stream] = set()
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
        refused = self._refused(request)
        if refused is not None:
            return refused
        target, _, query = request.uri.decode("ascii", "replace").partition("?")
        method = request.method.decode("ascii", "replace")
        if method == "HEAD":
            method = "GET"
        if target in ("/openapi.json", "/v1/events"):
            if method != "GET":
                return not_allowed(request, {"GET"})
            if target == "/v1/events":
                self._perform(self._stream(request, _query(EventsQuery, query)))
                return None
            request.reply(200, files("scscf.schemas").joinpath("openapi.json").read_bytes())
            return None
        found, variables = routes_of(target)
        if not found:
            return refusal(404, "no_such_path", f"no such path: {target[:200]}; GET /openapi.json lists all")
        route = next((each for each in found if each.method == method), None)
        if route is None:
            return not_allowed(request, {each.method for each in found})
        gone: Promise[None] = Promise()
        call = Call(variables, _query(route.query, query), _body(route, request), gone)
        self._calls[request] = call
        request.notifyFinish().addErrback(lambda _: gone.keep(None)).addBoth(lambda _: self._calls.pop(request, None))
        self._perform(self._serve(request, route, call))
        return None

    async def _serve(self, request: ControlRequest, route: Route, call: Call) -> None:
        try:
            answer = await route.handler(self._api, call)
        except BadRequest as error:
            answer = refusal(400, error.code, error.message)
        except NotFound as error:
            answer = refusal(404, error.code, error.message)
        except Exception:
            if not call.gone.done:
                request.answer(refusal(500, "bug", "a bug; the log has it"))
            raise
        if not call.gone.done:
            request.answer(answer)

    def _refused(self, request: ControlRequest) -> Answer | None:
        """Return why a request is not served at all: its size, its token, or a page of another origin that sent it."""
        if request.too_large:
            return refusal(413, "too_large", f"a body may have {MAX_BODY} octets")
        if self._token is not None:
            given = request.getHeader("authorization") or ""
            if not hmac.compare_digest(given.encode("utf-8", "replace"), f"Bearer {self._token}".encode()):
                request.setHeader("WWW-Authenticate", "Bearer")
                return refusal(401, "token", "this API needs the header Authorization: Bearer TOKEN (api_token)")
        host = request.getHeader("host") or ""
        origin = request.getHeader("origin")
        if origin is not None and origin != f"http://{host}":
            return refusal(403, "origin", "requests of pages of another origin are refused")
        if self._token is None and host and _hostname(host) not in (*_LOCAL, request.getHost().host):
            return refusal(403, "host", "the Host header names another machine; with an api_token it may")
        return None

    async def _stream(self, request: ControlRequest, query: EventsQuery) -> None:
        if len(self._streams) >= MAX_STREAMS:
            request.answer(refusal(503, "too_many_streams", f"{MAX_STREAMS} event streams are open"))
            return
        request.setHeader("Content-Type", "text/event-stream")
        request.setHeader("Cache-Control", "no-store")
        if request.method == b"HEAD":
            request.finish()
            return
        stream = _Stream(request, self._api, query.kinds.split(","))
        self._streams.add(stream)
        request.notifyFinish().addBoth(lambda _: self._ended(stream))

    def _ended(self, stream: "_Stream") -> None:
        self._streams.discard(stream)
        stream.ended()

    def close(self) -> None:
        """Answer the calls that are held, end the event streams."""
        for request, call in list(self._calls.items()):
            request.answer(refusal(503, "shutting_down", "the S-CSCF is shutting down"))
            call.gone.keep(None)
        for stream in list(self._streams):
            stream.request.unregisterProducer()
            stream.request.finish()


class _Stream:
    """An event stream with the connection that it goes out on (twisted.internet.interfaces.IPushProducer)."""

    def __init__(self, request: ControlRequest, api: Api, kinds: list[str]) -> None:
        self.request = request
        self._node = api.node
        self._events = EventStream(request.write, api.node.feed, api.node.now, kinds)
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


def start_api(api: Api, perform: Callable[[Any], Any], token: str | None, listen: Listen, reactor: Any) -> ControlPort:
    """Bring the control API up. Raises InputError where its address cannot be had."""
    resource = ControlResource(api, perform, token)
    site = control_site(resource, reactor)
    try:
        port = reactor.listenTCP(listen.port, site, interface=listen.host)
    except CannotListenError as error:
        place = f"http://{bracketed(listen.host)}:{listen.port}"
        reason = error.socketError.strerror or error.socketError
        message = f"cannot listen on {place}: {reason}; --api names another"
        raise InputError([Problem("api", 0, 0, message)]) from None
    return ControlPort(port, resource)


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
