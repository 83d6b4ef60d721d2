"""Service profiles, wildcards, roaming, charging and user data in the subscribers file."""

from pathlib import Path

import pytest

from hss_stub.subscribers import load_subscribers, subscribers_of
from scscf.errors import InputError
from scscf.profile.filter_criteria import DefaultHandling, RegistrationType, SessionCase, matching
from scscf.profile.service_profile import ChargingFunctions
from scscf.sip.message import make_request
from scscf.yaml_file import parse_yaml
from tests.profile.test_user_data import DOCUMENT

FILE = """
subscriptions:
  - private_identities: [{id: tobias@home1.test, auth: {scheme: none}}]
    implicit_sets:
      - - {id: sip:gameMaster@home1.test, service_profile: gaming}
        - sip:tobias@home1.test
        - {id: "sip:desk!.*!@home1.test", wildcarded: true}
    roaming: [Visited.test]
    charging: {ccf: ["aaa://ccf.home1.test"]}
    service_profiles:
      gaming:
        initial_filter_criteria:
          - priority: 1
            server: sip:as.home1.test
            default_handling: terminate
            trigger:
              all:
                - {method: REGISTER}
                - any: [{registration: [initial, refresh, deregister]}, {header: {P-Access-Network-Info: ".*UTRAN.*"}}]
                - {not: {session_case: terminating}}
            service_info: "<x/>"
            include: [request, response]
          - {priority: 0, server: "sip:first.home1.test", trigger: {sdp: {m: video}}, profile_part: unregistered}
          - {priority: 2, server: "sip:last.home1.test", trigger: {request_uri: "home1"}}
"""


@pytest.mark.clause("TS 29.228 §B.2.2", "TS 29.228 §B.2.3")
def test_the_contract_s_example_is_read() -> None:
    subscriber = subscribers_of(parse_yaml(FILE, "s.yaml")).find("tobias@home1.test")
    assert subscriber is not None
    ((game, tobias, desk),) = subscriber.profile.sets
    assert subscriber.roaming == ("visited.test",)
    assert subscriber.profile.charging == ChargingFunctions(("aaa://ccf.home1.test",))
    assert (tobias.service_profile, desk.wildcarded, desk.uri) == (None, True, "sip:desk!.*!@home1.test")
    assert game.service_profile is not None
    assert [each.server.uri for each in game.service_profile.criteria] == [
        "sip:first.home1.test",
        "sip:as.home1.test",
        "sip:last.home1.test",
    ]
    server = game.service_profile.criteria[1].server
    assert server.default_handling is DefaultHandling.TERMINATE
    assert (server.service_info, server.include_request, server.include_response) == ("<x/>", True, True)
    register = make_request("REGISTER", "sip:home1.test", [])
    met = matching(game.service_profile, register, SessionCase.ORIGINATING_REGISTERED, RegistrationType.INITIAL)
    assert [each.priority for each in met] == [1, 2]


@pytest.mark.clause("TS 23.003 §13.4A")
def test_the_owner_of_a_wildcard_is_found_by_any_identity_of_its_range() -> None:
    found = subscribers_of(parse_yaml(FILE, "s.yaml"))
    assert found.by_public("sip:desk7@home1.test") == ("tobias@home1.test",)
    assert found.default_private_identity("sip:desk7@home1.test") == "tobias@home1.test"
    assert found.by_public("sip:chair7@home1.test") == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("service_profile: gaming", "service_profile: gamin", r"gamin: no such profile.*did you mean gaming\?"),
        ("priority: 2", "priority: 1", "priority 1 is there twice"),
        ("{method: REGISTER}", "{method: REGISTER, sdp: {m: x}}", "must have exactly one of all, any, not"),
        ("{method: REGISTER}", "{metod: REGISTER}", r"unknown key.*did you mean method\?"),
        ("video", "(a", r"has a \( without its \)"),
        ("sip:last.home1.test", "sip:last{n}.home1.test", r"\{n\} needs a range"),
        ("sip:first.home1.test", "first", "must be a SIP URI like"),
        ("desk!.*!", "desk", "needs a regular expression between two !"),
        ("aaa://ccf.home1.test", "a b", "ccf"),
        ("terminate", "stop", "default_handling"),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        subscribers_of(parse_yaml(FILE.replace(old, new), "s.yaml"))


def test_a_profile_named_default_is_that_of_identities_that_name_none() -> None:
    text = FILE.replace("gaming", "default").replace(", service_profile: default", "")
    subscriber = subscribers_of(parse_yaml(text, "s.yaml")).find("tobias@home1.test")
    assert subscriber is not None
    assert {identity.service_profile.name for identity in subscriber.profile.sets[0] if identity.service_profile} == {
        "default"
    }
    assert all(identity.service_profile for identity in subscriber.profile.sets[0])


RANGE = """
subscriptions:
  - range: [1, 100]
    private_identities: [{id: "u{n}@home1.test", auth: {scheme: none}}]
    implicit_sets: [["sip:u{n}@home1.test", "tel:+1555{n:04d}", {id: "sip:v{n}@home1.test", service_profile: other}]]
    service_profiles:
      default: {initial_filter_criteria: [{priority: 0, server: "sip:as{n}.home1.test", service_info: "no {n:03d}"}]}
      other: {initial_filter_criteria: [{priority: 0, server: "sip:as.home1.test"}]}
"""


def test_a_range_has_servers_of_its_own_and_shares_what_does_not_vary() -> None:
    found = subscribers_of(parse_yaml(RANGE, "s.yaml"))
    seven, eight = found.find("u7@home1.test"), found.find("u8@home1.test")
    assert seven is not None
    assert eight is not None
    (sip, tel, other), (_, _, same) = seven.profile.sets[0], eight.profile.sets[0]
    assert sip.service_profile is not None
    assert sip.service_profile is tel.service_profile
    assert sip.service_profile.criteria[0].server[:3:2] == ("sip:as7.home1.test", "no 007")
    assert other.service_profile is same.service_profile


def test_a_device_may_have_only_the_wildcard() -> None:
    text = FILE.replace("auth: {scheme: none}}", 'auth: {scheme: none}, identities: ["sip:desk!.*!@home1.test"]}')
    subscriber = subscribers_of(parse_yaml(text, "s.yaml")).find("tobias@home1.test")
    assert subscriber is not None
    assert [identity.uri for identity in subscriber.profile.sets[0]] == ["sip:desk!.*!@home1.test"]


def with_user_data(folder: Path, document: str, more: str = "") -> Path:
    (folder / "profile.xml").write_text(document)
    path = folder / "subscribers.yaml"
    path.write_text(
        "subscriptions:\n  - private_identities: [{id: alice@home1.test, auth: {scheme: none}}]\n"
        f"    user_data: profile.xml\n{more}"
    )
    return path


@pytest.mark.clause("TS 29.228 annex E")
def test_user_data_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    subscriber = load_subscribers(with_user_data(tmp_path, DOCUMENT)).find("alice@home1.test")
    assert subscriber is not None
    assert [identity.uri for identity in subscriber.profile.sets[0]] == [
        "sip:001010000000001@home1.test",
        "sip:alice@home1.test",
        "tel:+15550001",
        "sip:desk!.*!@home1.test",
    ]


@pytest.mark.parametrize(
    ("document", "more", "message"),
    [
        ("<a/>", "", "profile.xml: must be an IMSSubscription, not a"),
        (DOCUMENT.replace("alice@home1.test<", "bob@h<"), "", "PrivateID bob@h is none of alice@home1.test"),
        (DOCUMENT, "    implicit_sets: [[sip:x@home1.test]]\n", "goes without implicit_sets"),
    ],
)
def test_user_data_that_do_not_fit_are_named(tmp_path: Path, document: str, more: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_subscribers(with_user_data(tmp_path, document, more))


def test_user_data_that_are_not_there_are_named(tmp_path: Path) -> None:
    path = with_user_data(tmp_path, DOCUMENT)
    (tmp_path / "profile.xml").unlink()
    with pytest.raises(InputError, match=r"profile.xml: No such file"):
        load_subscribers(path)
