"""Every Cx command, wrong in every way, in every procedure: the answer, what is left, and the next honest registration.

The HSS is in the S-CSCF's own process and behind Diameter; faults are set, and states looked at, through the APIs.
"""

from typing import Any
from urllib.parse import quote

import pytest

from hss_stub.control import SHARED, HssApi, HssCommands
from scscf.control.bodies import checked
from scscf.control.route import Call, Served, find
from scscf.cx import Result
from scscf.procedures.cx_failures import CxCommand, Left, Procedure, failure_of
from scscf.promise import Promise
from tests.control.browser import Browser
from tests.cx_world import CxWorld
from tests.usim import OPC, K, Usim
from tests.world import Client, World

pytestmark = pytest.mark.clause("TS 29.228 §8", "TS 29.228 §6.1.2")

ERIN, AOR = "erin@home1.test", "sip:erin@home1.test"
SUBSCRIBERS = f"""
subscriptions:
  - name: erin
    private_identities: [{{id: {ERIN}, auth: {{scheme: aka, k: "{K.hex()}", opc: "{OPC.hex()}", sqn: "000000001000"}}}}]
    implicit_sets: [["{AOR}", "tel:+15550001"]]
"""

FAULTS: dict[str, dict[str, Any]] = {
    "refused": {"result_code": "UNABLE_TO_COMPLY"},
    "late": {"delay": 2.0},
    "too late": {"delay": 7.0},
    "silent": {"silent": True},
    "cut": {"disconnect": True},
    "corrupt": {"corrupt": "garbage"},
    "drift": {"sqn": -64},
}
HEARD = {
    "refused": Result.UNABLE_TO_COMPLY,
    "late": None,
    "too late": Result.TIMEOUT,
    "silent": Result.TIMEOUT,
    "cut": Result.TIMEOUT,
    "corrupt": Result.GARBAGE,
    "drift": None,
}
"""Fault → what the S-CSCF makes of it, where it asks; None: it comes right."""
ASKED = {
    "registration": ("UAR", "MAR", "SAR"),
    "refresh": ("MAR", "SAR"),
    "de-registration": ("MAR", "SAR"),
}
PROCEDURE = {
    "registration": Procedure.INITIAL_REGISTRATION,
    "refresh": Procedure.RE_REGISTRATION,
    "de-registration": Procedure.DEREGISTRATION,
}


class Hss:
    """The HSS's API, of the S-CSCF's process or of the stub's own."""

    def __init__(self, world: World) -> None:
        self._world = world
        if isinstance(world, CxWorld):
            stub = world.stub
            commands = HssCommands(stub.replace, stub.terminate, stub.push_profile)
            self._api, self._shell = HssApi(stub.hss.core, commands, stub.hss.servers), stub.shell
        else:
            assert world.scscf.hss_api is not None
            self._api, self._shell = world.scscf.hss_api, world.scscf.shell

    def call(self, method: str, path: str, body: object = None) -> Any:
        found, variables = find((Served(self._api, SHARED),), path)
        _, route = next(each for each in found if each[1].method == method)
        model = checked(route.body, body) if route.body is not None else None
        answer: Promise[Any] = self._shell.perform(
            route.handler(self._api, Call(variables, None, model, Promise()))  # type: ignore[arg-type]
        )
        return answer.result().body

    @property
    def sqn(self) -> int:
        return int(self.call("GET", f"/v1/subscribers/{quote(ERIN)}")["auth"]["sqn"], 16)

    @property
    def state(self) -> str:
        (row,) = self.call("GET", f"/v1/subscribers/{quote(ERIN)}")["implicit_sets"]
        state: str = row["state"]
        return state


def shown(world: World) -> dict[str, Any]:
    """Return what the S-CSCF's API shows of everybody, without the clock's hand in it."""
    registrations = Browser(world).get("/v1/registrations").json["registrations"]
    for registration in registrations:
        for contact in registration["contacts"]:
            del contact["expires"]
    return {each["aor"]: each for each in registrations}


class Patient(Client):
    """A UE that waits for late answers."""

    def send(self, *arguments: Any, **more: Any) -> Any:
        return super().send(*arguments, **{**more, "seconds": 12.0})


@pytest.mark.parametrize("over_diameter", [False, True], ids=["embedded", "diameter"])
@pytest.mark.parametrize(
    ("command", "fault"),
    [
        (command, fault)
        for command in ("UAR", "MAR", "SAR", "LIR")
        for fault in FAULTS
        if fault != "drift" or command == "MAR"
    ],
)
@pytest.mark.parametrize("procedure", ASKED)
def test_nothing_is_left_half_done(procedure: str, command: str, fault: str, over_diameter: bool) -> None:
    world = CxWorld(subscribers=SUBSCRIBERS) if over_diameter else World(subscribers=SUBSCRIBERS)
    hss = Hss(world)
    ue = Patient(world, "127.0.0.9", 5070, user="erin", username=ERIN, usim=Usim())
    if procedure != "registration":
        assert ue.register().status == 200
    before, sqn, state = shown(world), hss.sqn, hss.state

    hss.call("PUT", f"/v1/faults/{command}", {**FAULTS[fault], "count": 1})
    answer = ue.register(0 if procedure == "de-registration" else 3600)

    heard = HEARD[fault] if command in ASKED[procedure] else None
    if heard is None:
        assert answer.status == 200
        left = Left.REMOVED if procedure == "de-registration" else None
    else:
        failure = failure_of(CxCommand[command], PROCEDURE[procedure], heard, "ims", {})
        assert answer.status == (failure.status or 200)
        left = failure.left
    if left in (Left.AS_BEFORE, Left.OWED_REMOVAL):
        assert shown(world) == before
    elif left in (Left.REMOVED, Left.OWED_REPETITION):
        assert shown(world) == {}
    owed = Browser(world).get("/v1/duties").json["duties"]
    assert len(owed) <= (left in (Left.OWED_REMOVAL, Left.OWED_REPETITION))
    used = hss.sqn - sqn
    asked = command in ASKED[procedure]
    if asked and command == "MAR" and fault == "refused":
        assert used == 0
    elif fault != "drift" and not (asked and command == "UAR" and heard is not None):
        assert used > 0
    hits = hss.call("GET", f"/v1/faults/{command}")["hits"]
    assert hits == asked

    hss.call("DELETE", "/v1/faults")
    world.run(100)

    assert Browser(world).get("/v1/duties").json["duties"] == []
    assert (hss.state == "registered") == bool(shown(world))
    if left is Left.AS_BEFORE:
        assert hss.state == state
    assert ue.register().status == 200
    assert hss.state == "registered"
    assert set(shown(world)) == {AOR, "tel:+15550001"}
