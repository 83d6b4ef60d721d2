"""The INVITE transactions: their tables, and the layer going through them with a clock in the hand."""

import pytest

from scscf.sip.invite_transaction import (
    INVITE_CLIENT,
    INVITE_SERVER,
    InviteClientInput,
    InviteClientState,
    InviteServerInput,
    InviteServerState,
)
from scscf.sip.message import Request, make_request
from scscf.sip.outbox import Flow
from scscf.sip.transaction import TimerValues
from tests.sip.layer import SENT_BY, TCP, UDP, Bench, Sender, a_request, request_bytes

TCP_VIA = "SIP/2.0/TCP 192.0.2.9:5070"


def invite(proxied: bool = False) -> Request:
    request = a_request("INVITE", branch="z9hG4bKbelow")
    if not proxied:
        request.remove("via")
    request.add("Route", "<sip:next.example;lr>")
    return request


def answer_to(sent: bytes, status: int, tag: str = "t9") -> bytes:
    lines = sent.decode().partition("\r\n\r\n")[0].split("\r\n")[1:]
    kept = [line for line in lines if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
    kept = [f"{line};tag={tag}" if line.startswith("To:") and ";tag=" not in line else line for line in kept]
    return "\r\n".join([f"SIP/2.0 {status} X", *kept, "Content-Length: 0", "", ""]).encode()


def methods(sent: list[bytes]) -> list[str]:
    return [data.split(b" ", 1)[0].decode() for data in sent]


@pytest.mark.clause("RFC 3261 §17.2.1", "RFC 3261 §17.1.1", "RFC 6026 §7")
def test_the_tables_are_total() -> None:
    assert {(state, event) for state, row in INVITE_SERVER.items() for event in row} == {
        (state, event) for state in InviteServerState for event in InviteServerInput
    }
    assert {(state, event) for state, row in INVITE_CLIENT.items() for event in row} == {
        (state, event) for state in InviteClientState for event in InviteClientInput
    }


def test_nothing_happens_in_a_terminated_transaction() -> None:
    server, client = InviteServerState.TERMINATED, InviteClientState.TERMINATED
    assert set(INVITE_SERVER[server].values()) == {(server, ())}
    assert set(INVITE_CLIENT[client].values()) == {(client, ())}


def test_each_way_out_of_a_state_is_one_of_rfc_6026() -> None:
    ways = {
        (state.value, following.value): event
        for table in (INVITE_SERVER, INVITE_CLIENT)
        for state, row in table.items()
        for event, (following, _) in row.items()
        if following is not state
    }
    assert set(ways) == {
        ("Calling", "Proceeding"),
        ("Calling", "Accepted"),
        ("Calling", "Completed"),
        ("Calling", "Terminated"),
        ("Proceeding", "Accepted"),
        ("Proceeding", "Completed"),
        ("Proceeding", "Terminated"),
        ("Accepted", "Terminated"),
        ("Completed", "Confirmed"),
        ("Completed", "Terminated"),
        ("Confirmed", "Terminated"),
    }


class TestServer:
    """The server side (RFC 3261 §17.2.1)."""

    def test_a_100_goes_out_after_200_ms(self) -> None:
        bench = Bench()
        bench.receive(request_bytes("INVITE"))
        assert [(when, data.split()[1]) for when, data in bench.to(1.0)] == [(0.2, b"100")]

    def test_a_retransmission_gets_the_last_answer(self) -> None:
        bench = Bench()
        bench.receive(request_bytes("INVITE"))
        bench.user.calls[0].answer(bench.user.calls[0].request.response(180, to_tag="t1"))
        bench.receive(request_bytes("INVITE"))
        assert bench.statuses() == [180, 180]
        assert len(bench.user.calls) == 1

    def test_a_refusal_is_repeated_until_it_is_acknowledged(self) -> None:
        bench = Bench()
        bench.user.answer = 486
        bench.receive(request_bytes("INVITE"))
        assert bench.statuses() == [486]
        assert [when for when, _ in bench.to(12.0)] == [0.5, 1.5, 3.5, 7.5, 11.5]

        bench.receive(request_bytes("ACK"))

        assert bench.to(16.9) == []
        assert len(bench.layer) == 1
        bench.to(17.1)
        assert len(bench.layer) == 0
        assert bench.user.acks == []

    def test_it_is_given_up_after_64_t1(self) -> None:
        bench = Bench()
        bench.user.answer = 486
        bench.receive(request_bytes("INVITE"))
        bench.to(32.1)
        assert (len(bench.layer), len(bench.deadlines)) == (0, 0)

    def test_over_a_stream_nothing_is_repeated(self) -> None:
        bench = Bench()
        bench.user.answer = 486
        bench.receive(request_bytes("INVITE", via=TCP_VIA), TCP)
        bench.sent()
        assert bench.to(31.0) == []
        bench.receive(request_bytes("ACK", via=TCP_VIA), TCP)
        bench.to(31.1)
        assert len(bench.layer) == 0

    @pytest.mark.clause("RFC 6026 §7", "RFC 6026 §8.5")
    def test_every_2xx_is_passed_and_retransmissions_of_the_invite_are_absorbed(self) -> None:
        bench = Bench()
        bench.receive(request_bytes("INVITE"))
        call = bench.user.calls[0]
        call.answer(call.request.response(200, to_tag="a"))
        call.answer(call.request.response(200, to_tag="b"))
        bench.receive(request_bytes("INVITE"))
        assert bench.statuses() == [200, 200]
        bench.to(32.1)
        assert len(bench.layer) == 0
        call.answer(call.request.response(200, to_tag="c"))
        assert bench.statuses() == []

    def test_anything_else_after_the_final_answer_is_a_mistake(self) -> None:
        bench = Bench()
        bench.user.answer = 200
        bench.receive(request_bytes("INVITE"))
        call = bench.user.calls[0]
        for status in (180, 486):
            with pytest.raises(RuntimeError):
                call.answer(call.request.response(status))

    def test_the_ack_of_a_2xx_reaches_the_user(self) -> None:
        bench = Bench()
        bench.user.answer = 200
        bench.receive(request_bytes("INVITE"))
        bench.receive(request_bytes("ACK", branch="z9hG4bKack", to_tag="t1"))
        assert [request.method for request in bench.user.acks] == ["ACK"]

    @pytest.mark.clause("RFC 3261 §17.2.3")
    def test_an_ack_of_rfc_2543_is_found_without_a_branch(self) -> None:
        bench = Bench()
        bench.user.answer = 486
        bench.receive(request_bytes("INVITE", branch="old"))
        bench.receive(request_bytes("ACK", branch="old", to_tag="t1"))
        bench.sent()
        assert bench.to(4.9) == []
        bench.to(5.1)
        assert len(bench.layer) == 0

    @pytest.mark.clause("RFC 3261 §9.2")
    def test_a_cancel_is_answered_and_the_invite_too(self) -> None:
        bench = Bench()
        bench.receive(request_bytes("INVITE"))
        bench.receive(request_bytes("CANCEL"))
        assert bench.statuses() == [200, 487]

    @pytest.mark.clause("RFC 3261 §9.2")
    def test_who_wants_to_hear_of_the_cancel_answers(self) -> None:
        bench = Bench()
        bench.receive(request_bytes("INVITE"))
        heard: list[str] = []
        bench.user.calls[0].on_cancel = lambda: heard.append("cancelled")
        bench.receive(request_bytes("CANCEL"))
        assert bench.statuses() == [200]
        assert heard == ["cancelled"]

    def test_a_cancel_after_the_answer_changes_nothing(self) -> None:
        bench = Bench()
        bench.user.answer = 200
        bench.receive(request_bytes("INVITE"))
        bench.receive(request_bytes("CANCEL"))
        assert bench.statuses() == [200, 200]

    @pytest.mark.clause("RFC 3261 §9.2")
    def test_a_cancel_of_rfc_2543_finds_its_invite_without_a_branch(self) -> None:
        bench = Bench()
        bench.receive(request_bytes("INVITE", branch="old"))
        bench.receive(request_bytes("CANCEL", branch="old", cseq=2))
        assert bench.statuses() == [481]
        bench.receive(request_bytes("CANCEL", branch="old"))
        assert bench.statuses() == [200, 487]

    @pytest.mark.clause("RFC 3261 §17.2.3")
    def test_a_2xx_of_rfc_2543_is_acknowledged_under_the_same_via(self) -> None:
        bench = Bench()
        bench.user.answer = 200
        bench.receive(request_bytes("INVITE", branch="old"))
        bench.receive(request_bytes("ACK", branch="old", to_tag="t1"))
        assert [request.method for request in bench.user.acks] == ["ACK"]

    def test_an_ack_before_the_answer_and_one_too_many_change_nothing(self) -> None:
        bench = Bench()
        bench.receive(request_bytes("INVITE"))
        bench.receive(request_bytes("ACK"))
        call = bench.user.calls[0]
        call.answer(call.request.response(486, to_tag="t1"))
        bench.receive(request_bytes("ACK"))
        bench.receive(request_bytes("ACK"))
        bench.receive(request_bytes("INVITE"))
        assert bench.statuses() == [486]
        assert bench.user.acks == []

    def test_an_ack_whose_via_cannot_be_read_gets_no_answer(self) -> None:
        bench = Bench()
        bench.user.answer = 400
        bench.receive(request_bytes("ACK", via="SIP/2.0/UDP 192.0.2.15;;,;,,"))
        assert bench.sent() == []
        assert (bench.user.calls, bench.user.acks) == ([], [])
        assert bench.layer.counters["malformed ACKs"] == 1

    def test_too_many_invites_get_503_once_and_leave_nothing(self) -> None:
        bench = Bench()
        bench.layer.servers._max_invites = 2
        for number in range(4):
            bench.receive(request_bytes("INVITE", branch=f"z9hG4bK{number}", call_id=f"c{number}"))
        assert bench.statuses() == [503, 503]
        assert len(bench.user.calls) == len(bench.layer) == 2
        assert [data.split()[1] for _, data in bench.to(31.0)] == [b"100", b"100"]
        bench.receive(request_bytes(branch="z9hG4bKr", call_id="r"))
        assert len(bench.user.calls) == 3

    @pytest.mark.parametrize("status", [180, 486])
    def test_a_transport_error_ends_it(self, status: int) -> None:
        bench = Bench()
        bench.user.answer = status
        bench.receive(request_bytes("INVITE"))
        (transaction,) = bench.layer.servers._invites.values()
        transaction.take(InviteServerInput.TRANSPORT_ERROR)
        assert (len(bench.layer), len(bench.deadlines)) == (0, 0)

    def test_the_same_invite_by_another_way_is_merged(self) -> None:
        bench = Bench()
        bench.receive(request_bytes("INVITE"))
        bench.receive(request_bytes("INVITE", branch="z9hG4bKother"))
        assert bench.statuses() == [482]

    def test_a_node_that_stops_refuses(self) -> None:
        bench = Bench()
        bench.receive(request_bytes("INVITE"))
        bench.layer.shutdown()
        bench.receive(request_bytes("INVITE", branch="z9hG4bKnext", call_id="c2"))
        assert bench.statuses() == [503, 503]
        bench.layer.clear()
        assert len(bench.deadlines) == 0


class TestClient:
    """The client side (RFC 3261 §17.1.1)."""

    def started(self, flow: Flow = UDP, proxied: bool = False) -> tuple[Bench, Sender, bytes]:
        bench, user = Bench(), Sender()
        bench.layer.start(invite(proxied), flow, SENT_BY, user)
        (sent,) = bench.sent()
        return bench, user, sent

    def test_it_is_sent_at_doubling_intervals_and_given_up_after_64_t1(self) -> None:
        bench, user, sent = self.started()
        again = bench.to(40.0)
        assert [when for when, data in again if data == sent] == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
        assert user.heard == [(32.0, "timeout")]
        assert (len(bench.layer), len(bench.deadlines)) == (0, 0)

    def test_over_a_stream_it_is_sent_once(self) -> None:
        bench, _, _ = self.started(TCP)
        assert bench.to(31.0) == []

    def test_ringing_has_no_end_here(self) -> None:
        bench, user, sent = self.started()
        bench.receive(answer_to(sent, 180))
        assert bench.to(600.0) == []
        assert user.heard == [(0.0, 180)]

    def test_a_refusal_is_acknowledged_every_time_and_told_once(self) -> None:
        bench, user, sent = self.started()
        bench.receive(answer_to(sent, 486))
        bench.receive(answer_to(sent, 486))
        first, second = bench.sent()
        assert first == second
        text = first.decode()
        assert text.startswith("ACK sip:home1.test SIP/2.0\r\n")
        assert text.split("\r\n")[1] == sent.decode().split("\r\n")[1]
        assert "Route: <sip:next.example;lr>" in text
        assert "To: <sip:bob@home1.test>;tag=t9" in text
        assert "CSeq: 1 ACK" in text
        assert user.heard == [(0.0, 486)]
        bench.to(32.1)
        assert len(bench.layer) == 0

    @pytest.mark.clause("RFC 6026 §7")
    def test_every_2xx_is_told_for_64_t1(self) -> None:
        bench, user, sent = self.started()
        bench.receive(answer_to(sent, 200, "a"))
        bench.to(1.0)
        bench.receive(answer_to(sent, 200, "b"))
        bench.receive(answer_to(sent, 486))
        assert [status for _, status in user.heard] == [200, 200]
        assert bench.sent() == []
        bench.to(32.1)
        assert len(bench.layer) == 0

    @pytest.mark.clause("RFC 3261 §9.1")
    def test_a_cancel_waits_for_the_first_provisional_answer(self) -> None:
        bench, user, sent = self.started()
        (transaction,) = bench.layer.clients._invites.values()
        transaction.take(InviteClientInput.CANCEL)
        assert bench.sent() == []

        bench.receive(answer_to(sent, 100))

        (cancel,) = bench.sent()
        text = cancel.decode()
        assert text.startswith("CANCEL sip:home1.test SIP/2.0\r\n")
        assert text.split("\r\n")[1] == sent.decode().split("\r\n")[1]
        assert "CSeq: 1 CANCEL" in text
        bench.receive(answer_to(cancel, 200))
        bench.receive(answer_to(sent, 487))
        assert methods(bench.sent()) == ["ACK"]
        assert [status for _, status in user.heard] == [100, 487]
        bench.to(40.0)
        assert (len(bench.layer), len(bench.deadlines)) == (0, 0)

    @pytest.mark.clause("RFC 3261 §9.1")
    def test_who_does_not_answer_a_cancelled_invite_is_given_up(self) -> None:
        bench, user, sent = self.started()
        bench.receive(answer_to(sent, 180))
        bench.to(10.0)
        (transaction,) = bench.layer.clients._invites.values()
        transaction.take(InviteClientInput.CANCEL)
        transaction.take(InviteClientInput.CANCEL)
        bench.to(42.1)
        assert user.heard == [(0.0, 180), (42.0, "timeout")]

    def test_a_flow_that_fails_ends_it(self) -> None:
        bench, user, _ = self.started(TCP)
        bench.layer.transport_failed(TCP, "closed")
        assert user.heard == [(0.0, "transport")]
        assert (len(bench.layer), len(bench.deadlines)) == (0, 0)

    @pytest.mark.parametrize(("status", "heard"), [(180, [180, "transport"]), (486, [486])])
    def test_a_flow_that_fails_later_is_told_of_only_before_the_answer(self, status: int, heard: list[int]) -> None:
        bench, user, sent = self.started()
        bench.receive(answer_to(sent, status))
        bench.layer.transport_failed(UDP, "unreachable")
        assert [what for _, what in user.heard] == heard
        assert (len(bench.layer), len(bench.deadlines)) == (0, 0)

    def test_each_provisional_answer_is_told(self) -> None:
        bench, user, sent = self.started()
        for status in (100, 180, 183, 180):
            bench.receive(answer_to(sent, status))
        assert [status for _, status in user.heard] == [100, 180, 183, 180]

    @pytest.mark.clause("RFC 3261 §17.1.1")
    def test_timer_d_is_no_shorter_than_the_peers_timer_h(self) -> None:
        bench, user = Bench(TimerValues(2.0, 16.0, 17.0)), Sender()
        bench.layer.start(invite(), UDP, SENT_BY, user)
        (sent,) = bench.sent()
        for when in (0.0, 127.0):
            bench.to(when)
            bench.receive(answer_to(sent, 486))
            assert methods(bench.sent()) == ["ACK"]
        bench.to(128.1)
        assert (len(bench.layer), [status for _, status in user.heard]) == (0, [486])

    def test_an_ack_is_sent_where_no_request_can_be_any_more(self) -> None:
        bench, user = Bench(), Sender()
        bench.layer.clients._max_open = 0
        bench.layer.start(invite(), UDP, SENT_BY, user)
        bench.layer.start(make_request("ACK", "sip:bob@192.0.2.9", [("CSeq", "1 ACK")]), UDP, SENT_BY, user)
        assert methods(bench.sent()) == ["ACK"]
        assert [what for _, what in user.heard] == ["transport"]

    def test_a_proxied_request_gets_responses_with_the_vias_below(self) -> None:
        bench, user, sent = self.started(proxied=True)
        bench.receive(answer_to(sent, 180))
        only_ours = answer_to(sent, 486).decode().replace(
            "Via: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKbelow;rport\r\n", ""
        )
        bench.receive(only_ours.encode())
        assert [status for _, status in user.heard] == [180]
        assert bench.layer.counters["stray responses"] == 1

    def test_an_ack_is_sent_and_forgotten(self) -> None:
        bench, user = Bench(), Sender()
        ack = make_request("ACK", "sip:bob@192.0.2.9", [("CSeq", "1 ACK"), ("Call-ID", "c1")])
        bench.layer.start(ack, UDP, SENT_BY, user)
        (sent,) = bench.sent()
        assert sent.startswith(b"ACK sip:bob@192.0.2.9 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK")
        assert (len(bench.layer), user.heard) == (0, [])
