"""A client that writes no branch: its responses are matched by the fields that RFC 2543 compares."""

import pytest

from scscf.sip.invite_transaction import InviteClientInput
from scscf.sip.matching import old_client_key
from scscf.sip.message import Request, make_request
from scscf.sip.parser import parse_message
from tests.sip.layer import SENT_BY, TCP, UDP, Bench, Sender, a_request

pytestmark = pytest.mark.clause("RFC 2543 §3.1")


def old_request(method: str = "REGISTER", cseq: int = 1) -> Request:
    headers = [(name, value) for name, value in a_request(method, cseq=cseq).headers if name != "Via"]
    return make_request(method, "sip:home1.test", headers)


def response(via: str, method: str = "REGISTER", *, cseq: int = 1, tag: str = "f1", call_id: str = "c1") -> bytes:
    return (
        f"SIP/2.0 200 OK\r\nVia: {via}\r\nFrom: <sip:bob@home1.test>;tag={tag}\r\nTo: <sip:bob@home1.test>;tag=t1\r\n"
        f"Call-ID: {call_id}\r\nCSeq: {cseq} {method}\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def bench_without_branches() -> Bench:
    bench = Bench()
    bench.layer.clients.branches = False
    return bench


def test_the_via_has_no_branch_and_the_answer_finds_its_request() -> None:
    bench, sender = bench_without_branches(), Sender()

    bench.layer.start(old_request(), TCP, SENT_BY, sender)
    (sent,) = bench.sent()
    bench.receive(response("SIP/2.0/TCP 192.0.2.1:5060;received=192.0.2.1;ms-received-port=41000"), TCP)

    assert parse_message(sent).get("via") == "SIP/2.0/TCP 192.0.2.1:5060"
    assert sender.heard == [(0.0, 200)]
    assert len(bench.layer) == 0


@pytest.mark.parametrize("fields", [{"cseq": 2}, {"tag": "f2"}, {"call_id": "c2"}, {"method": "OPTIONS"}])
def test_an_answer_to_something_else_is_a_stray(fields: dict[str, object]) -> None:
    bench, sender = bench_without_branches(), Sender()
    bench.layer.start(old_request(), TCP, SENT_BY, sender)

    bench.receive(response("SIP/2.0/TCP 192.0.2.1:5060", **fields), TCP)  # type: ignore[arg-type]

    assert sender.heard == []
    assert bench.layer.counters["stray responses"] == 1


def test_it_is_sent_again_over_udp_as_it_was() -> None:
    bench, sender = bench_without_branches(), Sender()
    bench.layer.start(old_request(), UDP, SENT_BY, sender)
    first = bench.sent()

    again = bench.to(1.0)

    assert [data for _, data in again] == first
    bench.receive(response("SIP/2.0/UDP 192.0.2.1:5060"))
    assert sender.heard == [(1.0, 200)]


def test_an_invite_and_its_cancel_are_told_apart() -> None:
    bench, sender = bench_without_branches(), Sender()
    invite = bench.layer.start(old_request("INVITE"), TCP, SENT_BY, sender)
    bench.receive(response("SIP/2.0/TCP 192.0.2.1:5060", "INVITE").replace(b"200 OK", b"180 Ringing"), TCP)
    assert invite is not None
    invite.take(InviteClientInput.CANCEL)
    bench.receive(response("SIP/2.0/TCP 192.0.2.1:5060", "CANCEL"), TCP)

    sent = [parse_message(data) for data in bench.sent()]
    assert [each.get("cseq") for each in sent] == ["1 INVITE", "1 CANCEL"]
    assert {each.get("via") for each in sent} == {"SIP/2.0/TCP 192.0.2.1:5060"}
    assert sender.heard == [(0.0, 180)]


def test_a_from_that_cannot_be_read_is_compared_as_it_is() -> None:
    written = "<sip:bob@home1.test"
    request = old_request()
    request.set("From", written)
    answer = parse_message(
        response("SIP/2.0/TCP 192.0.2.1:5060").replace(b"<sip:bob@home1.test>;tag=f1", written.encode())
    )

    assert old_client_key(request) == old_client_key(answer) == f"c1 {written} 1 REGISTER"
