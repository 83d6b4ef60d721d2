import pytest

from hss_stub.subscribers import subscribers_of
from scscf.errors import InputError
from scscf.yaml_file import parse_yaml

ENTRY = """
subscriptions:
  - range: {range}
    private_identities: [{{id: "{id}", auth: {auth}{more}}}]
    implicit_sets: [["{uri}"]]
"""


def problems(**values):
    values = {
        "range": "null",
        "id": "a@home1.test",
        "auth": "{scheme: none}",
        "more": "",
        "uri": "sip:a@home1.test",
    } | values
    with pytest.raises(InputError) as caught:
        subscribers_of(parse_yaml(ENTRY.format(**values), "s.yaml"))
    return [problem.message.removeprefix("subscriptions[0].") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("auth", "problem"),
    [
        ("{scheme: digest}", "needs password or ha1"),
        ("{scheme: digest, password: x, ha1: 00000000000000000000000000000000}", "give password or ha1, not both"),
        ("{scheme: digest, password: x, algorithms: []}", "algorithms: must be MD5, SHA-256 or both, each once"),
        (
            "{scheme: digest, password: x, algorithms: [MD5, MD5]}",
            "algorithms: must be MD5, SHA-256 or both, each once",
        ),
        ("{scheme: digest, ha1: 0123}", "ha1: must be 32 hexadecimal digits, not 4 characters"),
        ("{scheme: digest, ha1: 0000000000000000000000000000000g}", "ha1: must be 32 hexadecimal digits, not 32"),
        ("{scheme: aka, k: 00000000000000000000000000000000}", "milenage needs op or opc, one of the two, and no topc"),
        ("{scheme: aka, algorithm: tuak, k: 00000000000000000000000000000000}", "tuak needs topc, and neither op nor"),
        ("{scheme: aka, k: 00, opc: 00000000000000000000000000000000}", "k: must be 32 hexadecimal digits, not 2"),
        ("{scheme: aka, k: &a 00000000000000000000000000000000, op: *a, sqn: 1}", "sqn: must be 12 hexadecimal digits"),
        ("{scheme: aka, k: &a 00000000000000000000000000000000, op: *a, amf: 80}", "amf: must be 4 hexadecimal digits"),
    ],
)
def test_secrets_are_checked(auth, problem):
    (told,) = problems(auth=auth)
    assert told.startswith("private_identities[0].auth")
    assert problem in told


def test_keys_of_a_usim_are_taken():
    digits = "0" * 32
    for auth in (
        f"{{scheme: aka, algorithm: milenage, k: {digits}, opc: {digits}, amf: 8000, sqn: 000000000000}}",
        f"{{scheme: aka, k: {digits}, op: {digits}}}",
        f"{{scheme: aka, algorithm: tuak, k: {digits}{digits}, topc: {digits}{digits}}}",
    ):
        text = ENTRY.format(range="null", id="001010000000001@home1.test", auth=auth, more="", uri="sip:a@home1.test")
        subscriber = subscribers_of(parse_yaml(text, "s")).find("001010000000001@home1.test")
        assert subscriber.auth.amf.text(0) == "8000"


@pytest.mark.parametrize("uri", ["a@home1.test", "mailto:a@home1.test", "sip:", "sip:a b@c", "sip:a@", "sip:{x}@c"])
def test_an_identity_must_be_a_sip_or_tel_uri(uri):
    assert problems(uri=uri) == [f"implicit_sets[0][0]: {uri}: must be a SIP or tel URI"]


def test_a_field_without_a_range_is_pointed_at():
    assert problems(uri="sip:a{n}@b") == [
        "implicit_sets[0][0]: sip:a{n}@b: must be a SIP or tel URI; {n} needs a range"
    ]


def test_a_device_may_only_register_what_is_in_a_set():
    assert problems(more=", identities: [sip:b@home1.test]") == [
        "private_identities[0].identities[0]: sip:b@home1.test is in none of the implicit_sets"
    ]


def test_a_range_needs_its_number_in_every_identity():
    needs = "needs {n}: each subscription of the range must have its own"
    assert problems(range="[1, 2]") == [f"private_identities[0].id: {needs}", f"implicit_sets[0][0]: {needs}"]


def test_a_range_runs_forward_and_is_bounded():
    names = {"id": "a{n}@b", "uri": "sip:a{n}@b"}
    assert problems(range="[5, 3]", **names) == ["range: the first number (5) must not be more than the last (3)"]
    assert problems(range="[1, 99999999]", **names) == ["range: at most 10000000 numbers"]
    assert problems(range="[1]", **names) == ["range[1]: missing"]


@pytest.mark.parametrize("name", ["a b", "a,b", "a'\\\"'"])
def test_a_private_identity_has_no_spaces_or_quotes(name):
    assert "must be like user@home1.test" in problems(id=name)[0]
