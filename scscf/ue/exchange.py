"""What a simulated UE sent for one purpose and what came of it; how its requests are made otherwise."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from scscf.sip.headers import KEYS
from scscf.sip.message import Request, Response
from scscf.ue.user_agent import Reply

Headers = Mapping[str, str | Sequence[str] | None]
"""Header name → value, values, or None for a header that is left out; they replace what the UE would have sent."""


class Exchange(NamedTuple):
    """One purpose and what became of it: requests as they were sent (challenged ones again), and their answers."""

    requests: list[Request]
    replies: list[Reply]

    @property
    def final(self) -> Reply:
        """The last answer, or why there is none."""
        return self.replies[-1]

    @property
    def status(self) -> int | None:
        """Status of the last answer, None where none came."""
        return self.final.status if isinstance(self.final, Response) else None


def edit(request: Request, headers: Headers) -> None:
    """Replace, add or remove headers of a request, as told by name."""
    for name, value in headers.items():
        if value is None:
            request.remove(KEYS[name])
            continue
        values = [value] if isinstance(value, str) else list(value)
        request.set(name, values[0] if values else "")
        for another in values[1:]:
            request.add(name, another)


def uri_of(value: str) -> str:
    """Return the URI of a header value, as it is written."""
    if "<" in value:
        return value.partition("<")[2].partition(">")[0]
    return value.partition(";")[0].strip()
