"""A dialog as its server sees it (RFC 3261 §12)."""

import pytest

from scscf.errors import SipError
from scscf.sip.dialog import Dialog
from scscf.sip.message import Request
from scscf.sip.outbox import Flow
from scscf.sip.parser import parse_message

pytestmark = pytest.mark.clause("RFC 3261 §12")

UDP = Flow("udp", ("192.0.2.1", 5060), ("192.0.2.9", 5070))
TCP = Flow("tcp", ("192.0.2.1", 5060), ("192.0.2.9", 40000), 7)


def subscribe(*more: str, contact: str | None = "<sip:ue@192.0.2.9:5070;transport=tcp>", cseq: int = 5) -> Request:
    lines = [
        "SUBSCRIBE sip:tobias@home1.test SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bK1",
        'From: "T" <sip:tobias@home1.test>;tag=theirs;x=y',
        "To: <sip:tobias@home1.test>",
        "Call-ID: c@ue",
        f"CSeq: {cseq} SUBSCRIBE",
        *([f"Contact: {contact}"] if contact is not None else []),
        *more,
    ]
    message = parse_message("\r\n".join([*lines, "", ""]).encode())
    assert isinstance(message, Request)
    return message


def dialog(*more: str, flow: Flow = UDP) -> Dialog:
    return Dialog(subscribe(*more), "ours", "<sip:192.0.2.1>", flow)


def test_its_id_is_call_id_and_both_tags() -> None:
    assert dialog().id == ("c@ue", "ours", "theirs")


def test_a_request_of_ours_has_the_ends_swapped() -> None:
    request = dialog().request("NOTIFY")

    assert request.uri_text == "sip:ue@192.0.2.9:5070;transport=tcp"
    assert request.get("from") == "<sip:tobias@home1.test>;tag=ours"
    assert request.get("to") == '"T" <sip:tobias@home1.test>;tag=theirs;x=y'
    assert request.get("call-id") == "c@ue"
    assert request.get("contact") == "<sip:192.0.2.1>"


@pytest.mark.parametrize("route", ["<tel:+1;lr>", "<sip:p1.test;lr>, <mailto:a@b>", "<", "<sip:[::g];lr>"])
def test_a_record_route_that_nothing_can_follow_begins_no_dialog(route: str) -> None:
    with pytest.raises(SipError) as refusal:
        dialog(f"Record-Route: {route}")
    assert refusal.value.status == 400


def test_a_dialog_with_a_target_of_its_own_has_no_route_set() -> None:
    known = Dialog(subscribe("Record-Route: <sip:p1.test;lr>"), "ours", "<sip:192.0.2.1>", UDP, "sip:ue@192.0.2.8")

    assert known.route_set == ()
    assert known.next_hop(known.request("NOTIFY")).host == "192.0.2.8"


def test_the_route_set_is_the_record_route_as_it_stands() -> None:
    known = dialog("Record-Route: <sip:p1.test;lr>, <sip:p2.test;lr>", "Record-Route: <sip:p3.test;lr>")
    request = known.request("NOTIFY")
    hop = known.next_hop(request)

    assert known.route_set == ("<sip:p1.test;lr>", "<sip:p2.test;lr>", "<sip:p3.test;lr>")
    assert request.values("route") == ["<sip:p1.test;lr>", "<sip:p2.test;lr>", "<sip:p3.test;lr>"]
    assert hop.host == "p1.test"
    assert request.uri_text == "sip:ue@192.0.2.9:5070;transport=tcp"


def test_a_strict_router_comes_into_the_request_uri() -> None:
    known = dialog("Record-Route: <sip:p1.test>")
    request = known.request("NOTIFY")
    hop = known.next_hop(request)

    assert (hop.host, request.uri_text) == ("p1.test", "sip:p1.test")
    assert request.values("route") == ["<sip:ue@192.0.2.9:5070;transport=tcp>"]


def test_without_a_route_it_goes_to_the_target_and_back_along_a_stream() -> None:
    datagrams, stream = dialog(), dialog(flow=TCP)
    hop = datagrams.next_hop(datagrams.request("NOTIFY"))
    back = stream.next_hop(stream.request("NOTIFY"))

    assert (hop.host, hop.port, hop.transport, hop.flow) == ("192.0.2.9", 5070, "tcp", None)
    assert back.flow == TCP


def test_with_a_route_it_does_not_go_back_along_the_stream() -> None:
    known = dialog("Record-Route: <sip:p1.test;lr>", flow=TCP)

    assert known.next_hop(known.request("NOTIFY")).flow is None


def test_a_refresh_moves_cseq_target_and_flow_and_no_route() -> None:
    known = dialog("Record-Route: <sip:p1.test;lr>")
    known.receive(subscribe("Record-Route: <sip:p2.test;lr>", contact="<sip:new@192.0.2.8>", cseq=6), TCP)

    assert (known.remote_cseq, known.remote_target, known.flow) == (6, "sip:new@192.0.2.8", TCP)
    assert known.route_set == ("<sip:p1.test;lr>",)


def test_a_refresh_without_a_contact_keeps_the_target() -> None:
    known = dialog()
    known.receive(subscribe(contact=None, cseq=6), UDP)

    assert known.remote_target == "sip:ue@192.0.2.9:5070;transport=tcp"


def test_a_lower_cseq_is_refused_and_changes_nothing() -> None:
    known = dialog()
    with pytest.raises(SipError) as refused:
        known.receive(subscribe(contact="<sip:new@192.0.2.8>", cseq=4), TCP)

    assert refused.value.status == 500
    assert (known.remote_cseq, known.flow) == (5, UDP)


@pytest.mark.parametrize(
    "contact", [None, "*", "<sip:a@192.0.2.9>, <sip:b@192.0.2.9>", "<mailto:a@b.test>", "<tel:+1>"]
)
def test_the_peer_has_to_give_one_sip_address(contact: str | None) -> None:
    with pytest.raises(SipError) as refused:
        Dialog(subscribe(contact=contact), "ours", "<sip:192.0.2.1>", UDP)

    assert refused.value.status == 400
