"""What the 200 says of charging, and to whom (RFC 7315 §4.5, §4.6, TS 24.229 §5.4.1.2.2F)."""

import pytest

from scscf.dialects.charging import answered_vector, charging_headers
from scscf.dialects.dialect import Registered
from scscf.dialects.ims import IMS
from scscf.profile.service_profile import ChargingFunctions
from scscf.sip.message import make_request

pytestmark = pytest.mark.clause("TS 24.229 §5.4.1.2.2F", "RFC 7315 §4.5", "RFC 7315 §4.6")

CHARGING = ChargingFunctions(("aaa://ccf.home1.test", "aaa://ccf2.home1.test"), ("ecf.home1.test",))
ADDRESSES = 'ccf="aaa://ccf.home1.test"; ccf-2="aaa://ccf2.home1.test"; ecf=ecf.home1.test'


def registered(trusted: bool = True, **headers: str) -> Registered:
    """Return a REGISTER of a user whose charging functions are known."""
    fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
    request = make_request("REGISTER", "sip:home1.test", fields)
    return Registered(request, (), (), (), "home1.test", CHARGING, trusted)


@pytest.mark.parametrize(
    ("vector", "answer"),
    [
        ("icid-value=a;orig-ioi=v.test", "icid-value=a;orig-ioi=v.test;term-ioi=home1.test"),
        ('icid-value="a;b" ; orig-ioi=v', 'icid-value="a;b";orig-ioi=v;term-ioi=home1.test'),
        ("icid-value=a;term-ioi=liar.test", "icid-value=a;term-ioi=home1.test"),
        ("orig-ioi=v.test", None),
        ("icid-value=a;icid-value=b", None),
        ("", None),
    ],
)
def test_the_vector_comes_back_with_our_network(vector: str, answer: str | None) -> None:
    assert answered_vector(vector, "home1.test") == answer


def test_the_addresses_are_those_of_the_profile() -> None:
    assert charging_headers(registered()) == [("P-Charging-Function-Addresses", ADDRESSES)]
    assert charging_headers(registered()._replace(charging=ChargingFunctions())) == []
    assert charging_headers(registered()._replace(charging=None)) == []


@pytest.mark.parametrize(
    ("visited", "told"),
    [("home1.test", True), ('"Home1.test"', True), ("visited.test", False), ('"Visited network"', False)],
)
def test_the_addresses_stay_within_the_home_network(visited: str, told: bool) -> None:
    assert bool(charging_headers(registered(P_Visited_Network_ID=visited))) is told


def test_who_is_not_trusted_is_told_nothing_of_it() -> None:
    assert IMS.decorate(registered(False, P_Charging_Vector="icid-value=a")) == []
    assert [name for name, _ in IMS.decorate(registered(True, P_Charging_Vector="icid-value=a"))] == [
        "P-Charging-Vector",
        "P-Charging-Function-Addresses",
    ]
