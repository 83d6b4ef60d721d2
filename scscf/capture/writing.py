"""A capture that grows while a node runs: files of a bounded size, the oldest of which are given up."""

import logging
from pathlib import Path
from typing import BinaryIO, Final

from scscf.capture.pcapng import Writer
from scscf.capture.recording import Participant, Recorded
from scscf.errors import InputError, Problem

log = logging.getLogger("scscf")

MOST_CONNECTIONS: Final = 20_000
"""Streams in one file; their sequence numbers are remembered while it is written."""
_AT_ONCE: Final = 262_144
"""Octets that are written without being asked for it."""


class CaptureFile:
    """`path`, and beside it `NAME.1.pcapng` (the one before it) and so on: `files` in all, each of about `octets`.

    Every file can be opened on its own: in a new one, streams that go on begin with a handshake. What is told of waits
    until `flush`. Raises InputError where the file cannot be written.
    """

    def __init__(self, path: Path, octets: int, files: int, participants: tuple[Participant, ...] = ()) -> None:
        self.path = path
        self.lost = 0
        """Messages that could not be written."""
        self._octets = octets
        self._files = files
        self._participants = participants
        self._waiting: list[bytes] = []
        self._held = 0
        self._written = 0
        self._file: BinaryIO | None = None
        self._writer = Writer(interface="scscf")
        self._secrets: list[bytes] = []
        try:
            self._open()
        except OSError as error:
            raise InputError([Problem(str(path), 0, 0, f"cannot be written: {error.strerror}")]) from None

    def write(self, message: Recorded) -> None:
        """Take in a message; its time is in seconds since 1970."""
        if self._file is not None and (self._written >= self._octets or self._writer.connections >= MOST_CONNECTIONS):
            self._rotate()
        if self._file is None:
            self.lost += 1
            return
        self._add(self._writer.message(message))

    def secrets(self, line: bytes) -> None:
        """Take in a line of a TLS key log; those of connections that are open may be of use in the next file too."""
        self._secrets = [*self._secrets[-999:], line.rstrip(b"\n") + b"\n"]
        self._add(Writer.secrets(self._secrets[-1]))

    def flush(self) -> None:
        """Write what waits."""
        waiting, self._waiting, self._held = self._waiting, [], 0
        if self._file is None or not waiting:
            return
        try:
            self._file.write(b"".join(waiting))
            self._file.flush()
        except OSError as error:
            self._give_up(error)

    def close(self) -> None:
        """Close every stream, and the file."""
        if self._file is not None:
            self._add(self._writer.end())
            self.flush()
        if self._file is not None:
            self._file.close()
            self._file = None

    def older(self, number: int) -> Path:
        """Return the name of the file that was written `number` files before this one."""
        return self.path.with_name(f"{self.path.stem}.{number}{self.path.suffix}")

    def _add(self, data: bytes) -> None:
        self._waiting.append(data)
        self._held += len(data)
        self._written += len(data)
        if self._held > _AT_ONCE:
            self.flush()

    def _open(self) -> None:
        self._file = self.path.open("wb")
        self._writer = Writer(interface="scscf")
        self._written = 0
        self._add(self._writer.head(self._participants))
        if self._secrets:
            self._add(Writer.secrets(b"".join(self._secrets)))
        self.flush()

    def _rotate(self) -> None:
        self.close()
        try:
            for number in range(self._files - 2, 0, -1):
                if self.older(number).exists():
                    self.older(number).replace(self.older(number + 1))
            if self._files > 1:
                self.path.replace(self.older(1))
            self._open()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        log.error("the capture ends here: %s: %s", self.path, error.strerror)
        if self._file is not None:
            try:
                self._file.close()
            except OSError:
                log.debug("and cannot be closed")
        self._file = None
