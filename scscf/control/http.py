"""The control API on HTTP: routing, JSON, the token, errors, and the event stream."""

import hmac
import json
import logging
from collections.abc import Callable
from importlib.resources import files
from typing import Any
from urllib.parse import unquote, urlsplit

from twisted.internet.error import CannotListenError
from twisted.web.http import Request as HttpRequest
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from scscf.config.listen import Listen
from scscf.control.api import ROUTES, Answer, Api, Handler, NotFound, Query
from scscf.control.bodies import BadRequest
from scscf.control.stream import EventStream
from scscf.errors import InputError, Problem
from scscf.procedures.state import NotRegisteredError

log = logging.getLogger("scscf")

MAX_BODY = 1_000_000
MAX_STREAMS = 100
_LOCAL = ("localhost", "127.0.0.1", "::1")


class ControlResource(Resource):
    """Every path of the control API. `perform` runs a coroutine of the node in a turn."""

    isLeaf = True

    def __init__(self, api: Api, perform: Callable[[Any], Any], token: str | None) -> None:
        super().__init__()
        self._api = api
        self._perform = perform
        self._token = token
        self._streams: set[EventStream] = set()

    def render(self, request: Any) -> Any:
        """Answer one request (twisted.web)."""
        refused = self._refused(request)
        if refused is not None:
            return _write(request, refused)
        path, method = request.path.decode("ascii", "replace"), request.method.decode("ascii", "replace")
        if method == "HEAD":
            method = "GET"
        if path == "/openapi.json":
            if method != "GET":
                return _write(request, _not_allowed(request, ["GET"]))
            return _write_bytes(request, 200, files("scscf.schemas").joinpath("openapi.json").read_bytes())
        if path == "/v1/events":
            return self._stream(request, method)
        methods, variables = _route(path)
        if methods is None:
            return _write(request, _error(404, "no_such_path", f"no such path: {path[:200]}; GET /openapi.json lists all"))
        handler = methods.get(method)
        if handler is None:
            return _write(request, _not_allowed(request, list(methods)))
        self._perform(self._serve(request, handler, variables))
        return NOT_DONE_YET

    async def _serve(self, request: Any, handler: Handler, variables: tuple[str, ...]) -> None:
        gone: list[object] = []
        request.notifyFinish().addErrback(gone.append)
        try:
            answer = await handler(self._api, Query(variables, _query(request), _body(request)))
        except BadRequest as error:
            answer = _error(400, error.code, error.message)
        except (NotFound, NotRegisteredError) as error:
            answer = _error(404, "not_found", str(error))
        except Exception:
            if not gone:
                request.write(_write(request, _error(500, "bug", "a bug; the log has it")))
                request.finish()
            raise
        if not gone:
            data = _encoded(request, answer)
            request.write(data)
            request.finish()

    def _refused(self, request: Any) -> Answer | None:
        """Return why a request is not served at all: its token, or a page of another origin that sent it."""
        if self._token is not None:
            given = request.getHeader("authorization") or ""
            if not hmac.compare_digest(given.encode("utf-8", "replace"), f"Bearer {self._token}".encode()):
                request.setHeader("WWW-Authenticate", "Bearer")
                return _error(401, "token", "this API needs the header Authorization: Bearer TOKEN (api_token)")
        origin = request.getHeader("origin")
        host = request.getHeader("host") or ""
        if origin is not None and urlsplit(origin).netloc != host:
            return _error(403, "origin", "requests of pages of another origin are refused")
        name = urlsplit(f"//{host}").hostname
        if self._token is None and name is not None and name not in _LOCAL and name != request.getHost().host:
            return _error(403, "host", "the Host header names another machine")
        return None

    def _stream(self, request: Any, method: str) -> Any:
        if method != "GET":
            return _write(request, _not_allowed(request, ["GET"]))
        if len(self._streams) >= MAX_STREAMS:
            return _write(request, _error(503, "too_many_streams", f"{MAX_STREAMS} event streams are open"))
        stream = EventStream(request, self._api.node)
        self._streams.add(stream)
        stream.begin(lambda: self._streams.discard(stream))
        return NOT_DONE_YET

    def close(self) -> None:
        """End every event stream."""
        for stream in list(self._streams):
            stream.end()


class ControlPort:
    """The API's listening socket."""

    def __init__(self, port: Any, resource: ControlResource) -> None:
        self._port = port
        self._resource = resource
        address = port.getHost()
        self.host: str = address.host
        self.port: int = address.port

    def stop(self) -> Any:
        """Accept nothing any more and end the streams."""
        self._resource.close()
        return self._port.stopListening()


def start_api(api: Api, perform: Callable[[Any], Any], token: str | None, listen: Listen, reactor: Any) -> ControlPort:
    """Bring the control API up. Raises InputError where its address cannot be had."""
    resource = ControlResource(api, perform, token)
    site = Site(resource)
    site.requestFactory = _BoundedRequest
    site.noisy = False
    site.displayTracebacks = False
    try:
        port = reactor.listenTCP(listen.port, site, interface=listen.host)
    except CannotListenError as error:
        message = f"http://{listen.host}:{listen.port} cannot be listened on: {error.socketError}; --api names another"
        raise InputError([Problem("api", 0, 0, message)]) from None
    return ControlPort(port, resource)


class _BoundedRequest(Site.requestFactory):  # type: ignore[misc,name-defined]  # twisted.web is untyped here
    """A request whose body may not be larger than MAX_BODY."""

    def gotLength(self, length: int | None) -> None:
        if length is not None and length > MAX_BODY:
            self.channel._respondToBadRequestAndDisconnect()
            return
        super().gotLength(length)


def _route(path: str) -> tuple[dict[str, Handler] | None, tuple[str, ...]]:
    parts = path.split("/")
    for pattern, methods in ROUTES.items():
        wanted = pattern.split("/")
        if len(wanted) != len(parts):
            continue
        pairs = list(zip(wanted, parts, strict=True))
        if all(want == part or (want[:1] == "{" and part) for want, part in pairs):
            return methods, tuple(unquote(part) for want, part in pairs if want[:1] == "{")
    return None, ()


def _query(request: HttpRequest) -> dict[str, str]:
    return {
        name.decode("utf-8", "replace"): values[-1].decode("utf-8", "replace")
        for name, values in (request.args or {}).items()
    }


def _body(request: Any) -> object:
    if request.method not in (b"POST", b"PUT", b"PATCH"):
        return {}
    data = request.content.read(MAX_BODY + 1)
    if len(data) > MAX_BODY:
        raise BadRequest("too_large", f"a body may have {MAX_BODY} octets")
    if not data.strip():
        return {}
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadRequest("bad_json", f"the body is no JSON: {error}") from None


def _error(status: int, code: str, message: str) -> Answer:
    return Answer(status, {"error": {"code": code, "message": message}})


def _not_allowed(request: Any, methods: list[str]) -> Answer:
    request.setHeader("Allow", ", ".join(methods))
    return _error(405, "method", f"allowed here: {', '.join(methods)}")


def _encoded(request: Any, answer: Answer) -> bytes:
    data = json.dumps(answer.body, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    return _write_bytes(request, answer.status, data)


def _write(request: Any, answer: Answer) -> bytes:
    return _encoded(request, answer)


def _write_bytes(request: Any, status: int, data: bytes) -> bytes:
    request.setResponseCode(status)
    request.setHeader("Content-Type", "application/json")
    request.setHeader("Content-Length", str(len(data)))
    request.setHeader("X-Content-Type-Options", "nosniff")
    request.setHeader("Cache-Control", "no-store")
    return b"" if request.method == b"HEAD" else data
