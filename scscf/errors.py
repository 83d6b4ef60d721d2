"""Errors that carry what the other side should get: a SIP answer, or lines about a file."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class ScscfError(Exception):
    """Root of every error that this package raises on purpose."""


class SipError(ScscfError):
    """A request that is not served, with the answer its sender gets.

    `status` is the SIP status code, `reason` its phrase (None: the standard one), `headers` go into the
    answer as (name, value) pairs. One place turns it into a response (procedures.transaction_user).
    """

    def __init__(self, status: int, reason: str | None = None, headers: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(status, reason, tuple(headers))
        self.status = status
        self.reason = reason
        self.headers = tuple(headers)

    def __str__(self) -> str:
        return f"{self.status} {self.reason or ''}".rstrip()


class Problem(NamedTuple):
    """One thing wrong in a user's file; line and column count from 1, 0 means the whole file."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message}"


class InputError(ScscfError):
    """A user's file or option that cannot be used: every problem in it, each with its place and what is allowed."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
