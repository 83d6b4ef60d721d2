"""The non-INVITE transactions as tables: {state: {input: (state, actions)}} (RFC 3261 §17.1.2, §17.2.2, RFC 4320).

The tables of the INVITE transactions are in `invite_transaction`.
"""

from typing import NamedTuple

from scscf.enums import Named


class ServerState(Named):
    """States of a server transaction (RFC 3261 Figure 8)."""

    TRYING = "Trying"
    PROCEEDING = "Proceeding"
    COMPLETED = "Completed"
    TERMINATED = "Terminated"


class ServerInput(Named):
    """What can happen to a server transaction."""

    REQUEST = "retransmission of the request"
    PROVISIONAL = "100 from the transaction user"
    FINAL = "200-699 from the transaction user"
    TIMER_100 = "the client's Timer E has reached T2"
    TIMER_64_T1 = "64*T1 since the request"
    TIMER_J = "Timer J fires"
    TRANSPORT_ERROR = "transport error"


class ServerAction(Named):
    """What a server transaction does about it."""

    SEND = "send the response"
    RESEND = "send the last response again"
    SEND_100 = "send 100 (RFC 4320 §4.1)"
    START_J = "start Timer J"
    GIVE_UP = "answer no more (RFC 4320 §4.2)"
    INFORM = "inform the transaction user"


class ClientState(Named):
    """States of a client transaction (RFC 3261 Figure 6)."""

    TRYING = "Trying"
    PROCEEDING = "Proceeding"
    COMPLETED = "Completed"
    TERMINATED = "Terminated"


class ClientInput(Named):
    """What can happen to a client transaction."""

    PROVISIONAL = "100-199"
    FINAL = "200-699"
    TIMER_E = "Timer E fires"
    TIMER_F = "Timer F fires"
    TIMER_K = "Timer K fires"
    TRANSPORT_ERROR = "transport error"


class ClientAction(Named):
    """What a client transaction does about it."""

    PASS_RESPONSE = "pass the response to the transaction user"  # noqa: S105
    RESEND = "send the request again"
    DOUBLE_E = "restart Timer E with twice the interval, at most T2"
    RESTART_E = "restart Timer E with T2"
    START_K = "start Timer K"
    INFORM_TIMEOUT = "tell the transaction user of the time-out"
    INFORM_TRANSPORT = "tell the transaction user of the transport error"


ServerTable = dict[ServerState, dict[ServerInput, tuple[ServerState, tuple[ServerAction, ...]]]]
ClientTable = dict[ClientState, dict[ClientInput, tuple[ClientState, tuple[ClientAction, ...]]]]


def _non_invite_server() -> ServerTable:
    s, i, a = ServerState, ServerInput, ServerAction
    return {
        s.TRYING: {
            i.REQUEST: (s.TRYING, ()),
            i.PROVISIONAL: (s.PROCEEDING, (a.SEND,)),
            i.FINAL: (s.COMPLETED, (a.SEND, a.START_J)),
            i.TIMER_100: (s.PROCEEDING, (a.SEND_100,)),
            i.TIMER_64_T1: (s.TERMINATED, (a.GIVE_UP,)),
            i.TIMER_J: (s.TRYING, ()),
            i.TRANSPORT_ERROR: (s.TERMINATED, (a.INFORM,)),
        },
        s.PROCEEDING: {
            i.REQUEST: (s.PROCEEDING, (a.RESEND,)),
            i.PROVISIONAL: (s.PROCEEDING, (a.SEND,)),
            i.FINAL: (s.COMPLETED, (a.SEND, a.START_J)),
            i.TIMER_100: (s.PROCEEDING, ()),
            i.TIMER_64_T1: (s.TERMINATED, (a.GIVE_UP,)),
            i.TIMER_J: (s.PROCEEDING, ()),
            i.TRANSPORT_ERROR: (s.TERMINATED, (a.INFORM,)),
        },
        s.COMPLETED: {
            i.REQUEST: (s.COMPLETED, (a.RESEND,)),
            i.PROVISIONAL: (s.COMPLETED, ()),
            i.FINAL: (s.COMPLETED, ()),
            i.TIMER_100: (s.COMPLETED, ()),
            i.TIMER_64_T1: (s.COMPLETED, ()),
            i.TIMER_J: (s.TERMINATED, ()),
            i.TRANSPORT_ERROR: (s.TERMINATED, (a.INFORM,)),
        },
        s.TERMINATED: dict.fromkeys(i, (s.TERMINATED, ())),
    }


def _non_invite_client() -> ClientTable:
    s, i, a = ClientState, ClientInput, ClientAction
    return {
        s.TRYING: {
            i.PROVISIONAL: (s.PROCEEDING, (a.PASS_RESPONSE,)),
            i.FINAL: (s.COMPLETED, (a.START_K, a.PASS_RESPONSE)),
            i.TIMER_E: (s.TRYING, (a.RESEND, a.DOUBLE_E)),
            i.TIMER_F: (s.TERMINATED, (a.INFORM_TIMEOUT,)),
            i.TIMER_K: (s.TRYING, ()),
            i.TRANSPORT_ERROR: (s.TERMINATED, (a.INFORM_TRANSPORT,)),
        },
        s.PROCEEDING: {
            i.PROVISIONAL: (s.PROCEEDING, (a.PASS_RESPONSE,)),
            i.FINAL: (s.COMPLETED, (a.START_K, a.PASS_RESPONSE)),
            i.TIMER_E: (s.PROCEEDING, (a.RESEND, a.RESTART_E)),
            i.TIMER_F: (s.TERMINATED, (a.INFORM_TIMEOUT,)),
            i.TIMER_K: (s.PROCEEDING, ()),
            i.TRANSPORT_ERROR: (s.TERMINATED, (a.INFORM_TRANSPORT,)),
        },
        s.COMPLETED: {
            i.PROVISIONAL: (s.COMPLETED, ()),
            i.FINAL: (s.COMPLETED, ()),
            i.TIMER_E: (s.COMPLETED, ()),
            i.TIMER_F: (s.COMPLETED, ()),
            i.TIMER_K: (s.TERMINATED, ()),
            i.TRANSPORT_ERROR: (s.COMPLETED, ()),
        },
        s.TERMINATED: dict.fromkeys(i, (s.TERMINATED, ())),
    }


NON_INVITE_SERVER: ServerTable = _non_invite_server()
"""RFC 3261 §17.2.2 with RFC 4320: the only provisional response is 100, and nothing is answered after 64*T1."""

NON_INVITE_CLIENT: ClientTable = _non_invite_client()
"""RFC 3261 §17.1.2."""


class TimerValues(NamedTuple):
    """T1, T2 and T4 in seconds (RFC 3261 §17.1.1.1; TS 24.229 §7.7 has other values), and what follows from them."""

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0

    @property
    def timeout(self) -> float:
        """Timers F and J: 64*T1."""
        return 64 * self.t1

    @property
    def trying_after(self) -> float:
        """Seconds from the request until a client's Timer E is set to T2: when a 100 is due (RFC 4320 §4.1)."""
        elapsed, interval = 0.0, self.t1
        while interval < self.t2:
            elapsed += interval
            interval *= 2
        return elapsed
