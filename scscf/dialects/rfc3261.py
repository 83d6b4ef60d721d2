"""A plain registrar: RFC 3261 §10 and the flows of RFC 3665 §2."""

from scscf.dialects.dialect import Dialect, Headers, Registered
from scscf.regevent.package import REG


def _decorate(registered: Registered) -> Headers:
    """Return Path as it came (RFC 3327 §5.3)."""
    return [("Path", value) for value in registered.path]


RFC3261 = Dialect("rfc3261", False, _decorate, REG)
