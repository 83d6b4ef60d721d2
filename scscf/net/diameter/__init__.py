"""Diameter on connections: a node, its peers, and requests that wait for their answers (RFC 6733 §2, §5, §6)."""

from scscf.net.diameter.node import DiameterNode, Serve
from scscf.net.diameter.peer_table import PeerView
from scscf.net.diameter.pending import Remote, Unanswered, Unreachable, Unreadable

__all__ = ["DiameterNode", "PeerView", "Remote", "Serve", "Unanswered", "Unreachable", "Unreadable"]
