from random import Random

import pytest

from hss_stub.hss import Hss
from hss_stub.milenage import Milenage, opc_of
from hss_stub.procedures import HssProcedures
from hss_stub.registration_states import RegistrationState
from hss_stub.servers import Server, Servers
from hss_stub.subscribers import subscribers_of
from scscf.cx import (
    Assignment,
    Capabilities,
    DeregistrationReason,
    LocationInfo,
    MultimediaAuth,
    RegistrationTermination,
    Restoration,
    RestoredContact,
    Result,
    ServerAssignment,
    UserAuthorization,
    UserAuthorizationType,
)
from scscf.profile.service_profile import ChargingFunctions
from scscf.profile.user_data import parse_user_data
from scscf.yaml_file import parse_yaml
from tests.hss_stub.phone import auts

SUBSCRIBERS = """
subscriptions:
  - name: ann
    private_identities:
      - {id: ann@home1.test, auth: {scheme: digest, password: x, algorithms: [SHA-256, MD5]}}
      - {id: pad@home1.test, auth: {scheme: digest, password: y}}
    implicit_sets:
      - [sip:ann@home1.test, tel:+441]
      - [{id: sip:work@home1.test, service_profile: mail}, {id: "sip:desk!.*!@home1.test", wildcarded: true}]
      - [{id: sip:gone@home1.test, barred: true}]
    roaming: [visited.test]
    charging: {ccf: [aaa://ccf.home1.test]}
    service_profiles:
      mail: {initial_filter_criteria: [{priority: 0, server: sip:as.home1.test, trigger: {method: INVITE}}]}
  - private_identities:
      - {id: sim@home1.test, auth: {scheme: aka, k: &k 00000000000000000000000000000000, op: *k}}
    implicit_sets: [[sip:sim@home1.test]]
  - private_identities: [{id: free@home1.test, auth: {scheme: none}}]
    implicit_sets: [[sip:free@home1.test]]
"""
ANN, PAD, AOR, TEL, WORK = "ann@home1.test", "pad@home1.test", "sip:ann@home1.test", "tel:+441", "sip:work@home1.test"
SIM = ("sim@home1.test", "sip:sim@home1.test")
A, B = "sip:a.home1.test", "sip:b.home1.test"
OFFER = Capabilities((7,), (), (A, B))
Type = ServerAssignment
ROAM, LEAVE, PICK = UserAuthorizationType


@pytest.fixture
def hss():
    subscribers = subscribers_of(parse_yaml(SUBSCRIBERS, "s.yaml"))
    made = Hss(HssProcedures(subscribers, Random(1).randbytes), Servers((Server(A, (7,)), Server(B))))
    made.pushes = []
    made.moved = made.pushes.append
    return made


def uar(hss, impi=ANN, impu=AOR, visited=None, kind=ROAM, emergency=False):
    return hss.user_authorization(UserAuthorization(impi, impu, visited, kind, emergency))


def lir(hss, impu=AOR, originating=False, kind=None):
    return hss.location_info(LocationInfo(impu, originating, kind))


def mar(hss, impi=ANN, impu=AOR, server=A, scheme="Unknown", items=1, failed=None):
    return hss.multimedia_auth(MultimediaAuth(impi, impu, server, scheme, items, failed), host_of(server))


def sar(hss, kind, *impus, impi=ANN, server=A, **more):
    return hss.server_assignment(Assignment(kind, server, impi, impus or (AOR,), **more), host_of(server))


def host_of(server):
    return server.removeprefix("sip:")


def state(hss, impi=ANN, impu=AOR):
    return hss.core.registration_state(impi, impu)


def serving(hss):
    found = hss.servers.find("ann")
    return found and (found.server_name, found.pending)


@pytest.mark.clause("TS 29.228 §6.1.1.1")
@pytest.mark.parametrize(
    ("asked", "result"),
    [
        ({"impi": "who@home1.test"}, Result.USER_UNKNOWN),
        ({"impu": "sip:who@home1.test"}, Result.USER_UNKNOWN),
        ({"impu": "sip:free@home1.test"}, Result.IDENTITIES_DONT_MATCH),
        ({"impu": "sip:gone@home1.test"}, Result.AUTHORIZATION_REJECTED),
        ({"impu": "sip:gone@home1.test", "emergency": True}, Result.FIRST_REGISTRATION),
        ({"visited": "other.test"}, Result.ROAMING_NOT_ALLOWED),
        ({"visited": "other.test", "emergency": True}, Result.FIRST_REGISTRATION),
        ({"visited": "Visited.test"}, Result.FIRST_REGISTRATION),
        ({"visited": "Home1.test"}, Result.FIRST_REGISTRATION),
        ({"visited": "other.test", "kind": PICK}, Result.ROAMING_NOT_ALLOWED),
        ({"kind": PICK}, Result.SUCCESS),
        ({"kind": LEAVE}, Result.IDENTITY_NOT_REGISTERED),
        ({}, Result.FIRST_REGISTRATION),
    ],
)
def test_who_may_register_and_which_s_cscf_may_serve_them(hss, asked, result):
    answer = uar(hss, **asked)

    assert answer.result is result
    assert answer.server_name is None
    assert answer.capabilities == (OFFER if result.is_success else None)


@pytest.mark.clause("TS 29.228 §6.1.1.1")
def test_a_registered_user_s_s_cscf_is_named(hss):
    sar(hss, Type.REGISTRATION)

    assert uar(hss)[:2] == (Result.SUBSEQUENT_REGISTRATION, A)
    assert uar(hss, impi=PAD, impu=WORK)[:2] == (Result.SUBSEQUENT_REGISTRATION, A)
    assert uar(hss, kind=LEAVE, visited="other.test")[:2] == (Result.SUCCESS, A)
    assert uar(hss, kind=LEAVE, impu=WORK).result is Result.IDENTITY_NOT_REGISTERED
    assert uar(hss, kind=PICK) == (Result.SUCCESS, None, OFFER)


@pytest.mark.clause("TS 29.228 §6.1.1.1")
def test_while_a_user_is_authenticated_their_s_cscf_is_named(hss):
    mar(hss, server=B)

    assert uar(hss)[:2] == (Result.SUBSEQUENT_REGISTRATION, B)
    assert uar(hss, kind=LEAVE).result is Result.IDENTITY_NOT_REGISTERED


@pytest.mark.clause("TS 29.228 §6.1.4.1")
def test_where_a_called_user_is_served(hss):
    assert lir(hss, "sip:who@home1.test").result is Result.USER_UNKNOWN
    assert lir(hss).result is Result.IDENTITY_NOT_REGISTERED
    assert lir(hss, originating=True) == (Result.UNREGISTERED_SERVICE, None, OFFER, None)
    assert lir(hss, WORK) == (Result.UNREGISTERED_SERVICE, None, OFFER, None)
    assert lir(hss, kind=PICK) == (Result.SUCCESS, None, OFFER, None)

    sar(hss, Type.REGISTRATION, impi=PAD)

    assert lir(hss) == lir(hss, TEL) == (Result.SUCCESS, A, None, None)
    assert lir(hss, WORK) == (Result.SUCCESS, A, None, None)
    assert lir(hss, "sip:gone@home1.test").result is Result.IDENTITY_NOT_REGISTERED
    assert lir(hss, "sip:desk7@home1.test").wildcarded is None
    sar(hss, Type.UNREGISTERED_USER, WORK, impi=None)
    assert lir(hss, "sip:desk7@home1.test") == (Result.SUCCESS, A, None, "sip:desk!.*!@home1.test")


@pytest.mark.clause("TS 29.228 §6.3.1")
@pytest.mark.parametrize(
    ("impi", "impu", "scheme", "result"),
    [
        ("who@home1.test", AOR, "Unknown", Result.USER_UNKNOWN),
        (ANN, "sip:who@home1.test", "Unknown", Result.USER_UNKNOWN),
        (ANN, "sip:free@home1.test", "Unknown", Result.IDENTITIES_DONT_MATCH),
        (ANN, AOR, "Digest-AKAv1-MD5", Result.AUTH_SCHEME_NOT_SUPPORTED),
        (*SIM, "SIP Digest", Result.AUTH_SCHEME_NOT_SUPPORTED),
        (ANN, AOR, "SIP Digest", Result.SUCCESS),
        (*SIM, "Digest-AKAv2-SHA-256", Result.SUCCESS),
        ("free@home1.test", "sip:free@home1.test", "SIP Digest", Result.SUCCESS),
    ],
)
def test_who_is_authenticated_and_how(hss, impi, impu, scheme, result):
    answer = mar(hss, impi, impu, scheme=scheme)

    assert answer.result is result
    assert bool(answer.items) is result.is_success
    assert (hss.servers.all() != {}) is result.is_success


@pytest.mark.clause("TS 29.228 §6.3.1")
def test_what_the_items_are(hss):
    digests = mar(hss).items
    vectors = mar(hss, *SIM, items=3).items

    assert [(item.scheme, item.digest.algorithm, item.digest.realm) for item in digests] == [
        ("SIP Digest", "SHA-256", "home1.test"),
        ("SIP Digest", "MD5", "home1.test"),
    ]
    assert {item.scheme for item in vectors} == {"Digest-AKAv1-MD5"}
    assert len({item.aka.rand for item in vectors}) == 3
    assert len(mar(hss, *SIM, items=4_000_000_000).items) == 5
    assert [item.scheme for item in mar(hss, "free@home1.test", "sip:free@home1.test").items] == ["None"]


@pytest.mark.clause("TS 29.228 §8.1")
def test_after_a_synchronisation_failure_only_the_stored_s_cscf_is_answered(hss):
    sent = mar(hss, *SIM).items[0].aka
    failed = auts(sent, Milenage(bytes(16), opc_of(bytes(16), bytes(16))), 0x5000)

    before = hss.core.sqn(SIM[0])
    assert mar(hss, *SIM, server=B, failed=failed).result is Result.UNABLE_TO_COMPLY
    assert hss.core.sqn(SIM[0]) == before
    assert mar(hss, *SIM, server=A, failed=failed).result is Result.SUCCESS


REGISTERED, UNREGISTERED, AWAY = (
    RegistrationState.REGISTERED,
    RegistrationState.UNREGISTERED,
    RegistrationState.NOT_REGISTERED,
)
STATES = {
    Type.NO_ASSIGNMENT: (REGISTERED, True),
    Type.REGISTRATION: (REGISTERED, True),
    Type.RE_REGISTRATION: (REGISTERED, True),
    Type.UNREGISTERED_USER: (REGISTERED, True),
    Type.TIMEOUT_DEREGISTRATION: (AWAY, False),
    Type.USER_DEREGISTRATION: (AWAY, False),
    Type.TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME: (UNREGISTERED, False),
    Type.USER_DEREGISTRATION_STORE_SERVER_NAME: (UNREGISTERED, False),
    Type.ADMINISTRATIVE_DEREGISTRATION: (AWAY, False),
    Type.AUTHENTICATION_FAILURE: (REGISTERED, False),
    Type.AUTHENTICATION_TIMEOUT: (REGISTERED, False),
    Type.DEREGISTRATION_TOO_MUCH_DATA: (AWAY, False),
    Type.RESTORATION: (REGISTERED, True),
}


@pytest.mark.clause("TS 29.228 §6.1.2.1")
@pytest.mark.parametrize("kind", ServerAssignment)
def test_what_each_assignment_type_leaves_of_a_registered_user(hss, kind):
    sar(hss, Type.REGISTRATION)

    answer = sar(hss, kind)

    if kind in (Type.AAA_USER_DATA_REQUEST, Type.PGW_UPDATE):
        assert answer.result is Result.IN_ASSIGNMENT_TYPE
        return
    left, with_data = STATES[kind]
    assert answer.result is Result.SUCCESS
    assert state(hss) is left
    assert serving(hss) == (None if left is AWAY else (A, False))
    assert (answer.user_data is not None) is with_data


@pytest.mark.clause("TS 29.228 §6.1.2.1")
def test_the_answer_has_the_set_the_charging_functions_and_who_shares_the_subscription(hss):
    answer = sar(hss, Type.REGISTRATION, WORK)
    downloaded = parse_user_data(answer.user_data)

    assert [identity.uri for identity in downloaded.implicit_set] == [WORK, "sip:desk!.*!@home1.test"]
    assert answer.charging == ChargingFunctions(("aaa://ccf.home1.test",))
    assert answer.associated == (PAD,)
    assert sar(hss, Type.RE_REGISTRATION, WORK, user_data_available=True).user_data is None


@pytest.mark.clause("TS 29.228 §6.1.2.1")
@pytest.mark.parametrize(
    ("kind", "impi", "impus", "result"),
    [
        (Type.REGISTRATION, "who@home1.test", (AOR,), Result.USER_UNKNOWN),
        (Type.REGISTRATION, ANN, ("sip:who@home1.test",), Result.USER_UNKNOWN),
        (Type.REGISTRATION, ANN, ("sip:free@home1.test",), Result.IDENTITIES_DONT_MATCH),
        (Type.REGISTRATION, ANN, (AOR, WORK), Result.UNABLE_TO_COMPLY),
        (Type.REGISTRATION, None, (AOR,), Result.UNABLE_TO_COMPLY),
        (Type.UNREGISTERED_USER, None, (AOR,), Result.SUCCESS),
        (Type.UNREGISTERED_USER, None, ("sip:who@home1.test",), Result.USER_UNKNOWN),
        (Type.NO_ASSIGNMENT, ANN, (AOR,), Result.UNABLE_TO_COMPLY),
        (Type.USER_DEREGISTRATION, ANN, (AOR, WORK), Result.SUCCESS),
        (Type.USER_DEREGISTRATION, ANN, (), Result.SUCCESS),
        (Type.USER_DEREGISTRATION, None, (), Result.USER_UNKNOWN),
    ],
)
def test_what_is_wrong_with_an_assignment(hss, kind, impi, impus, result):
    assert hss.server_assignment(Assignment(kind, A, impi, impus)).result is result


@pytest.mark.clause("TS 29.228 §8.1")
@pytest.mark.parametrize("kind", [each for each in ServerAssignment if each.value not in (12, 13)])
def test_another_s_cscf_than_the_stored_one_is_refused(hss, kind):
    sar(hss, Type.REGISTRATION)

    refused = sar(hss, kind, server=B).result

    takes = kind in (Type.REGISTRATION, Type.RE_REGISTRATION, Type.UNREGISTERED_USER)
    assert refused is (Result.IDENTITY_ALREADY_REGISTERED if takes else Result.UNABLE_TO_COMPLY)
    assert (state(hss), serving(hss)) == (REGISTERED, (A, False))


@pytest.mark.clause("TS 29.228 §8.1", "TS 29.228 §8.1.1")
def test_who_authenticates_a_user_takes_the_place_of_the_s_cscf_before_and_that_one_is_told(hss):
    sar(hss, Type.REGISTRATION)
    sar(hss, Type.REGISTRATION, WORK, impi=PAD)

    mar(hss, server=B)
    assert (hss.pushes, serving(hss)) == ([], (B, True))
    assert sar(hss, Type.REGISTRATION, server=B).result is Result.SUCCESS

    reason = DeregistrationReason.NEW_SERVER_ASSIGNED
    assert [(push.server_name, push.host) for push in hss.pushes] == [(A, "a.home1.test")] * 2
    assert [push.request for push in hss.pushes] == [RegistrationTermination(each, reason) for each in (ANN, PAD)]
    assert serving(hss) == (B, False)
    assert (state(hss), state(hss, PAD, WORK)) == (REGISTERED, AWAY)
    sar(hss, Type.RE_REGISTRATION, server=B)
    assert len(hss.pushes) == 2


@pytest.mark.clause("TS 29.228 §8.1.1")
def test_who_fails_to_authenticate_at_another_s_cscf_stays_where_they_were(hss):
    sar(hss, Type.REGISTRATION)
    mar(hss, server=B)

    sar(hss, Type.AUTHENTICATION_FAILURE, server=B)

    assert (hss.pushes, serving(hss)) == ([], (A, False))
    mar(hss, server=B)
    mar(hss, server=A)
    assert serving(hss) == (A, False)


@pytest.mark.clause("TS 29.228 §6.1.2.1")
@pytest.mark.parametrize("kind", [Type.AUTHENTICATION_FAILURE, Type.AUTHENTICATION_TIMEOUT])
def test_a_failed_authentication_forgets_the_s_cscf_of_who_is_not_registered(hss, kind):
    mar(hss)
    assert serving(hss) == (A, True)

    assert sar(hss, kind).result is Result.SUCCESS
    assert serving(hss) is None


@pytest.mark.clause("TS 29.228 §6.1.2.1")
@pytest.mark.parametrize(
    "kind", [Type.USER_DEREGISTRATION_STORE_SERVER_NAME, Type.TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME]
)
def test_an_hss_that_stores_no_names_says_so(hss, kind):
    hss.keeps_names = False
    sar(hss, Type.REGISTRATION)

    assert sar(hss, kind).result is Result.SUCCESS_SERVER_NAME_NOT_STORED
    assert (state(hss), serving(hss)) == (AWAY, None)


@pytest.mark.clause("TS 29.228 §6.1.2.1")
def test_the_s_cscf_stays_while_anything_of_the_subscription_is_registered(hss):
    sar(hss, Type.REGISTRATION)
    sar(hss, Type.REGISTRATION, WORK, impi=PAD)

    sar(hss, Type.USER_DEREGISTRATION)
    assert serving(hss) == (A, False)
    sar(hss, Type.USER_DEREGISTRATION, WORK, impi=PAD)
    assert serving(hss) is None


@pytest.mark.clause("TS 29.228 §6.1.2.1", "TS 23.380 §4.2")
def test_what_an_s_cscf_keeps_here_it_gets_back_until_the_user_leaves(hss):
    kept = Restoration(ANN, (RestoredContact("<sip:ue@192.0.2.1>", ("<sip:p.home1.test>",)),))
    assert sar(hss, Type.REGISTRATION, restoration=kept).restoration == ()

    assert sar(hss, Type.NO_ASSIGNMENT).restoration == (kept,)
    assert sar(hss, Type.UNREGISTERED_USER).restoration == (kept,)
    assert state(hss) is REGISTERED
    sar(hss, Type.USER_DEREGISTRATION)
    assert sar(hss, Type.REGISTRATION).restoration == ()


@pytest.mark.clause("TS 29.228 §6.1.2.1")
def test_more_than_may_be_kept_is_not_kept(hss):
    huge = Restoration(ANN, (RestoredContact("<sip:ue@192.0.2.1>", ("x" * 100_001,)),))
    sar(hss, Type.REGISTRATION, restoration=huge)

    assert sar(hss, Type.NO_ASSIGNMENT).restoration == ()
