"""Subscribers that change while users are registered, and faults of the HSS as a sender, over Diameter."""

import pytest

from hss_stub.faults import Command, Corrupt, Fault
from hss_stub.registration_states import RegistrationState
from scscf.cx import Assignment, DeregistrationReason, MultimediaAuth, ServerAssignment
from tests.cx_world import SERVER_NAME, CxWorld
from tests.world import World

TOBIAS, PHONE, PAGER = "sip:tobias@home1.test", "phone@home1.test", "pager@home1.test"
ONE = """
subscriptions:
  - name: tobias
    private_identities: [{id: phone@home1.test, auth: {scheme: digest, password: secret}}]
    implicit_sets: [[{id: "sip:tobias@home1.test", display_name: Tobias}]]
    charging: {ccf: [aaa://ccf.home1.test]}
"""
NOBODY = """
subscriptions:
  - private_identities: [{id: other@home1.test, auth: {scheme: none}}]
    implicit_sets: [["sip:other@home1.test"]]
"""


def registered() -> CxWorld:
    world = CxWorld(subscribers=ONE)
    assert world.client(username=PHONE).register().status == 200
    return world


def does(world: CxWorld, coroutine, seconds: float = 0.1):
    promise = world.stub.shell.perform(coroutine)
    world.run(seconds)
    assert promise.done
    return promise.result()


def ends(world: CxWorld, seconds: float = 0.1):
    return does(world, world.stub.terminate(PHONE, (), (), DeregistrationReason.SERVER_CHANGE, "", None), seconds)


def bindings(world: World) -> int:
    return sum(len(record.contacts(TOBIAS)) for record in world.node.store.records())


@pytest.mark.clause("TS 29.228 §6.1.3")
def test_who_is_taken_out_of_the_file_is_de_registered() -> None:
    world = registered()

    (view,) = does(world, world.stub.replace(world.subscribers(NOBODY)))

    assert (view["command"], view["impi"], view["result"]) == ("RTR", PHONE, "SUCCESS")
    assert (bindings(world), world.hss.core.served(), len(world.hss.servers)) == (0, [], 0)


@pytest.mark.clause("TS 29.228 §6.2.2")
def test_who_is_changed_in_the_file_is_told_anew() -> None:
    world = registered()

    views = does(world, world.stub.replace(world.subscribers(ONE.replace("Tobias", "Toby"))))

    assert [(view["command"], view["result"]) for view in views] == [("PPR", "SUCCESS")]
    (record,) = world.node.store.records()
    assert record.devices[0].profile.identity(TOBIAS).display_name == "Toby"
    assert bindings(world) == 1


@pytest.mark.clause("TS 29.228 §6.5.2.4")
@pytest.mark.parametrize("over_cx", [True, False])
def test_who_gets_another_password_is_challenged_by_the_next_request(over_cx: bool) -> None:
    world = CxWorld(subscribers=ONE) if over_cx else World(subscribers=ONE)
    phone = world.client(username=PHONE)
    assert phone.register().status == 200
    changed = world.subscribers(ONE.replace("secret", "changed"))

    if isinstance(world, CxWorld):
        views = does(world, world.stub.replace(changed))
        assert [(view["command"], view["result"]) for view in views] == [("PPR", "SUCCESS")]
    else:
        world.scscf.replace_subscribers(changed)

    authorization = phone.authorization("REGISTER", "sip:home1.test")
    answer = phone.send("REGISTER", None, {"Contact": f"<{phone.uri}>", "Authorization": authorization})
    assert answer.status == 401
    assert bindings(world) == 1
    assert phone.register().status in (401, 403)
    phone.password = "changed"
    assert phone.register().status == 200


@pytest.mark.clause("TS 29.228 §6.2.2", "TS 29.228 §6.1.3")
def test_a_subscription_with_another_name_keeps_its_s_cscf() -> None:
    world = registered()
    renamed = ONE.replace("name: tobias", "name: toby")

    (view,) = does(world, world.stub.replace(world.subscribers(renamed)))
    assert (view["command"], view["result"]) == ("PPR", "SUCCESS")
    assert list(world.hss.servers.all()) == ["toby"]
    (view,) = does(world, world.stub.replace(world.subscribers(NOBODY)))

    assert (view["command"], view["result"], bindings(world)) == ("RTR", "SUCCESS", 0)
    assert len(world.hss.servers) == 0


@pytest.mark.clause("TS 29.228 §8.1.1")
def test_when_another_s_cscf_registers_a_user_ours_lets_go_in_silence() -> None:
    world = registered()
    other = "sip:other.home1.test"

    world.hss.multimedia_auth(MultimediaAuth(PHONE, TOBIAS, other), "other.home1.test")
    world.run()
    assert bindings(world) == 1
    world.hss.server_assignment(Assignment(ServerAssignment.REGISTRATION, other, PHONE, (TOBIAS,)), "other.home1.test")
    world.run()

    assert bindings(world) == 0
    assert world.hss.serving(PHONE) == (other, "other.home1.test")
    assert world.hss.core.registration_state(PHONE, TOBIAS) is RegistrationState.REGISTERED


@pytest.mark.parametrize(
    ("fault", "seconds", "result", "left"),
    [
        (Fault(delay=3.0), 3.1, "SUCCESS", 0),
        (Fault(silent=True), 0.1, "TIMEOUT", 1),
        (Fault(disconnect=True), 0.1, "TIMEOUT", 1),
        (Fault(silent=True, impi="another@home1.test"), 0.1, "SUCCESS", 0),
    ],
)
def test_an_rtr_may_come_late_or_never(fault: Fault, seconds: float, result: str, left: int) -> None:
    world = registered()
    world.hss.core.faults.set(Command.RTR, fault)

    (view,) = ends(world, seconds)

    assert (view["result"], bindings(world)) == (result, left)
    assert world.hss.servers.find("tobias") is None or world.hss.serving(PHONE)[0] == SERVER_NAME


@pytest.mark.clause("TS 29.228 §6.2.2.1")
def test_user_data_that_cannot_be_read_are_refused() -> None:
    world = registered()
    world.hss.core.faults.set(Command.PPR, Fault(corrupt=Corrupt.GARBAGE))

    (view,) = does(world, world.stub.push_profile(PHONE, ("user_data",)))

    assert view["result"] == "NOT_SUPPORTED_USER_DATA"
    assert bindings(world) == 1


@pytest.mark.clause("TS 29.228 §6.2.2", "TS 29.228 §6.1.3")
def test_an_identity_that_leaves_its_set_is_told_by_a_ppr_and_a_set_that_is_gone_by_an_rtr() -> None:
    two = ONE.replace('display_name: Tobias}]]', 'display_name: Tobias}, "tel:+1"], ["sip:work@home1.test", "tel:+2"]]')
    world = CxWorld(subscribers=two)
    phone = world.client(username=PHONE)
    assert phone.register().status == 200
    assert phone.register(To="<sip:work@home1.test>").status == 200

    views = does(world, world.stub.replace(world.subscribers(two.replace(', "tel:+1"', ""))))
    assert {view["command"] for view in views} == {"PPR"}
    (record,) = world.node.store.records()
    assert [len(record.contacts(aor)) for aor in (TOBIAS, "tel:+1", "tel:+2")] == [1, 0, 1]

    views = does(world, world.stub.replace(world.subscribers(ONE)))
    assert views[0]["command"] == "RTR"
    (record,) = world.node.store.records()
    assert [len(record.contacts(aor)) for aor in (TOBIAS, "sip:work@home1.test", "tel:+2")] == [1, 0, 0]
