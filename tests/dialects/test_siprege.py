"""What Microsoft's registrar asks of a REGISTER and says in its 200 (MS-SIPREGE §2.2.1, MS-CONMGMT §2.2.1)."""

import pytest

from scscf.config import Siprege
from scscf.dialects.siprege import connection_id, keep_alive, presence_state
from scscf.registration.binding import Binding
from scscf.sip.message import make_request
from scscf.sip.outbox import Flow

TCP = Flow("tcp", ("127.0.0.1", 5060), ("127.0.0.9", 4237), 6)
UDP = Flow("udp", ("127.0.0.1", 5060), ("127.0.0.9", 4237))


@pytest.mark.clause("MS-CONMGMT §2.2.1")
@pytest.mark.parametrize(
    ("offer", "seconds"),
    [
        ("UAC;hop-hop=yes", 300),
        ("uac; tcp=no; hop-hop=YES; end-end=no", 300),
        ("UAC;hop-hop=no", None),
        ("UAC", None),
        ("UAC;tcp=yes", None),
        ("UAS;hop-hop=yes;timeout=300", None),
        ("UAC;hop-hop=yes;x=y", 300),
        ('UAC;hop-hop="', None),
        ("", None),
        (None, None),
    ],
)
def test_a_connection_is_kept_where_the_client_offers_hop_by_hop(offer: str | None, seconds: int | None) -> None:
    request = make_request("REGISTER", "sip:a.test", [] if offer is None else [("ms-keep-alive", offer)])

    assert keep_alive(request, TCP, Siprege()) == seconds


def test_nothing_is_kept_over_udp_or_where_it_is_switched_off() -> None:
    request = make_request("REGISTER", "sip:a.test", [("ms-keep-alive", "UAC;hop-hop=yes")])

    assert keep_alive(request, UDP, Siprege()) is None
    assert keep_alive(request, TCP, Siprege()._replace(keep_alive=0)) is None


@pytest.mark.clause("MS-SIPREGE §2.2.1.4")
@pytest.mark.parametrize(("refreshes", "action"), [(0, "added"), (1, "refreshed"), (9, "refreshed")])
def test_presence_state_says_whether_the_endpoint_is_new(refreshes: int, action: str) -> None:
    binding = Binding("sip:a@127.0.0.9", "alice", "call", 1, 0.0, 3600.0, 3600, refreshes)

    assert presence_state(binding, True) == f'register-action="{action}"'
    assert presence_state(binding, False) == (
        f'register-action="{action}";primary-cluster-type="central";is-connected-to-primary="yes"'
        ";user-services-state=unavailable"
    )


def test_a_connection_has_a_name_and_a_datagram_has_none() -> None:
    assert (connection_id(TCP), connection_id(UDP)) == ("600", None)
