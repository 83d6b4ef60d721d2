"""What the calls of the control API work on: one node, what is known of it, and whom a command means."""

from collections.abc import Awaitable, Callable

from scscf.control.bodies import BadRequest
from scscf.control.measures import Measures
from scscf.control.route import NotFound
from scscf.errors import SipError
from scscf.net.diameter import PeerView as Peer
from scscf.net.virtual_time import VirtualTime
from scscf.procedures.deregister import Report, Scope
from scscf.procedures.state import Node, NotRegisteredError
from scscf.rules.script import Script
from scscf.sip.uri import parse_uri
from scscf.sip.uri_comparison import aor_of


class Api:
    """The control API of one node. `version` and `commit` say what runs; `listeners()` tells the bound addresses."""

    def __init__(self, node: Node, version: str, commit: str | None, listeners: Callable[[], list[str]]) -> None:
        self.node = node
        self.version = version
        self.commit = commit
        self.listeners = listeners
        self.hss_peers: Callable[[], list[Peer] | None] = lambda: None
        """Tells the HSSs over Diameter; None: the HSS is embedded."""
        self.script: Script | None = None
        """Rules and quirks; None: nothing can be scripted."""
        self.measures: Measures | None = None
        """Reads the numbers of the node; None: there are none."""
        self.virtual_time: VirtualTime | None = None
        """What moves service time; None: it cannot be moved."""

    def aor(self, text: str) -> str:
        """Return the canonical address of record of a URI: a domain's alias stands for the domain.

        Raises BadRequest where it is none.
        """
        try:
            uri = parse_uri(text)
        except SipError:
            raise BadRequest("bad_aor", f"{text[:200]!r} is no URI like sip:alice@home1.test") from None
        domain = self.node.domain_of(uri.host) if uri.is_sip else None
        return aor_of(uri) if domain is None else self.node.aor_in(domain, uri)

    def scope(self, aor: str | None, impi: str | None, contact: str | None = None, *, everybody: bool = False) -> Scope:
        """Return whom a command means. Raises BadRequest where that is no URI."""
        if contact is not None:
            try:
                parse_uri(contact)
            except SipError:
                raise BadRequest("bad_contact", f"{contact[:200]!r} is no URI like sip:alice@192.0.2.1") from None
        return Scope(None if aor is None else self.aor(aor), impi, everybody, contact)


def nothing_bound(scope: Scope) -> NotFound:
    """Return the answer to a command about what is not registered."""
    contact = f" to {scope.contact}" if scope.contact else ""
    return NotFound("not_registered", f"{scope.aor or scope.private_identity} has no binding{contact}")


async def reported(done: Awaitable[Report], scope: Scope) -> Report:
    """Return what a command comes to; where everybody is meant and nobody is there, that is done too.

    Raises NotFound where somebody is meant who is not registered.
    """
    try:
        return await done
    except NotRegisteredError:
        if scope.everybody:
            return Report((), ())
        raise nothing_bound(scope) from None
