"""What a network owes a UE or watcher by when."""

from collections.abc import Hashable
from typing import NamedTuple

from scscf.conformance.network.watching import Dialog
from scscf.conformance.recent import Recent
from scscf.sip.uri import Uri

_MOST = 512
Subject = tuple[Hashable, ...]
"""What is owed; first whom: a request's key, or a subscription's key and the notifier's tag."""


class Debt(NamedTuple):
    """Something that has to come by a time, in seconds, and what is found if it does not."""

    by: float
    check: str
    message: str
    dialog: Dialog | None = None
    """The dialog that it is to come in."""
    contact: Uri | None = None
    """The contact whose change is to be told."""
    active: bool = False
    """Whether that contact is to be told as active."""
    at_end: bool = False
    """Whether it is due only when a subscription runs out."""


class Owed:
    """Everything that is owed. Each is found once and then forgotten."""

    def __init__(self) -> None:
        self._debts: Recent[Subject, Debt] = Recent(_MOST)

    def owe(self, subject: Subject, debt: Debt) -> None:
        """Lay a debt upon the network, in place of one of the same subject."""
        self._debts[subject] = debt

    def settle(self, *subject: Hashable) -> None:
        """Take away every debt whose subject begins so."""
        size = len(subject)
        for each in [each for each in self._debts if each[:size] == subject]:
            del self._debts[each]

    def forget(self, check: str | None = None) -> None:
        """Take away every debt, or every one that a check is about."""
        for each in [each for each, debt in self._debts.items() if check in (None, debt.check)]:
            del self._debts[each]

    def changes(self, dialog: Dialog) -> list[tuple[Subject, Debt]]:
        """Return the changes of contacts that are to be told in a dialog."""
        return [
            (subject, debt)
            for subject, debt in self._debts.items()
            if debt.dialog is dialog and debt.contact is not None
        ]

    def overdue(self, by: float) -> list[Debt]:
        """Return what was due by then, in order, and forget it; what the watcher itself holds up is only forgotten."""
        late = [(subject, debt) for subject, debt in self._debts.items() if debt.by <= by]
        for subject, _ in late:
            del self._debts[subject]
        mine = [debt for _, debt in late if debt.dialog is None or (debt.dialog.live and not debt.dialog.waits)]
        return sorted(mine, key=lambda debt: debt.by)

    def due(self) -> float | None:
        """Return when the last debt is due, but those of subscriptions that run out; None where there is none."""
        return max((debt.by for debt in self._debts.values() if not debt.at_end), default=None)
