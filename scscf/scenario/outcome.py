"""How a step ends that does not end well."""

from collections.abc import Sequence

from scscf.errors import ScscfError


class Unmet(ScscfError):
    """An expectation was not met: one sentence, what was expected and what came, as lines."""

    def __init__(self, message: str, expected: Sequence[str] = (), came: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.expected = tuple(expected)
        self.came = tuple(came)


class NotRunnable(ScscfError):
    """The scenario cannot be run this way, or there is nobody to run it with."""
