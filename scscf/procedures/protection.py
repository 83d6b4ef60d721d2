"""What the P-CSCF says of how a REGISTER reached it: `integrity-protected` (TS 24.229 §7.2A.2, §5.4.1.1)."""

from typing import NamedTuple

from scscf.errors import SipError
from scscf.procedures.state import Node
from scscf.sip.credentials import Credentials
from scscf.sip.outbox import Flow


class Protection(NamedTuple):
    """What one value of `integrity-protected` means for the S-CSCF."""

    vouched: bool
    """The P-CSCF knows the sender from an earlier challenge: who is registered need not be challenged again."""
    by_digest: bool = False
    """The user is one of digest's: a response that comes nevertheless is verified."""
    done: bool = False
    """A trusted node has authenticated the user itself."""


UNPROTECTED = Protection(False)

PROTECTIONS: dict[str, Protection] = {
    "no": UNPROTECTED,
    "yes": Protection(True),
    "tls-yes": Protection(True, by_digest=True),
    "tls-pending": UNPROTECTED,
    "tls-connected": UNPROTECTED,
    "ip-assoc-yes": Protection(True, by_digest=True),
    "ip-assoc-pending": UNPROTECTED,
    "auth-done": Protection(True, done=True),
}
"""Value → what it means. Where there is none (Kamailio's P-CSCF writes none) a REGISTER counts as `no`."""


def protection_of(node: Node, flow: Flow, credentials: Credentials | None) -> Protection:
    """Return what is said of a REGISTER, believed of trusted peers only. Raises SipError(400) with `strict`."""
    value = credentials.params.get("integrity-protected") if credentials is not None else None
    if value is None:
        return UNPROTECTED
    if not node.is_trusted(flow):
        node.ignore("integrity-protected", flow)
        return UNPROTECTED
    known = PROTECTIONS.get(value.lower())
    if known is None and node.config.strict:
        raise SipError(400, "Unknown integrity-protected")
    return known or UNPROTECTED
