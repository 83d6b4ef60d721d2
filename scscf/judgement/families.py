"""Identities that belong together: those of an implicit registration set, as P-Associated-URI names them."""

from scscf.capture.recording import Address

Member = tuple[Address, str]
"""A network and an identity."""


class Families:
    """Sets of identities at one network each; `network` is the address of its S-CSCF."""

    def __init__(self) -> None:
        self._parents: dict[Member, Member] = {}

    def join(self, network: Address, first: str, second: str) -> None:
        """Have two identities belong together."""
        one, other = self._top((network, first)), self._top((network, second))
        if one != other:
            self._parents[other] = one

    def of(self, network: Address, identity: str) -> Member:
        """Return what stands for all that belong together with an identity: the network, and the first of them."""
        return self._top((network, identity))

    def _top(self, item: Member) -> Member:
        above = self._parents.get(item, item)
        while above != item:
            # Halve the way for the next time.
            self._parents[item] = self._parents.get(above, above)
            item, above = above, self._parents.get(above, above)
        return item
