"""NTLM logons: whose name it is, and the NT hash that the HSS has of their password."""

import sys
from random import Random

import pytest

from hss_stub import nt_hash
from hss_stub.embedded import EmbeddedHss
from hss_stub.hss import Hss
from hss_stub.procedures import HssProcedures
from hss_stub.servers import Server, Servers
from hss_stub.subscribers import Subscribers, subscribers_of
from scscf.cx import NTLM, AuthAnswer, AuthItem, DigestVector, MultimediaAuth, PushProfile, Result, ServerAssignment
from scscf.errors import InputError
from scscf.yaml_file import parse_yaml

PASSWORD = bytes.fromhex("a4f49c406510bdcab6824ee7c30fd852")
"""NT hash of `Password`, as MS-NLMP §4.2.2.1.2 has it."""
FILE = """
subscriptions:
  - private_identities: [{id: alice@fabrikam.com, auth: {scheme: ntlm, password: Password, domain: FABRIKAM}}]
    implicit_sets: [[sip:alice@fabrikam.com, sip:al@fabrikam.com]]
  - private_identities: [{id: b17@fabrikam.com, auth: {scheme: ntlm, nt_hash: A4F49C406510BDCAB6824EE7C30FD852,
                          username: Bob}}]
    implicit_sets: [[sip:bob@fabrikam.com]]
  - private_identities: [{id: carol@fabrikam.com, auth: {scheme: digest, password: Password, username: caz}}]
    implicit_sets: [[sip:carol@fabrikam.com]]
  - private_identities: [{id: dan@fabrikam.com, auth: {scheme: digest, ha1: 92CC8E2AD7ECDD6B98F13FA1170F5EA9}}]
    implicit_sets: [[sip:dan@fabrikam.com]]
  - private_identities:
      - {id: eve@fabrikam.com, auth: {scheme: none}}
      - {id: sim@fabrikam.com, auth: {scheme: aka, k: &k 00000000000000000000000000000000, op: *k}}
    implicit_sets: [[sip:eve@fabrikam.com]]
  - range: [1, 100000]
    private_identities: [{id: "u{n}@fabrikam.com", auth: {scheme: ntlm, password: "pw{n}", domain: "D{n}"}}]
    implicit_sets: [["sip:u{n}@fabrikam.com"]]
"""


def read(text: str = FILE) -> Subscribers:
    return subscribers_of(parse_yaml(text, "s.yaml"))


def run(coroutine):
    with pytest.raises(StopIteration) as caught:
        coroutine.send(None)
    return caught.value.value


@pytest.fixture(scope="module")
def hss():
    return EmbeddedHss(read(), Random(1).randbytes)


def mar(hss, user, ntlm=True):
    return run(hss.multimedia_auth(f"{user}@fabrikam.com", f"sip:{user}@fabrikam.com", "fabrikam.com", ntlm=ntlm))


@pytest.mark.clause("MS-NLMP §3.3.1")
def test_the_nt_hash_is_the_published_one():
    assert nt_hash.is_available()
    assert nt_hash.nt_hash("Password") == PASSWORD
    assert len(nt_hash.nt_hash("\udcff")) == nt_hash.LENGTH


@pytest.mark.clause("MS-NLMP §3.3.1")
def test_a_user_of_ntlm_has_an_nt_hash_and_nothing_else(hss):
    answer = mar(hss, "alice")
    assert answer == AuthAnswer(Result.SUCCESS, "ntlm", nt_hash=PASSWORD)
    assert run(hss.multimedia_auth("b17@fabrikam.com", "sip:bob@fabrikam.com", "", ntlm=True)).nt_hash == PASSWORD
    assert mar(hss, "u77").nt_hash == nt_hash.nt_hash("pw77")
    assert mar(hss, "alice", ntlm=False).result is Result.AUTH_SCHEME_NOT_SUPPORTED


def test_a_user_with_a_password_for_digest_has_an_nt_hash_where_it_is_asked_for(hss):
    vector = DigestVector("MD5", "fabrikam.com", "caz", "c1bbd2cbb3a06a27bb4e2c1fbf4a7a55")
    asked, plain = mar(hss, "carol"), mar(hss, "carol", ntlm=False)
    assert (asked.scheme, asked.nt_hash, plain.nt_hash) == ("digest", PASSWORD, b"")
    assert asked.vectors == plain.vectors
    assert asked.vectors[0]._replace(ha1=vector.ha1) == vector


def test_others_have_none(hss):
    assert (mar(hss, "dan").scheme, mar(hss, "dan").nt_hash) == ("digest", b"")
    assert mar(hss, "eve") == AuthAnswer(Result.SUCCESS, "none")
    sim = run(hss.multimedia_auth("sim@fabrikam.com", "sip:eve@fabrikam.com", "fabrikam.com", ntlm=True))
    assert (sim.scheme, sim.nt_hash) == ("aka", b"")
    assert mar(hss, "nobody").result is Result.USER_UNKNOWN


def test_another_file_s_password_counts_at_once():
    hss = EmbeddedHss(read(), Random(1).randbytes)
    assert mar(hss, "alice").nt_hash == PASSWORD
    hss.replace(read(FILE.replace("password: Password, domain", "password: Other, domain")))
    assert mar(hss, "alice").nt_hash == nt_hash.nt_hash("Other")


@pytest.mark.parametrize(
    ("old", "new", "who"),
    [
        ("", "", []),
        ("domain: FABRIKAM", "domain: CONTOSO", ["alice"]),
        ("ntlm, password: Password", "ntlm, password: password", ["alice"]),
        ("ntlm, password: Password, domain: FABRIKAM", "digest, password: Password", ["alice"]),
        (", domain: FABRIKAM}}", "}}", ["alice"]),
        ("A4F49C40", "A4F49C41", ["b17"]),
        ("username: Bob", "username: Rob", ["b17"]),
        ("digest, password: Password", "digest, algorithms: [SHA-256], password: Password", ["carol"]),
        ("pw{n}", "p{n}", ["u7"]),
        ("{scheme: none}", "{scheme: digest, password: x}", ["eve"]),
        ("sip:al@", "sip:ally@", []),
    ],
)
def test_who_logs_on_otherwise_by_another_file(old, new, who):
    hss = EmbeddedHss(read(), Random(1).randbytes)
    for user in ("alice", "b17", "carol", "dan", "eve", "u7"):
        aor = f"sip:{'bob' if user == 'b17' else user}@fabrikam.com"
        hss.assign(f"{user}@fabrikam.com", aor, ServerAssignment.REGISTRATION)

    assert hss.rekeyed_in(read(FILE.replace(old, new, 1))) == [f"{user}@fabrikam.com" for user in who]


def test_no_secret_is_in_what_is_shown(hss):
    assert repr(mar(hss, "alice")) == "<AuthAnswer SUCCESS ntlm and NTLM>"
    shown = repr((mar(hss, "carol"), AuthItem(NTLM, nt_hash=PASSWORD), PushProfile("a", nt_hash=PASSWORD)))
    assert str(PASSWORD)[2:-1] not in shown
    assert PASSWORD.hex() not in shown


@pytest.mark.clause("MS-NLMP §2.2.1.3")
@pytest.mark.parametrize(
    ("name", "user", "found"),
    [
        ("alice", "alice", "alice"),
        ("ALICE", "alice", "alice"),
        ("FABRIKAM\\alice", "alice", "alice"),
        ("fabrikam\\Alice", "al", "alice"),
        ("CONTOSO\\alice", "alice", None),
        ("alice@fabrikam.com", "alice", "alice"),
        ("Alice@Fabrikam.com", "alice", "alice"),
        ("bob", "bob", "b17"),
        ("ANY\\BOB", "bob", "b17"),
        ("B17", "bob", "b17"),
        ("carol", "carol", "carol"),
        ("X\\CAZ", "carol", "carol"),
        ("U5", "u5", "u5"),
        ("alice", "carol", "alice"),
        ("carol", "alice", "carol"),
        ("Bob", "alice", "b17"),
        ("alice", "nobody", "alice"),
        ("mallory", "alice", None),
        ("", "alice", None),
        ("FABRIKAM\\", "alice", None),
        ("a" * 5000, "alice", None),
    ],
)
def test_who_logs_on(hss, name, user, found):
    known = run(hss.identify(name, f"sip:{user}@fabrikam.com", "fabrikam.com", ntlm=True))
    assert known == (found and f"{found}@fabrikam.com")


def test_the_domain_tells_users_of_one_name_apart():
    hss = EmbeddedHss(
        read("""
subscriptions:
  - private_identities:
      - {id: ann@a.test, auth: {scheme: ntlm, password: x, domain: A}}
      - {id: ann@b.test, auth: {scheme: ntlm, password: y, domain: B}}
    implicit_sets: [[sip:ann@a.test]]
"""),
        Random(1).randbytes,
    )
    for name, found in (("A\\ann", "ann@a.test"), ("b\\ANN", "ann@b.test"), ("ann", "ann@a.test")):
        assert run(hss.identify(name, "sip:ann@a.test", "a.test", ntlm=True)) == found


def test_digest_takes_no_ntlm_name(hss):
    for name in ("CAZ", "carol", "CAROL", "X\\caz"):
        assert run(hss.identify(name, "sip:carol@fabrikam.com", "fabrikam.com")) is None


@pytest.mark.parametrize(
    ("auth", "problem"),
    [
        ("", "needs password or nt_hash"),
        (", password: x, nt_hash: a4f49c406510bdcab6824ee7c30fd852", "give password or nt_hash, not both"),
        (", nt_hash: a4f4", "auth.nt_hash: must be 32 hexadecimal digits, not 4 characters"),
        (", password: x, username: 'A\\b'", "auth.username: has no backslash: username and domain are keys of"),
        (", password: x, domain: 'A\\b'", "auth.domain: has no backslash: username and domain are keys of"),
        (", password: x, ha1: a", "auth.ha1: unknown key; allowed: scheme, password, nt_hash, username, domain"),
    ],
)
def test_what_is_wrong_with_it_is_told(auth, problem):
    text = f"""
subscriptions:
  - private_identities: [{{id: a@b.test, auth: {{scheme: ntlm{auth}}}}}]
    implicit_sets: [[sip:a@b.test]]
"""
    with pytest.raises(InputError) as caught:
        read(text)
    assert problem in str(caught.value.problems[0])


def test_without_pyspnego_a_password_for_ntlm_is_refused_and_an_nt_hash_is_not(monkeypatch):
    monkeypatch.setitem(sys.modules, "spnego._ntlm_raw.md4", None)
    with pytest.raises(InputError) as caught:
        read()
    told = [str(problem) for problem in caught.value.problems]
    needed = "needs the extra siprege: pip install 'scscf-simulator[siprege]'; or give nt_hash"
    assert [problem.rpartition("auth.password: ")[2] for problem in told] == [needed, needed]
    hss = EmbeddedHss(
        read(
            FILE.replace("password: Password, domain", f"nt_hash: {'0' * 32}, domain").replace(
                'scheme: ntlm, password: "pw{n}"', 'scheme: ntlm, nt_hash: "000000000000{n:020d}"'
            )
        ),
        Random(1).randbytes,
    )
    assert mar(hss, "alice").nt_hash == bytes(16)
    assert (mar(hss, "carol").scheme, mar(hss, "carol").nt_hash) == ("digest", b"")


def test_over_cx_the_scheme_ntlm_is_answered_with_the_nt_hash_and_what_there_is_for_digest():
    hss = Hss(HssProcedures(read(), Random(1).randbytes), Servers((Server("sip:a.test", ()),)))

    def items(user: str, scheme: str) -> tuple[Result, list[tuple[str, bytes]]]:
        request = MultimediaAuth(f"{user}@fabrikam.com", f"sip:{user}@fabrikam.com", "sip:a.test", scheme)
        answer = hss.multimedia_auth(request, "a.test")
        return answer.result, [(item.scheme, item.nt_hash) for item in answer.items]

    assert items("alice", NTLM) == (Result.SUCCESS, [(NTLM, PASSWORD)])
    assert items("alice", "Unknown") == (Result.AUTH_SCHEME_NOT_SUPPORTED, [])
    assert items("carol", "ntlm") == (Result.SUCCESS, [(NTLM, PASSWORD), ("SIP Digest", b"")])
    assert items("carol", "Unknown") == (Result.SUCCESS, [("SIP Digest", b"")])
    assert items("dan", NTLM) == (Result.AUTH_SCHEME_NOT_SUPPORTED, [])
    assert items("eve", NTLM) == (Result.SUCCESS, [("None", b"")])
