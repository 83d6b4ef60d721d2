"""Which S-CSCF serves which IMS subscription, and which ones an I-CSCF may choose from (TS 29.228 §6.7)."""

from typing import NamedTuple

from scscf.cx import Capabilities, Restoration


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
    """It has asked for authentication vectors, and nothing of the subscription is registered yet."""


class Servers:
    """The S-CSCFs of subscriptions, by the subscription's name."""

    def __init__(self, offered: tuple[Server, ...] = ()) -> None:
        self.offered = offered
        self._serving: dict[str, Serving] = {}
        self._restoration: dict[str, Restoration] = {}

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
        self._serving[subscription] = serving

    def clear(self, subscription: str) -> None:
        """Forget the S-CSCF of a subscription."""
        self._serving.pop(subscription, None)

    def capabilities(self) -> Capabilities:
        """Return what an I-CSCF is offered (TS 29.228 §6.7): the first one's capabilities are those that are needed."""
        mandatory = self.offered[0].capabilities if self.offered else ()
        return Capabilities(mandatory, (), tuple(server.name for server in self.offered))

    def restoration(self, private_identity: str) -> Restoration | None:
        """Return what an S-CSCF that lost its data is given back (TS 23.380)."""
        return self._restoration.get(private_identity)

    def keep_restoration(self, private_identity: str, kept: Restoration | None) -> None:
        """Store it, or forget it."""
        if kept is None:
            self._restoration.pop(private_identity, None)
        else:
            self._restoration[private_identity] = kept
