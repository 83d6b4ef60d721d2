"""`strict: true` refuses what is put up with otherwise."""

import pytest

from tests.world import World

LENIENT_200 = [
    ({"To": "<sip:carol@home1.test>;tag=unknown"}, 481),
    ({"Max-Forwards": None}, 400),
    ({"From": "<sip:carol@home1.test>"}, 400),
    ({"Via": "SIP/2.0/UDP 127.0.0.9:5070;branch=99ueth"}, 400),
    ({"Contact": "<sip:[5555:1:2:3:4]:1357>"}, 400),
    ({"Route": "sip:127.0.0.1;lr"}, 400),
]


@pytest.mark.parametrize(("headers", "status"), LENIENT_200)
def test_what_is_lenient_by_default_is_refused_when_strict(headers: dict[str, str | None], status: int) -> None:
    for strict, expected in ((False, 200), (True, status)):
        carol = World({"strict": strict}).client(user="carol")
        answer = carol.send("REGISTER", "sip:home1.test", headers)
        assert answer is not None
        assert answer.status == expected


def test_credentials_without_their_commas_are_refused_when_strict() -> None:
    value = 'Digest username="x", realm="Atlanta" nonce="n", uri="sip:home1.test", response="r"'
    for strict, expected in ((False, 200), (True, 400)):
        carol = World({"strict": strict}).client(user="carol")
        answer = carol.send("REGISTER", "sip:home1.test", {"Authorization": value})
        assert answer is not None
        assert answer.status == expected


@pytest.mark.clause("TS 24.229 §5.4.1.4")
@pytest.mark.parametrize("headers", [{"Contact": "<sip:c@127.0.0.99>;expires=0"}, {"Contact": "*", "Expires": "0"}])
@pytest.mark.parametrize(("dialect", "status"), [("ims", 481), ("rfc3261", 200)])
def test_what_is_not_registered_is_not_de_registered_when_strict(
    headers: dict[str, str], dialect: str, status: int
) -> None:
    for strict, expected in ((False, 200), (True, status)):
        carol = World({"strict": strict, "dialect": dialect}).client(user="carol")
        answer = carol.send("REGISTER", "sip:home1.test", headers)
        assert answer is not None
        assert answer.status == expected
        assert carol.register().status == 200
        assert carol.register(0).status == 200


def test_an_ordinary_registration_passes_when_strict() -> None:
    phone = World({"strict": True}).client(username="phone@home1.test")

    assert phone.register().status == 200
    assert phone.subscribe().status == 200
