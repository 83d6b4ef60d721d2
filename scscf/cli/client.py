"""The commands' way to a running S-CSCF: its control API over HTTP."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from http.client import HTTPException
from typing import Any
from urllib.parse import quote, urlencode

import click

from scscf.errors import SipError
from scscf.sip.uri import parse_uri
from scscf.sip.uri_comparison import aor_of

NO_API = "no control API at {url}: is `scscf run` running? (--api or SCSCF_API names another)"
NO_HSS_API = "no API of an HSS stub at {url}: is `hss-stub run` running? (--api or HSS_STUB_API names another)"
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def _program() -> str:
    context = click.get_current_context(silent=True)
    return (context.find_root().info_name if context is not None else None) or "scscf"


class Refused(click.ClickException):
    """The answer is no: exit code 1."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self._program = _program()

    def show(self, file: Any = None) -> None:
        """Print the sentence, one line on stderr."""
        click.echo(f"{self._program}: {printable(self.message)}", err=True)


class Unusable(Refused):
    """Wrong usage, or nobody to ask: exit code 2."""

    exit_code = 2


class ApiClient:
    """One control API, `token` where it wants one; `nobody` is said where there is none at `{url}`."""

    def __init__(self, url: str, token: str | None = None, nobody: str = NO_API) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._nobody = nobody

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        query: Mapping[str, object] | None = None,
        timeout: float = 30.0,
    ) -> Any:
        """Return the JSON of an answer. Raises Refused where it is an error, Unusable where there is no API."""
        try:
            with self._open(method, path, body, query, timeout) as answer:
                return json.load(answer)
        except (ValueError, OSError, HTTPException):
            raise Unusable(f"{self.url} gives no answer that a control API would give") from None

    def events(self, kinds: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Open the event stream and yield (kind, data) until the server ends it. Raises as `call` does."""
        return _events(self._open("GET", "/v1/events", None, {"kinds": ",".join(kinds)}, None))

    def _open(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None,
        query: Mapping[str, object] | None,
        timeout: float | None,
    ) -> Any:
        given = {name: value for name, value in (query or {}).items() if value is not None}
        url = self.url + path + (f"?{urlencode(given)}" if given else "")
        if not url.startswith(("http://", "https://")):
            raise Unusable(f"--api {self.url}: must be http://HOST:PORT")
        data = json.dumps({k: v for k, v in body.items() if v is not None}).encode() if body is not None else None
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310  # http checked above
        try:
            return _DIRECT.open(request, timeout=timeout)
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error) from None
        except (OSError, HTTPException):
            raise Unusable(self._nobody.format(url=self.url)) from None
        except ValueError as error:
            raise Unusable(f"--api {self.url}: {error}") from None


def _events(answer: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    kind = ""
    with suppress(ValueError, OSError, HTTPException), answer:
        for line in answer:
            text = line.decode("utf-8", "replace").rstrip("\n")
            if text.startswith("event: "):
                kind = text[7:]
            elif text.startswith("data: "):
                yield kind, json.loads(text[6:])


def _refusal(error: urllib.error.HTTPError) -> Refused:
    try:
        message = json.load(error)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        return Unusable(f"no control API there: HTTP {error.code} {error.reason}")
    return Refused(message) if error.code == 404 else Unusable(message)


def canonical(aor: str) -> str:
    """Return an address of record as the API writes it. Raises Unusable where it is no URI."""
    try:
        return aor_of(parse_uri(aor))
    except SipError:
        raise Unusable(f"{aor}: is no URI like sip:alice@home1.test") from None


def aor_path(aor: str) -> str:
    """Return the path of one address of record."""
    return f"/v1/registrations/{quote(aor, safe='')}"


def printable(text: str) -> str:
    """Return text that came over the wire without what would move a terminal's cursor."""
    return _CONTROL.sub("\ufffd", text)
