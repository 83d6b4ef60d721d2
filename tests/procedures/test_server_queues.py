"""Application servers get a few requests at once, each from a queue of its own."""

import pytest

from scscf.procedures.server_queues import ServerQueues
from scscf.sip.message import Request, Response, make_request
from scscf.sip.outbox import Failure, NextHop, Outbox, Send

HOP = NextHop("192.0.2.1")


class User:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[int | str] = []

    def on_response(self, response: Response, now: float) -> None:
        self.heard.append(response.status)

    def on_failure(self, failure: Failure, now: float) -> None:
        self.heard.append(failure.kind)


class Servers:
    """Queues with room for two requests in flight and two that wait."""

    def __init__(self) -> None:
        self.outbox = Outbox()
        self.queues = ServerQueues(self.outbox, lambda: 0.0)
        self.queues.MOST_IN_FLIGHT, self.queues.MOST_WAITING = 2, 2

    def send(self, number: int, server: str = "sip:a.test") -> User:
        """Send a request with a number for Max-Forwards."""
        user = User()
        self.queues.send(server, request(number), HOP, user)
        return user

    def sent(self) -> list[Send]:
        """Return what has been sent since the last call."""
        return [item for item in self.outbox.take() if isinstance(item, Send)]


def request(number: int) -> Request:
    """Return a request that a test tells from others."""
    return make_request("REGISTER", "sip:a.test", [("Max-Forwards", str(number))])


def numbers(sends: list[Send]) -> list[str | None]:
    return [send.request.get("max-forwards") for send in sends]


@pytest.fixture
def servers() -> Servers:
    return Servers()


def test_the_third_waits_for_an_end_and_a_provisional_answer_is_none(servers: Servers) -> None:
    users = [servers.send(number) for number in range(3)]
    sends = servers.sent()
    assert numbers(sends) == ["0", "1"]
    assert servers.queues.waiting == 1

    sends[0].user.on_response(Response(100, "Trying", [], b""), 0.0)
    assert servers.sent() == []
    sends[1].user.on_failure(Failure("timeout", ""), 32.0)
    assert numbers(servers.sent()) == ["2"]
    assert servers.queues.waiting == 0
    assert [user.heard for user in users] == [[100], ["timeout"], []]


def test_one_too_many_fails_at_once(servers: Servers) -> None:
    users = [servers.send(number) for number in range(5)]

    assert [user.heard for user in users] == [[], [], [], [], ["overload"]]


def test_a_silent_server_delays_no_other(servers: Servers) -> None:
    for number in range(4):
        servers.send(number)
    servers.send(7, "sip:b.test")

    assert numbers(servers.sent()) == ["0", "1", "7"]


def test_nothing_is_kept_once_all_have_answered(servers: Servers) -> None:
    users = [servers.send(number) for number in range(4)]
    while sends := servers.sent():
        for send in sends:
            send.user.on_response(Response(200, "OK", [], b""), 1.0)

    assert [user.heard for user in users] == [[200]] * 4
    assert len(servers.queues) == 0
