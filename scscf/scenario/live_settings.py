"""How scenarios are run on sockets: against which S-CSCF, and what there is to know of it."""

from typing import NamedTuple


class Live(NamedTuple):
    """How scenarios are run on sockets."""

    target: tuple[str, int] | None = None
    """Somebody else's S-CSCF; None: our own, in this process."""
    api: str | None = None
    """Control API of the target, where it is a `scscf run`."""
    hss_api: str | None = None
    """API of the hss-stub that the target asks."""
    domain: str | None = None
    """Home domain of the target."""
    listen: tuple[str, ...] = ()
    """Where our own S-CSCF listens, so that a real UE finds it."""
    longest_wait: float = 60.0
    """Seconds of real time that a step may wait where the target's clock cannot be moved."""
    dialect: str = "ims"
    """What the target is: `ims` or `rfc3261`."""
    think: float = 0.0
    """Seconds that simulated UEs take to answer a challenge of the target."""
    before: str | None = None
    """A command that is run before each scenario: it starts the target anew."""
    skip_after: float | None = None
    """With a UE under test: seconds of real time without a message after which time is skipped. None: it never is."""
