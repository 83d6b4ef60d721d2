"""One contact address that a device has bound to its identities (RFC 3261 §10.2.1)."""

from typing import NamedTuple

from scscf.registration.instance import canonical_instance
from scscf.sip.grammar import MAX_DELTA
from scscf.sip.outbox import Flow
from scscf.sip.parameters import Parameters, parameter


class Binding(NamedTuple):
    """A contact address of one private identity; shared by every address of record that it is bound to."""

    uri: str
    """The contact URI as the UE wrote it."""
    private_identity: str
    call_id: str
    cseq: int
    """Call-ID and CSeq number of the last REGISTER that touched it."""
    registered_at: float
    """When it was first bound, seconds."""
    expires_at: float
    """When it ends, seconds; infinite where it never does (an expiry of 4294967295)."""
    granted: int
    """Seconds granted by the last REGISTER."""
    refreshes: int = 0
    q: str | None = None
    display_name: str | None = None
    params: Parameters = ()
    """Contact header parameters other than q and expires, as received."""
    path: tuple[str, ...] = ()
    """Path values as received, in order (RFC 3327)."""
    flow: Flow | None = None
    user_agent: str | None = None
    outbound: bool = False
    """Whether the reg-id was honoured (RFC 5626 §6): instance and reg-id name the binding then, not the URI."""
    emergency: bool = False
    """Whether this is for emergency calls only (`sos`, TS 24.229 §5.4.1.2)."""
    gruu: bool = False
    """Whether the last REGISTER was given a temporary GRUU (RFC 5627 §5.1)."""
    first_cseq: int = 0
    """CSeq number of the REGISTER that the oldest live temporary GRUU is of (RFC 5628 §5); 0 without."""
    endpoint: str = ""
    """The endpoint, `epid;instance`, where that names the binding and not the URI (MS-SIPREGE §3.1.2.5.1)."""

    @property
    def instance(self) -> str | None:
        """The `+sip.instance` value without quotes (RFC 5626 §4.1)."""
        return parameter(self.params, "+sip.instance")

    @property
    def reg_id(self) -> str | None:
        """The `reg-id` value (RFC 5626 §4.2)."""
        return parameter(self.params, "reg-id")

    @property
    def epid(self) -> str | None:
        """The endpoint id of Microsoft's clients, None where it has none (MS-SIPRE §3.2.3.1)."""
        return self.endpoint.partition(";")[0] or None

    @property
    def key(self) -> str:
        """What names it among those of its private identity, to watchers: URI or endpoint, and the flow if it has one.

        Two flows of one instance may have the same URI (RFC 5626 §6).
        """
        if not self.outbound:
            return self.endpoint or self.uri
        return f"{canonical_instance(self.instance or '')};reg-id={int(self.reg_id or 0)};{self.uri}"

    def remaining(self, now: float) -> int:
        """Return the seconds left at `now`, rounded up, never below 0; 4294967295 where it never ends."""
        left = self.expires_at - now
        if left >= MAX_DELTA:
            return MAX_DELTA
        return max(0, -int(-left // 1))
