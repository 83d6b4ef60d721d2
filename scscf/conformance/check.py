"""A rule that networks or UEs are held to."""

from typing import NamedTuple


class Check(NamedTuple):
    """One rule."""

    clause: str
    """Where it stands: `RFC 3680 §5.1`."""
    sentence: str
    """What is wrong with whoever breaks it."""
    ims: bool = False
    """Whether it holds in IMS only."""
    asked_for: bool = False
    """Whether it is judged only where it is asked for: there may be good reasons to break it."""
    from_memory: bool = False
    """Whether the wording of the clause was not at hand."""
