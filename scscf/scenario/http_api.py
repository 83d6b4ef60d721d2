"""A control API over HTTP, called from the reactor."""

# mypy: allow-untyped-calls

import json
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from twisted.internet.error import ConnectError, ConnectionClosed, DNSLookupError
from twisted.internet.error import TimeoutError as ConnectTimeout
from twisted.web.client import Agent, FileBodyProducer, HTTPConnectionPool, ResponseFailed, readBody
from twisted.web.http_headers import Headers

from scscf.control.route import Answer, refusal
from scscf.scenario.outcome import NotRunnable

_UNREACHABLE = (ConnectError, ConnectionClosed, ConnectTimeout, DNSLookupError, ResponseFailed)
_TIMEOUT = 30.0


class HttpApi:
    """One control API, `token` where it wants one."""

    def __init__(self, reactor: Any, url: str, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._pool = HTTPConnectionPool(reactor, persistent=False)
        self._agent = Agent(reactor, connectTimeout=_TIMEOUT, pool=self._pool)
        self._token = token

    async def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> Answer:
        """Return an answer. Raises NotRunnable where there is no API."""
        url = self.url + path + (f"?{urlencode(query)}" if query else "")
        headers = Headers({b"Content-Type": [b"application/json"]})
        if self._token is not None:
            headers.addRawHeader(b"Authorization", f"Bearer {self._token}".encode())
        data: Any = None if body is None else FileBodyProducer(BytesIO(json.dumps(body).encode()))
        try:
            response = await self._agent.request(method.encode(), url.encode(), headers, data)
            octets = await readBody(response)
        except _UNREACHABLE as error:
            raise NotRunnable(f"no control API at {self.url}: {error}") from None
        try:
            read = json.loads(octets) if octets else {}
        except ValueError:
            return refusal(response.code, "no_json", f"{self.url} gives no answer that a control API would give")
        return Answer(response.code, read if isinstance(read, dict) else {"": read})

