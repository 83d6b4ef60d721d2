"""What a report may show: text without what proves who somebody is."""

import re
from collections.abc import Iterable

from scscf.scenario.parties import printable
from scscf.trace import without_secrets

_SECRET = re.compile(r"pass|secret|token|ha1|nt_hash|(^|[_-])(k|op|opc|topc?|ck|ik|xres|res)$", re.IGNORECASE)


def masked(text: str) -> str:
    """Return one line of text as a report shows it: printable, proofs of identity left out."""
    return printable(without_secrets(text))


def masked_lines(lines: Iterable[str]) -> list[str]:
    """Return lines as a report shows them; one with line ends in it becomes several."""
    return [masked(part) for line in lines for part in (line.splitlines() or [""])]


def masked_parameters(parameters: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return parameters of a scenario; a value whose name speaks of a secret is left out."""
    return [(masked(name), "..." if _SECRET.search(name) else masked(value)) for name, value in parameters]
