"""What a UE is offered in Security-Server."""

import pytest

from scscf.auth.security_server import KEY_OCTETS, SecurityServer
from scscf.sip.sec_agree import format_mechanisms

pytestmark = pytest.mark.clause("RFC 3329 §2.2")


def test_the_list_is_the_same_for_the_same_ue_and_another_for_another_one() -> None:
    asked: list[int] = []

    def key() -> bytes:
        asked.append(1)
        return bytes(KEY_OCTETS)

    server = SecurityServer(key)
    first = server.mechanisms("127.0.0.9", 5060, tls=False)

    assert server.mechanisms("127.0.0.9", 5060, tls=False) == first
    assert server.mechanisms("127.0.0.10", 5060, tls=False) != first
    assert server.mechanisms("127.0.0.9", 5061, tls=False) != first
    assert SecurityServer(lambda: b"k" * KEY_OCTETS).mechanisms("127.0.0.9", 5060, tls=False) != first
    assert asked == [1]


@pytest.mark.parametrize(("tls", "names"), [(False, ["digest", "ipsec-3gpp"]), (True, ["tls", "digest", "ipsec-3gpp"])])
def test_preferences_differ_and_fall(tls: bool, names: list[str]) -> None:
    mechanisms = SecurityServer(lambda: bytes(KEY_OCTETS)).mechanisms("::1", 5060, tls=tls)
    preferences = [float(dict(each.params)["q"] or "") for each in mechanisms]

    assert [each.name for each in mechanisms] == names
    assert preferences == sorted(set(preferences), reverse=True)


def test_the_parameters_are_those_of_a_p_cscf() -> None:
    ipsec = SecurityServer(lambda: bytes(KEY_OCTETS)).mechanisms("127.0.0.9", 5060, tls=False)[-1]
    params = dict(ipsec.params)

    assert all(256 <= int(params[name] or "") < 2**32 for name in ("spi-c", "spi-s"))
    assert params["spi-c"] != params["spi-s"]
    assert (params["port-c"], params["port-s"], params["alg"]) == ("5060", "5060", "hmac-sha-1-96")
    assert format_mechanisms([ipsec]).startswith("ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;ealg=aes-cbc;prot=esp;mod=trans;")
