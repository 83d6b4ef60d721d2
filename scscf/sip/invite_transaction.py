"""The INVITE transactions as tables (RFC 3261 §17.1.1, §17.2.1) with the Accepted state of RFC 6026 §7."""

from scscf.enums import Named


class InviteServerState(Named):
    """States of an INVITE server transaction (RFC 6026 Figure 3)."""

    PROCEEDING = "Proceeding"
    ACCEPTED = "Accepted"
    COMPLETED = "Completed"
    CONFIRMED = "Confirmed"
    TERMINATED = "Terminated"


class InviteServerInput(Named):
    """What can happen to an INVITE server transaction."""

    REQUEST = "retransmission of the INVITE"
    PROVISIONAL = "100-199 from the transaction user"
    SUCCESS = "200-299 from the transaction user"
    FINAL = "300-699 from the transaction user"
    ACK = "ACK"
    TIMER_100 = "200 ms without an answer"
    TIMER_G = "Timer G fires"
    TIMER_H = "Timer H fires"
    TIMER_I = "Timer I fires"
    TIMER_L = "Timer L fires"
    TRANSPORT_ERROR = "transport error"


class InviteServerAction(Named):
    """What an INVITE server transaction does about it."""

    SEND = "send the response"
    RESEND = "send the last response again"
    SEND_100 = "send 100"
    START_G_AND_H = "start Timers G and H"
    DOUBLE_G = "restart Timer G with twice the interval, at most T2"
    STOP_G_AND_H = "stop Timers G and H"
    START_I = "start Timer I"
    START_L = "start Timer L"


class InviteClientState(Named):
    """States of an INVITE client transaction (RFC 6026 Figure 2)."""

    CALLING = "Calling"
    PROCEEDING = "Proceeding"
    ACCEPTED = "Accepted"
    COMPLETED = "Completed"
    TERMINATED = "Terminated"


class InviteClientInput(Named):
    """What can happen to an INVITE client transaction."""

    PROVISIONAL = "100-199"
    SUCCESS = "200-299"
    FINAL = "300-699"
    TIMER_A = "Timer A fires"
    TIMER_B = "Timer B fires"
    TIMER_D = "Timer D fires"
    TIMER_M = "Timer M fires"
    CANCEL = "the transaction user wants it no more"
    TIMER_CANCEL = "64*T1 since the CANCEL"
    TRANSPORT_ERROR = "transport error"


class InviteClientAction(Named):
    """What an INVITE client transaction does about it."""

    PASS_RESPONSE = "pass the response to the transaction user"  # noqa: S105
    RESEND = "send the INVITE again"
    DOUBLE_A = "restart Timer A with twice the interval"
    SEND_ACK = "send ACK"
    START_D = "start Timer D"
    START_M = "start Timer M"
    SEND_CANCEL = "send CANCEL"
    SEND_CANCEL_IF_DUE = "send CANCEL if one is due"
    REMEMBER_CANCEL = "send CANCEL once there is a provisional response"
    INFORM_TIMEOUT = "tell the transaction user of the time-out"
    INFORM_TRANSPORT = "tell the transaction user of the transport error"


InviteServerTable = dict[
    InviteServerState, dict[InviteServerInput, tuple[InviteServerState, tuple[InviteServerAction, ...]]]
]
InviteClientTable = dict[
    InviteClientState, dict[InviteClientInput, tuple[InviteClientState, tuple[InviteClientAction, ...]]]
]


def _server() -> InviteServerTable:
    s, i, a = InviteServerState, InviteServerInput, InviteServerAction
    proceeding = {
        i.REQUEST: (s.PROCEEDING, (a.RESEND,)),
        i.PROVISIONAL: (s.PROCEEDING, (a.SEND,)),
        i.SUCCESS: (s.ACCEPTED, (a.SEND, a.START_L)),
        i.FINAL: (s.COMPLETED, (a.SEND, a.START_G_AND_H)),
        i.TIMER_100: (s.PROCEEDING, (a.SEND_100,)),
        i.TRANSPORT_ERROR: (s.TERMINATED, ()),
    }
    accepted = {i.SUCCESS: (s.ACCEPTED, (a.SEND,)), i.TIMER_L: (s.TERMINATED, ())}
    completed = {
        i.REQUEST: (s.COMPLETED, (a.RESEND,)),
        i.ACK: (s.CONFIRMED, (a.STOP_G_AND_H, a.START_I)),
        i.TIMER_G: (s.COMPLETED, (a.RESEND, a.DOUBLE_G)),
        i.TIMER_H: (s.TERMINATED, (a.STOP_G_AND_H,)),
        i.TRANSPORT_ERROR: (s.TERMINATED, (a.STOP_G_AND_H,)),
    }
    confirmed: dict[InviteServerInput, tuple[InviteServerState, tuple[InviteServerAction, ...]]] = {
        i.TIMER_I: (s.TERMINATED, ())
    }
    return {
        s.PROCEEDING: dict.fromkeys(i, (s.PROCEEDING, ())) | proceeding,
        s.ACCEPTED: dict.fromkeys(i, (s.ACCEPTED, ())) | accepted,
        s.COMPLETED: dict.fromkeys(i, (s.COMPLETED, ())) | completed,
        s.CONFIRMED: dict.fromkeys(i, (s.CONFIRMED, ())) | confirmed,
        s.TERMINATED: dict.fromkeys(i, (s.TERMINATED, ())),
    }


def _client() -> InviteClientTable:
    s, i, a = InviteClientState, InviteClientInput, InviteClientAction
    passed = (a.PASS_RESPONSE,)
    calling = {
        i.PROVISIONAL: (s.PROCEEDING, (a.PASS_RESPONSE, a.SEND_CANCEL_IF_DUE)),
        i.SUCCESS: (s.ACCEPTED, (a.START_M, *passed)),
        i.FINAL: (s.COMPLETED, (a.SEND_ACK, a.START_D, *passed)),
        i.TIMER_A: (s.CALLING, (a.RESEND, a.DOUBLE_A)),
        i.TIMER_B: (s.TERMINATED, (a.INFORM_TIMEOUT,)),
        i.CANCEL: (s.CALLING, (a.REMEMBER_CANCEL,)),
        i.TRANSPORT_ERROR: (s.TERMINATED, (a.INFORM_TRANSPORT,)),
    }
    proceeding = {
        i.PROVISIONAL: (s.PROCEEDING, passed),
        i.SUCCESS: (s.ACCEPTED, (a.START_M, *passed)),
        i.FINAL: (s.COMPLETED, (a.SEND_ACK, a.START_D, *passed)),
        i.CANCEL: (s.PROCEEDING, (a.SEND_CANCEL,)),
        i.TIMER_CANCEL: (s.TERMINATED, (a.INFORM_TIMEOUT,)),
        i.TRANSPORT_ERROR: (s.TERMINATED, (a.INFORM_TRANSPORT,)),
    }
    accepted = {i.SUCCESS: (s.ACCEPTED, passed), i.TIMER_M: (s.TERMINATED, ())}
    completed = {
        i.FINAL: (s.COMPLETED, (a.SEND_ACK,)),
        i.TIMER_D: (s.TERMINATED, ()),
        i.TRANSPORT_ERROR: (s.TERMINATED, ()),
    }
    return {
        s.CALLING: dict.fromkeys(i, (s.CALLING, ())) | calling,
        s.PROCEEDING: dict.fromkeys(i, (s.PROCEEDING, ())) | proceeding,
        s.ACCEPTED: dict.fromkeys(i, (s.ACCEPTED, ())) | accepted,
        s.COMPLETED: dict.fromkeys(i, (s.COMPLETED, ())) | completed,
        s.TERMINATED: dict.fromkeys(i, (s.TERMINATED, ())),
    }


INVITE_SERVER: InviteServerTable = _server()
"""RFC 3261 §17.2.1 with RFC 6026 §7.1. There is no limit to Proceeding: a proxy's Timer C is that."""

INVITE_CLIENT: InviteClientTable = _client()
"""RFC 3261 §17.1.1 with RFC 6026 §7.2, and its cancellation (RFC 3261 §9.1)."""
