"""Capture files that a command reads, with a bar on a terminal where that takes a while."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

from rich.console import Console
from rich.progress import track, wrap_file

from scscf.capture.frames import NoCapture
from scscf.cli.client import Unusable

T = TypeVar("T")
_LARGE = 4_000_000
"""Octets of a file from which on there is a bar."""


@contextmanager
def capture_file(path: Path) -> Iterator[BinaryIO]:
    """Open a capture file. Raises Unusable where it cannot be read or is no capture."""
    console = Console(stderr=True)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            if console.is_terminal and size > _LARGE:
                with wrap_file(file, size, description="reading", console=console, transient=True) as watched:
                    yield watched
            else:
                yield file
    except OSError as error:
        raise Unusable(f"{path}: {error.strerror or error}") from None
    except NoCapture as error:
        raise Unusable(f"{path}: {error}") from None


def tracked(items: Sequence[T], what: str) -> Iterable[T]:
    """Return items that show a bar on a terminal while they are gone through."""
    console = Console(stderr=True)
    return track(items, description=what, console=console, transient=True) if console.is_terminal else items


def write_report(path: Path, data: bytes) -> None:
    """Write a report, its folder too. Raises Unusable where that cannot be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise Unusable(f"{path}: cannot be written: {error.strerror}") from None
