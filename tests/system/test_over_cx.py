"""A whole node with its HSS behind Diameter: what comes of a registration, and of an HSS that goes away."""

import logging

import pytest

from hss_stub.faults import Command, Corrupt, Fault
from hss_stub.registration_states import RegistrationState
from scscf.cx import DeregistrationReason, PushProfile, RegistrationTerminationAnswer, Result
from scscf.profile.service_profile import ChargingFunctions
from tests.cx_world import CxWorld
from tests.usim import OPC, K, Usim
from tests.world import Client

TOBIAS, TEL, GAMES = "sip:tobias@home1.test", "tel:+44123456789", "sip:gameMaster@home1.test"
PHONE, PAGER, ERIN, FAY = "phone@home1.test", "pager@home1.test", "erin@home1.test", "fay@home1.test"

MORE = f"""
subscriptions:
  - name: erin
    private_identities:
      - {{id: {ERIN}, auth: {{scheme: aka, k: "{K.hex()}", opc: "{OPC.hex()}", amf: "8000"}}}}
    implicit_sets: [["sip:erin@home1.test"]]
  - name: fay
    private_identities: [{{id: {FAY}, auth: {{scheme: digest, password: secret}}}}]
    implicit_sets:
      - [{{id: "sip:fay@home1.test", display_name: Fay}}, {{id: "sip:hidden@home1.test", barred: true}}]
      - ["sip:fay.work@home1.test", "sip:*@fay.home1.test"]
  - name: carol
    private_identities: [{{id: carol@home1.test, auth: {{scheme: none}}}}]
    implicit_sets: [["sip:carol@home1.test"]]
"""


def phone(world: CxWorld, **more: object) -> Client:
    return world.client(username=PHONE, **more)


def state(world: CxWorld, private_identity: str = PHONE, aor: str = TOBIAS) -> RegistrationState:
    return world.hss.core.registration_state(private_identity, aor)


@pytest.mark.clause("TS 29.228 §6.3.1", "TS 29.228 §6.1.2")
def test_a_digest_user_registers_refreshes_and_leaves() -> None:
    world = CxWorld()
    ue = phone(world)

    first, again = ue.register(), ue.register()

    assert (first.status, again.status) == (200, 200)
    assert first.get_all("p-associated-uri") == [f"<{TOBIAS}>, <{TEL}>, <{GAMES}>"]
    assert state(world) is RegistrationState.REGISTERED
    assert ue.register(0).status == 200
    assert state(world) is RegistrationState.NOT_REGISTERED


def test_a_refresh_with_the_data_at_hand_keeps_the_very_same_profile() -> None:
    world = CxWorld()
    ue = phone(world)
    ue.register()
    (before,) = next(iter(world.node.store.records())).devices
    ue.register()
    (after,) = next(iter(world.node.store.records())).devices

    assert after.profile is before.profile


@pytest.mark.clause("TS 29.228 §6.3.1", "TS 33.203 §6.1.1")
@pytest.mark.parametrize("sqn", [0, 1 << 20], ids=["in order", "after a resynchronisation"])
def test_a_user_with_a_usim_registers(sqn: int) -> None:
    world = CxWorld(subscribers=MORE)
    ue = world.client(user="erin", username=ERIN, usim=Usim(sqn=sqn))

    assert ue.register().status == 200
    assert state(world, ERIN, "sip:erin@home1.test") is RegistrationState.REGISTERED


def test_who_is_never_challenged_is_not_challenged_over_cx_either() -> None:
    world = CxWorld(subscribers=MORE)

    assert world.client(user="carol").register().status == 200


@pytest.mark.clause("TS 29.228 §6.1.2")
def test_what_expires_is_told_to_the_hss() -> None:
    world = CxWorld()
    phone(world).register(600)

    world.run(601)

    assert state(world) is RegistrationState.NOT_REGISTERED


def test_two_devices_that_share_identities_are_in_one_record() -> None:
    world = CxWorld()
    phone(world).register()
    pager = world.client("127.0.0.10", username=PAGER)

    assert pager.register().status == 200

    (record,) = world.node.store.records()
    assert sorted(device.profile.private_identity for device in record.devices) == [PAGER, PHONE]
    assert len(record.contacts(TOBIAS)) == 2
    assert len(record.contacts(TEL)) == 1


def test_each_implicit_set_comes_with_a_registration_of_its_own() -> None:
    world = CxWorld(subscribers=MORE)
    ue, work = (world.client(port=port, user=user, username=FAY) for port, user in ((5070, "fay"), (5071, "fay.work")))

    assert ue.register().get_all("p-associated-uri") == ["Fay <sip:fay@home1.test>"]
    assert state(world, FAY, "sip:fay.work@home1.test") is RegistrationState.NOT_REGISTERED
    assert work.register().status == 200
    assert state(world, FAY, "sip:fay.work@home1.test") is RegistrationState.REGISTERED
    assert ue.register(0).status == 200
    assert state(world, FAY, "sip:fay@home1.test") is RegistrationState.NOT_REGISTERED
    assert state(world, FAY, "sip:fay.work@home1.test") is RegistrationState.REGISTERED


@pytest.mark.clause("TS 24.229 §5.4.1.2.2")
@pytest.mark.parametrize("value", ["yes", "tls-yes"])
def test_who_is_registered_registers_another_set_by_the_word_of_the_p_cscf(value: str) -> None:
    """Over the security association of the first one: the S-CSCF knows the device, and not yet whose the set is."""
    world = CxWorld(subscribers=MORE)
    ue = world.client("127.0.0.4", 5060, user="fay", username=FAY)
    assert ue.register().status == 200
    said = f'Digest username="{FAY}", realm="home1.test", nonce="", uri="sip:home1.test", response=""'
    word = f'{said}, integrity-protected="{value}"'

    def ask(to: str, contact: str | None) -> tuple[int, list[str]]:
        answer = ue.register(None, contact, To=f"<sip:{to}@home1.test>", Authorization=word)
        return answer.status, answer.get_all("contact")

    assert ask("fay.work", "<sip:fay@127.0.0.77>") == (403, [])
    assert ask("fay.work", f"<{ue.uri}>") == (200, [f"<{ue.uri}>;expires=3600"])
    assert ask("carol", f"<{ue.uri}>") == (403, [])
    assert state(world, FAY, "sip:fay.work@home1.test") is RegistrationState.REGISTERED
    assert state(world, FAY, "sip:fay@home1.test") is RegistrationState.REGISTERED


@pytest.mark.clause("TS 29.228 §6.1.1")
def test_who_is_unknown_is_refused() -> None:
    world = CxWorld()

    assert world.client(user="nobody", username="nobody@home1.test").register().status == 403
    assert world.client(port=5071, user="carol", username=PHONE).register().status == 403


@pytest.mark.clause("TS 29.228 §6.1.1", "TS 29.228 §8")
@pytest.mark.parametrize(
    ("overrides", "status"),
    [
        ({}, 403),
        ({"auth": {"unknown_user": 404}}, 404),
        ({"auth": {"unknown_user": "challenge"}}, 401),
        ({"cx_failures": {"uar": {"user_unknown": 480}, "mar": {"user_unknown": 500}}}, 480),
        ({"auth": {"unknown_user": "challenge"}, "cx_failures": {"uar": {"user_unknown": 404}}}, 404),
    ],
)
def test_a_uar_that_finds_nobody_is_refused_like_a_mar_that_finds_nobody(
    overrides: dict[str, object], status: int
) -> None:
    world = CxWorld(overrides)
    faults = world.hss.core.faults
    faults.set(Command.UAR, Fault(result=Result.USER_UNKNOWN))
    faults.set(Command.MAR, Fault(delay=0.001))
    ue = world.client("127.0.0.9", username=PHONE)

    for authorization in (None, ue.nameless("sip:home1.test")):
        answer = ue.send("REGISTER", None, {"Authorization": authorization})
        assert answer is not None
        assert (answer.status, answer.get("www-authenticate") is not None) == (status, status == 401)

    scripted = faults.get(Command.MAR)
    assert scripted is not None
    assert scripted.seen == 0


@pytest.mark.clause("TS 29.228 §6.1.1")
@pytest.mark.parametrize(
    ("asks", "host", "questions"),
    [("auto", "127.0.0.9", 1), ("auto", "127.0.0.4", 0), ("always", "127.0.0.4", 1), ("never", "127.0.0.9", 0)],
)
def test_the_hss_is_asked_for_leave_where_no_i_cscf_has_done_so(asks: str, host: str, questions: int) -> None:
    world = CxWorld({"diameter": {"user_authorization": asks}})
    asked: list[object] = []
    serve = world.stub.server.hss.user_authorization
    world.stub.server.hss.user_authorization = lambda request: asked.append(request) or serve(request)  # type: ignore[method-assign,func-returns-value]

    assert world.client(host, username=PHONE).register().status == 200

    assert len(asked) == questions


@pytest.mark.clause("TS 29.228 §6.1.3")
@pytest.mark.parametrize("reason", list(DeregistrationReason), ids=lambda reason: reason.name.lower())
def test_an_rtr_is_answered_at_once(reason: DeregistrationReason) -> None:
    world = CxWorld()
    phone(world).register()

    answer = world.terminate(PHONE, reason)

    assert isinstance(answer, RegistrationTerminationAnswer)
    assert answer.result is Result.SUCCESS


@pytest.mark.clause("TS 29.228 §6.1.3")
def test_an_rtr_of_a_stranger_is_answered_user_unknown() -> None:
    answer = CxWorld().terminate("nobody@home1.test", DeregistrationReason.PERMANENT_TERMINATION)

    assert answer == RegistrationTerminationAnswer(Result.USER_UNKNOWN)


@pytest.mark.clause("TS 29.228 §6.2.2")
def test_a_ppr_changes_the_charging_functions() -> None:
    world = CxWorld()
    phone(world).register()

    assert world.push(PushProfile(PHONE, charging=ChargingFunctions(ccf=("aaa://new.home1.test",)))) is Result.SUCCESS

    (device,) = next(iter(world.node.store.records())).devices
    assert device.profile.charging == ChargingFunctions(ccf=("aaa://new.home1.test",))


def test_an_hss_that_comes_later_is_found() -> None:
    world = CxWorld(away=True)
    ue = phone(world)

    refused = ue.register()
    world.start_hss()
    world.run(60)

    assert refused.status == 480
    assert len(world.node.store) == 0
    assert ue.register().status == 200


def test_an_hss_that_goes_and_returns_is_found_again() -> None:
    world = CxWorld()
    ue = phone(world)
    ue.register()
    before = list(world.node.store.names())
    world.stub.stop()
    world.run(3)

    assert [peer.state for peer in world.scscf.hss_peers() or []] != ["I-Open"]
    pager = world.client("127.0.0.10", username=PAGER)
    assert pager.register().status == 480
    assert list(world.node.store.names()) == before
    world.start_hss()
    world.run(60)
    assert pager.register().status == 200
    assert len(before) == len(world.node.store) == 1


@pytest.mark.clause("RFC 6733 §7.1")
@pytest.mark.parametrize("command", [Command.MAR, Command.SAR])
@pytest.mark.parametrize(
    "fault",
    [Fault(silent=True), Fault(disconnect=True), Fault(corrupt=Corrupt.GARBAGE), Fault(result=Result.UNABLE_TO_COMPLY)],
    ids=["silent", "disconnect", "garbage", "5012"],
)
def test_a_registration_that_the_hss_spoils_leaves_nothing_and_the_next_one_succeeds(
    command: Command, fault: Fault
) -> None:
    world = CxWorld()
    ue = phone(world)
    world.hss.core.faults.set(command, fault._replace(times=1))

    ue.send("REGISTER", None, {"Contact": f"<{ue.uri}>", "Authorization": ue.nameless("sip:home1.test")}, seconds=8)
    if command is Command.SAR:
        ue.take_challenge(ue.responses[-1])
        answer = {"Contact": f"<{ue.uri}>", "Authorization": ue.authorization("REGISTER", "sip:home1.test")}
        ue.send("REGISTER", None, answer, seconds=8)

    assert ue.responses[-1].status in (403, 480, 500, 504)
    assert len(world.node.store) == 0
    world.run(60)
    assert ue.register().status == 200


@pytest.mark.clause("RFC 6733 §5.4")
def test_a_node_that_stops_takes_leave_of_its_hss() -> None:
    world = CxWorld()

    stopped = world.scscf.stop()
    world.run(1)

    assert stopped.called
    assert all(peer.state == "Closed" for peer in world.stub.diameter.peers())


def test_every_message_is_shown_to_onlookers_and_logged_without_secrets(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "scscf.messages")
    world = CxWorld(subscribers=MORE)
    ue = world.client(user="erin", username=ERIN, usim=Usim())
    ue.register()

    texts = [text for record in caplog.records if (text := getattr(record, "diameter", None))]
    (vector,) = [text for text in texts if text.startswith("Multimedia-Auth-Answer")]
    for name in ("SIP-Authorization", "Confidentiality-Key", "Integrity-Key"):
        assert f"{name}: ...\n" in f"{vector}\n"
    assert any(text.startswith("Server-Assignment-Answer") and "<IMSSubscription>" in text for text in texts)


def test_by_name_everything_of_ours_has_the_advertised_name() -> None:
    name = "scscf.home1.test:5060"
    world = CxWorld({"listen": [f"udp://127.0.0.1:5060?advertise={name}"], "server_name": None})
    ue = phone(world)

    accepted = ue.register()
    subscribed = ue.subscribe()
    world.run(1)

    assert world.node.server_name == f"sip:{name}"
    assert accepted.get_all("service-route") == [f"<sip:orig@{name};lr>"]
    assert subscribed.get_all("contact") == [f"<sip:{name}>"]
    (notify,) = ue.notifies
    assert notify.get_all("contact") == [f"<sip:{name}>"]
    assert notify.vias[0].host == "scscf.home1.test"
    serving = world.hss.servers.find("tobias")
    assert serving is not None
    assert serving.server_name == f"sip:{name}"
