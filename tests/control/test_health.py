"""The calls about the S-CSCF itself."""

import pytest

from scscf.cx import AssignmentAnswer, Result
from tests.control.phone import TOBIAS, a_world
from tests.world import EPOCH


def test_health_tells_what_runs_and_where() -> None:
    _, browser, _ = a_world()

    reply = browser.get("/v1/health")

    assert reply.status == 200
    assert reply.json["status"] == "up"
    assert (reply.json["version"], reply.json["commit"]) == ("1.2.3", "abc")
    assert reply.json["listeners"] == ["udp://127.0.0.1:5060", "tcp://127.0.0.1:5060"]
    assert reply.json["store"] == {"kind": "memory", "records": 1}
    assert reply.json["hss"] == {"kind": "embedded", "state": "up", "peers": []}
    assert EPOCH <= reply.json["started"] <= reply.json["now"]


def test_what_the_hss_may_not_have_heard_is_shown_until_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    world, browser, phone = a_world()

    async def silent(*_: object) -> AssignmentAnswer:
        return AssignmentAnswer(Result.TIMEOUT)

    with monkeypatch.context() as away:
        away.setattr(world.node.cx, "server_assignment", silent)
        assert phone.register(0).status == 200
        shown = browser.get("/v1/duties").json
    world.run(5)

    (duty,) = shown["duties"]
    assert (duty["private_identity"], duty["aor"]) == ("phone@home1.test", TOBIAS)
    assert (duty["assignment"], duty["result"], duty["attempts"]) == ("USER_DEREGISTRATION", "TIMEOUT", 1)
    assert duty["since"] == pytest.approx(EPOCH, abs=10)
    assert browser.get("/v1/duties").json == {"duties": [], "unregistered": []}
