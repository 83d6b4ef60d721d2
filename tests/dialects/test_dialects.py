"""What each dialect says in the 200 to a REGISTER."""

import pytest

from scscf.dialects import DIALECTS
from scscf.dialects.dialect import Registered
from scscf.dialects.ims import IMS, associated_uris
from scscf.dialects.rfc3261 import RFC3261
from scscf.profile.service_profile import PublicIdentity
from scscf.sip.message import make_request
from tests.builders import GAMES, TEL, TOBIAS

REQUEST = make_request("REGISTER", "sip:home1.test", [])
SET = (PublicIdentity(TOBIAS), PublicIdentity(TEL))
PATH = ("<sip:p1.test;lr>", "<sip:p2.test;lr>")
SERVICE_ROUTE = ("<sip:orig@scscf.test;lr>",)


def test_a_dialect_is_found_by_its_name() -> None:
    assert list(DIALECTS) == [dialect.name for dialect in DIALECTS.values()] == ["ims", "rfc3261", "siprege"]
    assert (IMS.own_bindings_only, RFC3261.own_bindings_only) == (True, False)
    assert IMS.package.name == RFC3261.package.name == "reg"


def test_ims_tells_path_service_route_and_associated_uris() -> None:
    assert IMS.decorate(Registered(REQUEST, PATH, SET, SERVICE_ROUTE)) == [
        ("Path", PATH[0]),
        ("Path", PATH[1]),
        ("Service-Route", SERVICE_ROUTE[0]),
        ("P-Associated-URI", f"<{TOBIAS}>, <{TEL}>"),
    ]


def test_ims_tells_who_has_left_nothing_of_the_registration() -> None:
    assert IMS.decorate(Registered(REQUEST, (), (), SERVICE_ROUTE)) == []


def test_a_plain_registrar_tells_the_path_only() -> None:
    assert RFC3261.decorate(Registered(REQUEST, PATH, SET, SERVICE_ROUTE)) == [("Path", PATH[0]), ("Path", PATH[1])]


@pytest.mark.parametrize(
    ("identity", "value"),
    [
        (PublicIdentity(GAMES, display_name="Tobias"), f"Tobias <{GAMES}>"),
        (PublicIdentity(GAMES, display_name='T. "the" G'), f'"T. \\"the\\" G" <{GAMES}>'),
        (PublicIdentity(GAMES, display_name=""), f"<{GAMES}>"),
        (PublicIdentity(GAMES, barred=True), ""),
        (PublicIdentity(GAMES, wildcarded=True), ""),
    ],
)
def test_how_an_identity_is_listed(identity: PublicIdentity, value: str) -> None:
    assert associated_uris((identity,)) == value


def test_a_set_that_is_barred_as_a_whole_has_no_associated_uri() -> None:
    barred = (PublicIdentity(TOBIAS, barred=True),)

    assert [name for name, _ in IMS.decorate(Registered(REQUEST, (), barred, SERVICE_ROUTE))] == ["Service-Route"]


def test_ims_keeps_contacts_apart_and_replaces_them() -> None:
    assert (IMS.replaces_contacts, IMS.emergency) == (True, True)
    assert (RFC3261.replaces_contacts, RFC3261.emergency) == (False, False)


@pytest.mark.clause("RFC 6809 §4.2")
def test_feature_caps_are_told_to_who_stays_registered() -> None:
    caps = ("*;+g.3gpp.verstat",)

    assert ("Feature-Caps", caps[0]) in IMS.decorate(Registered(REQUEST, (), SET, SERVICE_ROUTE, feature_caps=caps))
    assert IMS.decorate(Registered(REQUEST, (), (), SERVICE_ROUTE, feature_caps=caps)) == []
