"""A control API on HTTP: from a request to the call that it is, and from there to its answer."""

# mypy: allow-untyped-calls

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from scscf.control.access import denied
from scscf.control.bodies import BadRequest, checked
from scscf.control.dispatch import served
from scscf.control.event_streams import EventSource, EventStreams
from scscf.control.live_page import LivePage, PageFile, send_file
from scscf.control.queries import EventsQuery
from scscf.control.request import ControlRequest, not_allowed
from scscf.control.route import Answer, Call, Route, Served, find, refusal
from scscf.promise import Promise

MAX_PARAMETERS = 100


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
        streams: EventSource | None = None,
        page: LivePage | None = None,
    ) -> None:
        super().__init__()
        self._services = services
        self._document = document
        self._events = EventStreams(streams) if streams is not None else None
        self._page = page
        self._perform = perform
        self._token = token
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
        refused = denied(request, self._token, is_file=file is not None)
        if refused is not None:
            return refused
        method = request.method.decode("ascii", "replace")
        if method == "HEAD":
            method = "GET"
        send = self._beside_calls(target, query, file)
        if send is not None:
            if method != "GET":
                return not_allowed(request, {"GET"})
            send(request)
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

    def _beside_calls(
        self, target: str, query: str, file: PageFile | None
    ) -> Callable[[ControlRequest], object] | None:
        """Return what sends a thing that is there to be got: a file of the page, the OpenAPI document, events."""
        events = self._events
        if file is not None:
            return lambda request: send_file(request, file)
        if target == "/openapi.json":
            document = files("scscf.schemas").joinpath(self._document)
            return lambda request: request.reply(200, document.read_bytes())
        if target == "/v1/events" and events is not None:
            return lambda request: self._perform(events.serve(request, _query(EventsQuery, query)))
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

    def close(self) -> None:
        """Answer the calls that are held, end the event streams."""
        for request, call in list(self._calls.items()):
            request.answer(refusal(503, "shutting_down", "the server is shutting down"))
            call.gone.keep(None)
        if self._events is not None:
            self._events.close()


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
