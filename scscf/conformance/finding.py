"""A finding: something that was sent and should not have been, or was not and should have been."""

from typing import NamedTuple

Found = tuple[str, str]
"""Name of a check, and what was seen, in one sentence."""


class Finding(NamedTuple):
    """One breach of a rule that was seen on the wire."""

    check: str
    """Name of the rule, as scenarios and reports name it: `version-gap`."""
    clause: str
    """Where the rule stands: `RFC 3680 §5.1`."""
    message: str
    """What was seen and what was due, in one sentence."""
    at: float
    """When, seconds on the clock of whoever looked."""
