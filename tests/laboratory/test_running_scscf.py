"""An S-CSCF beside the test."""

import json
import socket
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from scscf.errors import InputError
from scscf.laboratory.api_calls import ApiError, NotSoError
from scscf.laboratory.reactor_thread import ReactorThread
from scscf.laboratory.running_scscf import RunningScscf
from scscf.laboratory.simulated_ue import SimulatedUe
from scscf.laboratory.ues import Ues

MakeUe = Callable[..., SimulatedUe]
ALICE = "sip:alice@home1.test"


def test_it_is_reached_where_it_says(scscf: RunningScscf) -> None:
    with urllib.request.urlopen(f"{scscf.api}/v1/health") as answer:
        listeners = json.load(answer)["listeners"]

    assert [f"{each}:{scscf.port}" for each in ("udp://127.0.0.1", "tcp://127.0.0.1")] == listeners
    assert scscf.uri == f"sip:{scscf.host}:{scscf.port}"
    assert repr(scscf) == f"<S-CSCF at 127.0.0.1:{scscf.port}>"


def test_a_call_that_is_refused_raises_with_the_sentence(scscf: RunningScscf) -> None:
    with pytest.raises(ApiError, match="is not registered") as refused:
        scscf.registration(ALICE)

    assert (refused.value.status, refused.value.code) == (404, "not_registered")


def test_registrations_are_read_page_by_page(scscf: RunningScscf, ue: MakeUe) -> None:
    for user in ("alice", "bob", "carol"):
        ue(f"sip:{user}@home1.test").register()
    one_by_one, call = [], scscf.call

    def small_pages(method: str, path: str, query: dict[str, object]) -> dict[str, object]:
        one_by_one.append(path)
        return call(method, path, query={**query, "limit": 1})

    scscf.call = small_pages  # type: ignore[method-assign, assignment]

    assert [each["aor"][4:9] for each in scscf.registrations()] == ["alice", "bob@h", "carol"]
    assert len(one_by_one) == 3


def test_it_waits_until_somebody_is_registered_with_so_many_contacts(scscf: RunningScscf, ue: MakeUe) -> None:
    phone = ue(ALICE)
    phone.register()

    assert scscf.wait_for(ALICE, contacts=1)["state"] == "active"
    assert scscf.wait_for(ALICE, contacts=[phone.contact])["aor"] == ALICE
    with pytest.raises(NotSoError, match="not 2"):
        scscf.wait_for(ALICE, contacts=2, timeout=0.03)
    phone.deregister()
    assert scscf.wait_for(ALICE, "terminated")["contacts"] == []
    with pytest.raises(NotSoError, match="is not active"):
        scscf.wait_for(ALICE, timeout=0.03)
    with pytest.raises(ApiError, match="bad_aor"):
        scscf.wait_for("alice")


def test_the_operator_ends_and_shortens_registrations(scscf: RunningScscf, ue: MakeUe) -> None:
    phone = ue(ALICE)
    phone.register()
    subscription = phone.subscribe()
    subscription.notified()

    scscf.reauthenticate(ALICE, expires=300, wait=5)
    assert subscription.notified().document.registrations[0].contacts[0].get("event") == "shortened"
    report = scscf.deregister(ALICE, event="rejected", wait=5)

    assert [each["status"] for each in report["watchers"]] == [200]
    assert subscription.notified().document.registrations[0].contacts[0].get("event") == "rejected"
    assert scscf.subscriptions() == scscf.subscriptions(ALICE) == []


def test_a_rule_and_a_quirk_are_set_and_taken_back(scscf: RunningScscf, ue: MakeUe) -> None:
    assert scscf.rule("deaf", {"method": "REGISTER"}, {"answer": {"status": 480}})["hits"] == 0
    assert ue(ALICE).register().status == 480
    assert scscf.call("GET", "/v1/rules/deaf")["hits"] == 1
    scscf.remove_rule("deaf")
    assert ue(ALICE).register().status == 200

    assert scscf.quirk("version-starts-at-2")["on"] is True
    assert scscf.quirk("version-starts-at-2", on=False)["on"] is False
    with pytest.raises(ApiError, match="no_such_quirk"):
        scscf.quirk("good-manners")


def test_it_forgets_everything_in_a_restart_and_is_reached_as_before(scscf: RunningScscf, ue: MakeUe) -> None:
    phone = ue(ALICE, permit=["contact-lost"])
    phone.register()
    before = (scscf.uri, scscf.api)

    scscf.restart()

    assert (scscf.uri, scscf.api) == before
    assert scscf.registrations() == []
    assert phone.register().status == 200


def test_drained_it_is_closed_and_can_be_stopped_again(scscf: RunningScscf) -> None:
    assert scscf.call("POST", "/v1/drain", {"event": "deactivated"})["removed"] == []

    scscf.stop()
    scscf.stop()


def test_a_wrong_configuration_is_told_with_its_place(scscf_thread: ReactorThread) -> None:
    with pytest.raises(InputError, match=r"scscf_config: registrar\.min_expires"):
        RunningScscf(scscf_thread, {"registrar": {"min_expires": "soon"}})
    with pytest.raises(InputError, match="scscf_subscribers: subscriptions"):
        RunningScscf(scscf_thread, {}, [{"name": 7}])


def test_a_port_that_is_taken_is_told_and_nothing_is_left(scscf_thread: ReactorThread) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(InputError, match="cannot listen on"):
            RunningScscf(scscf_thread, {"listen": [f"tcp://127.0.0.1:{port}"]})
        with pytest.raises(InputError, match="cannot listen on"):
            RunningScscf(scscf_thread, {"listen": ["udp://127.0.0.1:0"], "api": f"http://127.0.0.1:{port}"})


def test_ues_reach_it_where_it_listens(scscf_thread: ReactorThread) -> None:
    running = RunningScscf(scscf_thread, {"listen": ["tcp://[::1]:0", "udp://0.0.0.0:0?advertise=198.51.100.1:5060"]})
    ues = Ues(running)

    try:
        assert (running.host, running.reached_over("udp")[0]) == ("::1", "127.0.0.1")
        phone = ues.make("sip:carol@home1.test", transport="tcp")
        assert phone.register().status == 200
        assert phone.address[0] == "::1"
        assert ues.judge() == ""
        with pytest.raises(LookupError, match="does not listen on tls"):
            running.reached_over("tls")
    finally:
        ues.close()
        running.stop()


def test_subscribers_come_from_a_file_and_listeners_from_the_configuration(
    scscf_thread: ReactorThread, tmp_path: Path
) -> None:
    file = tmp_path / "subscribers.yaml"
    file.write_text(
        "subscriptions:\n- name: zoe\n  private_identities: [{id: zoe@home1.test, auth: {scheme: none}}]\n"
        "  implicit_sets: [['sip:zoe@home1.test']]\n"
    )

    running = RunningScscf(scscf_thread, {"listen": ["udp://127.0.0.1:0"], "trusted_peers": ["192.0.2.7"]}, file)

    try:
        assert running.call("GET", "/v1/subscribers")["subscribers"] == ["zoe@home1.test"]
        assert [str(each) for each in running.config.trusted_peers] == ["192.0.2.7/32", "127.224.0.0/12"]
    finally:
        running.stop()
