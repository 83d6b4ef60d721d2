"""Which S-CSCF serves which IMS subscription, and which ones an I-CSCF may choose from (TS 29.228 §6.7)."""

import json
from typing import Any, NamedTuple

from hss_stub.store import Kind, Store
from scscf.cx import Capabilities, Restoration, RestoredContact

LONGEST_RESTORATION = 100_000
"""Characters of what is kept for an S-CSCF; more is not kept."""


class Server(NamedTuple):
    """An S-CSCF that is offered for a user who has none."""

    name: str
    """Its SIP URI."""
    capabilities: tuple[int, ...] = ()


class Serving(NamedTuple):
    """What is known of the S-CSCF of a subscription."""

    server_name: str
    host: str | None
    """Its Origin-Host, for what the HSS has to tell it."""
    pending: bool
    """It has asked for authentication vectors, and has registered nothing of the subscription yet."""
    before: tuple[str, str | None] | None = None
    """Name and Origin-Host of the S-CSCF that it takes the place of, until that is told (TS 29.228 §8.1.1)."""


class Servers:
    """The S-CSCFs of subscriptions, by the subscription's name; `store` has those that were known before."""

    def __init__(self, offered: tuple[Server, ...] = (), store: Store | None = None) -> None:
        self.offered = offered
        self._store = store
        self._serving: dict[str, Serving] = {}
        self._restoration: dict[str, Restoration] = {}
        if store is not None:
            for subscription, text in store.all(Kind.SERVER):
                serving = _serving(text)
                if serving is not None:
                    self._serving[subscription] = serving
            for private_identity, text in store.all(Kind.RESTORATION):
                kept = _restoration(text)
                if kept is not None:
                    self._restoration[private_identity] = kept

    def __len__(self) -> int:
        """Return how many subscriptions have an S-CSCF."""
        return len(self._serving)

    def find(self, subscription: str) -> Serving | None:
        """Return the S-CSCF of a subscription."""
        return self._serving.get(subscription)

    def all(self) -> dict[str, Serving]:
        """Return every subscription that has one."""
        return dict(self._serving)

    def keep(self, subscription: str, serving: Serving) -> None:
        """Store the S-CSCF of a subscription."""
        if self._serving.get(subscription) == serving:
            return
        self._serving[subscription] = serving
        if self._store is not None:
            self._store.put(Kind.SERVER, subscription, json.dumps(serving))

    def clear(self, subscription: str) -> None:
        """Forget the S-CSCF of a subscription."""
        if self._serving.pop(subscription, None) is not None and self._store is not None:
            self._store.put(Kind.SERVER, subscription, None)

    def capabilities(self) -> Capabilities:
        """Return what an I-CSCF is offered (TS 29.228 §6.7): the first one's capabilities are those that are needed."""
        mandatory = self.offered[0].capabilities if self.offered else ()
        return Capabilities(mandatory, (), tuple(server.name for server in self.offered))

    def restoration(self, private_identity: str) -> Restoration | None:
        """Return what an S-CSCF that lost its data is given back (TS 23.380)."""
        return self._restoration.get(private_identity)

    def keep_restoration(self, private_identity: str, kept: Restoration | None) -> None:
        """Store it, or forget it (None, or more than LONGEST_RESTORATION)."""
        text = None if kept is None else json.dumps(kept)
        if kept is None or text is None or len(text) > LONGEST_RESTORATION:
            if self._restoration.pop(private_identity, None) is None:
                return
            text = None
        else:
            self._restoration[private_identity] = kept
        if self._store is not None:
            self._store.put(Kind.RESTORATION, private_identity, text)


def _serving(text: str) -> Serving | None:
    """Read what `keep` wrote; None where it cannot be read."""
    try:
        name, host, pending, before = json.loads(text)
        return Serving(name, host, bool(pending), None if before is None else (before[0], before[1]))
    except (ValueError, TypeError, LookupError):
        return None


def _restoration(text: str) -> Restoration | None:
    """Read what `keep_restoration` wrote; None where it cannot be read."""
    try:
        private_identity, contacts, scheme = json.loads(text)
        rows = tuple(_contact(row) for row in contacts)
        return Restoration(private_identity, rows, scheme)
    except (ValueError, TypeError, LookupError):
        return None


def _contact(row: list[Any]) -> RestoredContact:
    values: list[Any] = [tuple(value) if isinstance(value, list) else value for value in row]
    return RestoredContact(*values)
