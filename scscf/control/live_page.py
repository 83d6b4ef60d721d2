"""The live page: the files that a browser is given at the API's root, without a token; what they show needs one."""

# mypy: allow-untyped-calls

from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from typing import NamedTuple

from twisted.web.server import Request

TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
"""Kind of file → media type."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types reginfo",
    )
)
"""Content-Security-Policy: nothing from elsewhere, nothing inline, and no text becomes markup but reginfo as XML."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
"""What every file is sent with; a browser asks each time whether it has changed."""


class PageFile(NamedTuple):
    """One file as it is sent."""

    type: str
    etag: str
    data: bytes


class LivePage:
    """Files by the paths that they are served at: `/` and `/page/NAME`. Nothing else is ever looked at."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._files: dict[str, PageFile] = {}
        for name, data in contents.items():
            etag = f'"{sha256(data).hexdigest()[:32]}"'
            path = "/" if name == "index.html" else f"/page/{name}"
            self._files[path] = PageFile(TYPES[name.rpartition(".")[2]], etag, data)

    def find(self, path: str) -> PageFile | None:
        """Return the file at a path, None where there is none."""
        return self._files.get(path)

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that has a file."""
        return tuple(self._files)


def shipped_page() -> LivePage:
    """Return the page that comes with this package."""
    folder = files("scscf.control").joinpath("page")
    return LivePage(
        {
            entry.name: entry.read_bytes()
            for entry in folder.iterdir()
            if entry.is_file() and entry.name.rpartition(".")[2] in TYPES
        }
    )


def send_file(request: Request, file: PageFile) -> None:
    """Answer a GET or HEAD with a file, or with 304 where the browser has it (RFC 9110 §13.1.2)."""
    for name, value in HEADERS.items():
        request.setHeader(name, value)
    if request.setETag(file.etag.encode()):
        request.finish()
        return
    request.setHeader("Content-Type", file.type)
    request.setHeader("Content-Length", str(len(file.data)))
    request.write(file.data)
    request.finish()
