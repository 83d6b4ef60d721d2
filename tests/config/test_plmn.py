"""A mobile network's own names."""

import pytest

from scscf.config import load_config
from scscf.config.plmn import ims_domain
from scscf.errors import InputError

HOME = "ims.mnc001.mcc001.3gppnetwork.org"

pytestmark = pytest.mark.clause("TS 23.003 §13.2")


@pytest.mark.parametrize(
    ("plmn", "domain"),
    [
        ("001-01", HOME),
        ("00101", HOME),
        ("310-410", "ims.mnc410.mcc310.3gppnetwork.org"),
        ("001-001", HOME),
    ],
)
def test_the_home_domain_of_a_plmn(plmn: str, domain: str) -> None:
    assert ims_domain(plmn) == domain


@pytest.mark.parametrize("plmn", ["", "1-1", "001-1", "0010101", "abc-de", "٠٠١-٠١", "001-01 "])
def test_what_is_no_plmn_is_refused(plmn: str) -> None:
    with pytest.raises(InputError, match="must be MCC-MNC, like 001-01"):
        load_config(None, {}, plmn)


def test_an_s_cscf_of_a_plmn_has_all_of_its_names() -> None:
    config = load_config(None, {"hss": ["diameter://10.0.0.2"]}, "001-01")

    assert [(domain.name, domain.realm) for domain in config.domains] == [(HOME, HOME)]
    assert config.server_name == f"sip:scscf.{HOME}:6060"
    assert [listen.uri for listen in config.listen] == ["udp://127.0.0.1:6060", "tcp://127.0.0.1:6060"]
    diameter = config.diameter
    assert diameter is not None
    assert (diameter.origin_host, diameter.origin_realm, diameter.destination_realm) == (f"scscf.{HOME}", HOME, HOME)


def test_a_plmn_s_server_name_has_the_port_of_the_first_listener() -> None:
    config = load_config(None, {"listen": ["udp://10.0.0.1:5070?advertise=scscf.test:5080"]}, "001-01")

    assert config.server_name == f"sip:scscf.{HOME}:5080"


def test_options_and_written_names_go_before_a_plmn_s() -> None:
    given = {"home_domain": "ims.test", "server_name": "sip:s.ims.test:5060", "hss": ["diameter://a"]}
    config = load_config(None, given, "001-01")

    assert config.domains[0].name == "ims.test"
    assert config.server_name == "sip:s.ims.test:5060"
    assert config.diameter is not None
    assert (config.diameter.origin_host, config.diameter.origin_realm) == ("s.ims.test", "ims.test")
