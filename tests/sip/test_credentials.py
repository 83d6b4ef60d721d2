import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scscf.errors import SipError
from scscf.sip.credentials import Credentials, parse_credentials
from scscf.sip.grammar import quote
from tests.strategies import texts, tokens


def test_digest_credentials() -> None:
    scheme, params = parse_credentials(
        'Digest username="bob@home1.test", realm="a, b", Nonce="x=y==", uri="sip:home1.test", response="6629", '
        'algorithm=AKAv1-MD5, qop=auth, nc=00000001,cnonce="0a4f"'
    )
    assert scheme == "digest"
    assert params == {
        "username": "bob@home1.test", "realm": "a, b", "nonce": "x=y==", "uri": "sip:home1.test", "response": "6629",
        "algorithm": "AKAv1-MD5", "qop": "auth", "nc": "00000001", "cnonce": "0a4f",
    }  # fmt: skip


def test_qop_may_be_quoted_or_not() -> None:
    assert (
        parse_credentials('Digest qop="auth"').params == parse_credentials("Digest qop=auth").params == {"qop": "auth"}
    )


def test_escapes_are_undone() -> None:
    params = parse_credentials(r'Digest username="a\"b\\", realm="x"').params
    assert params == {"username": 'a"b\\', "realm": "x"}


def test_white_space_around_the_equals_sign_goes() -> None:
    assert parse_credentials('Digest\trealm = "x" ,\tqop = auth ').params == {"realm": "x", "qop": "auth"}


@pytest.mark.parametrize(
    "text",
    [
        'Digest username="bob", realm="Atlanta" nonce="ea9c", opaque=""',
        'Digest username="bob" , realm="Atlanta",, nonce="ea9c", opaque="",',
        'Digest username="bob", realm=Atlanta nonce="ea9c" opaque=""',
        ", ".join(['Digest username="bob"', "realm=Atlanta nonce=ea9c  opaque="]),
    ],
)
def test_a_comma_too_few_or_too_many_is_put_up_with_unless_strict(text: str) -> None:
    assert parse_credentials(text).params == {"username": "bob", "realm": "Atlanta", "nonce": "ea9c", "opaque": ""}
    with pytest.raises(SipError):
        parse_credentials(text, strict=True)


def test_strict_takes_what_is_well_formed() -> None:
    assert parse_credentials('Digest a="1", b=2,c="3"', strict=True).params == {"a": "1", "b": "2", "c": "3"}


@pytest.mark.parametrize(
    "text",
    [
        "", "Dig(est x=y", 'Digest a="b', 'Digest a="b\\"', "Digest a=1, A=2", 'Digest uri="x", b="2", uri="x"',
        "Digest a b=1", "Digest =1", 'Digest a=b"c"', "Digest a=1, b", 'Digest a="1" b',
        'Digest nonce="34CwFva37UYWpGNB34JP, algorithm=AKAV1-MD5, uri="sip:home1.fr", response="66"',
        "Digest " + ",".join(f"a{number}=1" for number in range(65)),
    ],
)  # fmt: skip
def test_malformed_credentials_are_refused(text: str) -> None:
    with pytest.raises(SipError) as refusal:
        parse_credentials(text)
    assert refusal.value.status == 400


def test_ntlm_and_token_credentials_are_read() -> None:
    ntlm = parse_credentials('NTLM qop="auth", targetname="ocs.test", gssapi-data="TlRM+/==", opaque="99", version=3')
    assert (ntlm.scheme, ntlm.params["gssapi-data"], ntlm.params["version"]) == ("ntlm", "TlRM+/==", "3")
    assert parse_credentials("Basic dXNlcjpwYXNz") == Credentials("basic", {"": "dXNlcjpwYXNz"})
    assert parse_credentials("Kerberos") == Credentials("kerberos", {})


def test_a_repr_names_parameters_and_shows_no_value() -> None:
    assert repr(parse_credentials('Digest username="a", response="beef"')) == "<Credentials digest username, response>"


@settings(max_examples=40)
@given(st.dictionaries(tokens.map(str.lower), texts, min_size=1, max_size=6))
def test_quoted_parameters_come_back_as_they_were(params: dict[str, str]) -> None:
    text = "Digest " + ", ".join(f"{name}={quote(value)}" for name, value in params.items())
    assert parse_credentials(text, strict=True).params == params
