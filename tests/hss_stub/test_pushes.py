from random import Random

import pytest

from hss_stub.hss import Hss
from hss_stub.procedures import HssProcedures
from hss_stub.pushes import NobodyError, profile_changes, terminated, terminations
from hss_stub.registration_states import RegistrationState
from hss_stub.servers import Servers
from hss_stub.subscribers import subscribers_of
from scscf.cx import (
    Assignment,
    DeregistrationReason,
    RegistrationTermination,
    Result,
    ServerAssignment,
)
from scscf.profile.service_profile import ChargingFunctions
from scscf.profile.user_data import parse_user_data
from scscf.yaml_file import parse_yaml

SUBSCRIBERS = """
subscriptions:
  - name: ann
    private_identities:
      - {id: phone@home1.test, auth: {scheme: digest, password: x}}
      - {id: pad@home1.test, auth: {scheme: digest, password: y}, identities: [sip:ann@home1.test]}
    implicit_sets: [[sip:ann@home1.test, tel:+441], [sip:work@home1.test]]
    charging: {ccf: [aaa://ccf.home1.test]}
"""
PHONE, PAD, AOR, WORK, TEL = (
    "phone@home1.test",
    "pad@home1.test",
    "sip:ann@home1.test",
    "sip:work@home1.test",
    "tel:+441",
)
NAME, HOST = "sip:a.home1.test", "a.home1.test"
PERMANENT, MOVED, CHANGE, REMOVE = DeregistrationReason
AWAY, REGISTERED = RegistrationState.NOT_REGISTERED, RegistrationState.REGISTERED


@pytest.fixture
def hss():
    subscribers = subscribers_of(parse_yaml(SUBSCRIBERS, "s.yaml"))
    return Hss(HssProcedures(subscribers, Random(1).randbytes), Servers())


def register(hss, impi, *impus):
    for impu in impus:
        hss.server_assignment(Assignment(ServerAssignment.REGISTRATION, NAME, impi, (impu,)), HOST)


def end(hss, impi=None, impus=(), associated=(), reason=PERMANENT):
    return terminations(hss.core, hss.serving, impi, tuple(impus), associated, reason, "maintenance")


def states(hss):
    users = [(PHONE, AOR), (PHONE, WORK), (PAD, AOR)]
    return [hss.core.registration_state(*each) for each in users]


@pytest.mark.clause("TS 29.228 §6.1.3")
@pytest.mark.parametrize(
    ("impi", "impus", "rtrs"),
    [
        (PHONE, [], [(PHONE, ())]),
        (PHONE, [AOR], [(PHONE, (AOR,))]),
        (None, [AOR], [(PHONE, (AOR,)), (PAD, (AOR,))]),
        (None, [AOR, WORK], [(PHONE, (AOR, WORK)), (PAD, (AOR,))]),
        (None, [WORK], [(PHONE, (WORK,))]),
    ],
)
def test_whom_a_termination_names(hss, impi, impus, rtrs):
    register(hss, PHONE, AOR, WORK)
    register(hss, PAD, AOR)

    pushes = end(hss, impi, impus)

    assert [(push.server_name, push.host) for push in pushes] == [(NAME, HOST)] * len(rtrs)
    assert [push.request for push in pushes] == [
        RegistrationTermination(each, PERMANENT, named, (), "maintenance") for each, named in rtrs
    ]


def test_nobody_can_be_ended_who_is_unknown_or_away(hss):
    for impi, impus in ((PHONE, []), ("who@home1.test", []), (None, [AOR]), (None, ["sip:who@home1.test"])):
        with pytest.raises(NobodyError):
            end(hss, impi, impus)


@pytest.mark.clause("TS 29.228 §6.1.3.1")
@pytest.mark.parametrize(
    ("request_", "result", "left"),
    [
        (RegistrationTermination(PHONE, PERMANENT), Result.SUCCESS, [AWAY, AWAY, REGISTERED]),
        (RegistrationTermination(PHONE, PERMANENT, (TEL,)), Result.SUCCESS, [AWAY, REGISTERED, REGISTERED]),
        (RegistrationTermination(PHONE, CHANGE, (), (PAD,)), Result.SUCCESS, [AWAY, AWAY, AWAY]),
        (RegistrationTermination(PHONE, REMOVE), Result.USER_UNKNOWN, [AWAY, AWAY, REGISTERED]),
        (RegistrationTermination(PHONE, MOVED), Result.SUCCESS, [REGISTERED] * 3),
        (RegistrationTermination(PHONE, PERMANENT), Result.UNABLE_TO_COMPLY, [REGISTERED] * 3),
        (RegistrationTermination(PHONE, PERMANENT), Result.TIMEOUT, [REGISTERED] * 3),
    ],
)
def test_what_an_answer_to_rtr_leaves(hss, request_, result, left):
    register(hss, PHONE, AOR, WORK)
    register(hss, PAD, AOR)

    terminated(hss.core, request_, result)
    hss.released((PHONE, PAD))

    assert states(hss) == left
    assert (hss.servers.find("ann") is None) is (left == [AWAY] * 3)


@pytest.mark.clause("TS 29.228 §6.2.2")
def test_a_profile_is_pushed_once_for_each_set_that_is_registered(hss):
    register(hss, PHONE, AOR, WORK)
    register(hss, PAD, AOR)

    pushed = [push.request for push in profile_changes(hss.core, hss.serving, PHONE)]

    sets = [[identity.uri for identity in parse_user_data(each.user_data).implicit_set] for each in pushed]
    assert sets == [[AOR, TEL], [WORK]]
    assert {each.charging for each in pushed} == {ChargingFunctions(("aaa://ccf.home1.test",))}
    (one,) = profile_changes(hss.core, hss.serving, PAD)
    assert [identity.uri for identity in parse_user_data(one.request.user_data).implicit_set] == [AOR]


@pytest.mark.clause("TS 29.228 §6.5.2.3", "TS 29.228 §6.5.2.4")
def test_charging_functions_and_credentials_are_pushed_alone(hss):
    register(hss, PHONE, AOR)

    (charging,) = profile_changes(hss.core, hss.serving, PHONE, ["charging"])
    (digest,) = profile_changes(hss.core, hss.serving, PHONE, ["digest"])

    assert charging.request[1:] == (None, ChargingFunctions(("aaa://ccf.home1.test",)), None, b"")
    assert digest.request[1:3] == (None, None)
    assert (digest.request.digest.algorithm, digest.request.digest.realm) == ("MD5", "home1.test")


def test_nothing_is_pushed_of_who_is_unknown_or_away(hss):
    for impi in (PHONE, "who@home1.test"):
        with pytest.raises(NobodyError):
            profile_changes(hss.core, hss.serving, impi)
