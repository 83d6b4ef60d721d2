"""Who is served though not registered, and when the HSS is told what of it (TS 29.228 §6.1.2)."""

import pytest

from scscf.cx import AssignmentAnswer, Cx, Result, ServerAssignment
from tests.system.phones import registered, world
from tests.world import World

pytestmark = pytest.mark.clause("TS 29.228 §6.1.2", "TS 23.228 §5.12")

CAROL = "sip:carol@home1.test"


class Told:
    """An HSS in front of another one that notes what it is told, and can be made to refuse."""

    def __init__(self, hss: Cx) -> None:
        self._hss = hss
        self.told: list[tuple[str, str]] = []
        self.result: Result | None = None

    def __getattr__(self, name: str) -> object:
        return getattr(self._hss, name)

    async def server_assignment(self, who: str, aor: str, what: ServerAssignment, *more: object) -> AssignmentAnswer:
        self.told.append((who, what.name))
        if self.result is not None:
            return AssignmentAnswer(self.result)
        return await self._hss.server_assignment(who, aor, what, *more)  # type: ignore[arg-type]


def home(config: dict[str, object] | None = None) -> tuple[World, Told]:
    made = world(config)
    hss = Told(made.node.cx)
    made.node.cx = hss  # type: ignore[assignment]
    return made, hss


def test_the_hss_is_told_once_and_again_when_the_user_is_let_go() -> None:
    made, hss = home()
    alice = registered(made, "alice", "127.0.0.11")
    hss.told.clear()

    assert [alice.ask("MESSAGE", CAROL).status for _ in range(3)] == [480] * 3

    assert hss.told == [("", "UNREGISTERED_USER")]
    made.run(299)
    assert len(made.node.unregistered) == 1
    made.run(2)
    assert len(made.node.unregistered) == 0
    assert hss.told[1:] == [("carol@home1.test", "TIMEOUT_DEREGISTRATION")]


def test_who_registers_is_served_unregistered_no_more() -> None:
    made, hss = home()
    alice = registered(made, "alice", "127.0.0.11")
    alice.ask("MESSAGE", CAROL)

    registered(made, "carol", "127.0.0.13")

    assert len(made.node.unregistered) == 0
    hss.told.clear()
    made.run(400)
    assert hss.told == []


def test_a_user_who_leaves_may_be_served_on() -> None:
    made, hss = home({"registrar": {"keep_server_name": True}})
    alice, carol = registered(made, "alice", "127.0.0.11"), registered(made, "carol", "127.0.0.13")
    hss.told.clear()

    assert carol.register(0).status == 200
    assert alice.ask("MESSAGE", CAROL).status == 480

    assert hss.told == [("carol@home1.test", "USER_DEREGISTRATION_STORE_SERVER_NAME")]
    made.run(301)
    assert hss.told[1:] == [("carol@home1.test", "TIMEOUT_DEREGISTRATION")]


def test_an_hss_that_keeps_no_server_name_is_believed() -> None:
    made, hss = home({"registrar": {"keep_server_name": True}})
    carol = registered(made, "carol", "127.0.0.13")
    hss.result = Result.SUCCESS_SERVER_NAME_NOT_STORED

    assert carol.register(0).status == 200

    assert len(made.node.unregistered) == 0


@pytest.mark.parametrize(
    ("result", "status"),
    [(Result.USER_UNKNOWN, 404), (Result.IDENTITIES_DONT_MATCH, 404), (Result.TIMEOUT, 504), (Result.TOO_BUSY, 480)],
)
def test_a_request_for_somebody_whom_the_hss_does_not_give(result: Result, status: int) -> None:
    made, hss = home()
    alice = registered(made, "alice", "127.0.0.11")
    hss.result = result

    assert alice.ask("MESSAGE", CAROL).status == status
    assert len(made.node.unregistered) == 0


def test_what_is_owed_is_told_until_the_hss_hears_it() -> None:
    made, hss = home()
    carol = registered(made, "carol", "127.0.0.13")
    hss.told.clear()
    hss.result = Result.DISCONNECTED

    assert carol.register(0).status == 200
    made.run(10)
    assert [(duty.due.type.name, duty.attempts) for duty in made.node.duties] == [("USER_DEREGISTRATION", 4)]
    hss.result = None
    made.run(10)

    assert hss.told == [("carol@home1.test", "USER_DEREGISTRATION")] * 5
    assert len(made.node.duties) == 0


def test_who_comes_back_is_not_told_of_as_gone() -> None:
    made, hss = home()
    carol = registered(made, "carol", "127.0.0.13")
    hss.result = Result.TIMEOUT
    carol.register(0)
    hss.result = None
    hss.told.clear()

    assert carol.register(600).status == 200
    made.run(100)

    assert hss.told == [("carol@home1.test", "REGISTRATION")]
    assert len(made.node.duties) == 0


def test_a_registration_that_may_have_been_heard_is_taken_back() -> None:
    made = World()
    hss = Told(made.node.cx)
    made.node.cx = hss  # type: ignore[assignment]
    carol = made.client(user="carol")
    hss.result = Result.TIMEOUT

    assert carol.register().status == 504
    hss.result = None
    made.run(2)

    assert [what for _, what in hss.told] == ["REGISTRATION", "ADMINISTRATIVE_DEREGISTRATION"]
    assert len(made.node.duties) == len(made.node.store) == 0


def test_a_profile_that_is_too_big_is_given_back() -> None:
    made = World()
    hss = Told(made.node.cx)
    made.node.cx = hss  # type: ignore[assignment]
    carol = made.client(user="carol")
    hss.result = Result.TOO_MUCH_DATA

    assert carol.register().status == 500

    assert [what for _, what in hss.told] == ["REGISTRATION", "DEREGISTRATION_TOO_MUCH_DATA"]


def test_an_hss_that_refuses_for_good_is_left_alone() -> None:
    made, hss = home()
    carol = registered(made, "carol", "127.0.0.13")
    hss.told.clear()
    hss.result = Result.UNABLE_TO_COMPLY

    assert carol.register(0).status == 200
    made.run(1000)

    assert len(hss.told) == 11
    assert len(made.node.duties) == 0
