"""Who a Diameter node is, as it tells its peers (RFC 6733 §5.3.1)."""

from typing import NamedTuple

from scscf.diameter.dictionary import CX, TGPP


class Identity(NamedTuple):
    """Origin-Host and Origin-Realm, and what else a capabilities exchange says."""

    host: str
    realm: str
    addresses: tuple[str, ...] = ("127.0.0.1",)
    product: str = "scscf-simulator"
    vendor: int = 0
    applications: tuple[tuple[int, int], ...] = ((TGPP, CX),)
    """(Vendor-Id, Auth-Application-Id)."""
    origin_state_id: int = 1

    def origin(self) -> list[tuple[str, str]]:
        """Return the AVPs that every message begins with behind its Session-Id."""
        return [("Origin-Host", self.host), ("Origin-Realm", self.realm)]
