from pathlib import Path

import pytest

from hss_stub.entry import Aka, Digest
from hss_stub.sipp_csv import from_csv
from hss_stub.subscriber import Subscriber
from hss_stub.subscribers import Subscribers, subscribers_of
from scscf.errors import InputError
from scscf.yaml_file import parse_yaml

OP = "000102030405060708090a0b0c0d0e0f"


def imported(folder: Path, text: str, columns: str = "user,domain") -> Subscribers:
    (folder / "users.csv").write_text(text, encoding="utf-8")
    return subscribers_of(parse_yaml(from_csv(folder / "users.csv", "home2.test", columns), "s.yaml"))


def only(subscribers: Subscribers) -> Subscriber:
    (impi,) = subscribers.private_identities()
    found = subscribers.find(impi)
    assert found is not None
    return found


@pytest.mark.parametrize("header", ["SEQUENTIAL\n", "RANDOM\n", "USER\n", "sequential\n", "", "\ufeffSEQUENTIAL\n"])
def test_a_line_is_a_subscription(tmp_path, header):
    users = imported(tmp_path, f"{header}# nobody\nalice;home1.test\n\nbob\n")

    assert list(users.private_identities()) == ["alice@home1.test", "bob@home2.test"]
    assert users.by_public("sip:alice@home1.test") == ("alice@home1.test",)
    assert users.find("bob@home2.test").auth is None


@pytest.mark.parametrize(
    ("line", "columns", "impi", "username"),
    [
        ("alice;[authentication username=alice@home1.test password=pw]", "user,domain", "alice@home1.test", None),
        ("alice;h;[authentication username=alice password=pw]", "user,domain", "alice@h", "alice"),
        ("alice;[authentication username=al password='pw'];h", "user,domain", "al@h", "al"),
        ('alice;;[authentication username="al" password="pw"]', "user,domain", "al@home2.test", "al"),
        ("[authentication username=al password=pw];alice", "skip,user", "al@home2.test", "al"),
        ("alice;pw", "user,password", "alice@home2.test", None),
        ("alice;;pw;al", "user,domain,password,username", "al@home2.test", "al"),
        ("5060;alice;pw", "skip, user, password", "alice@home2.test", None),
    ],
)
def test_a_password_stands_where_the_columns_say_or_in_the_credentials(tmp_path, line, columns, impi, username):
    found = only(imported(tmp_path, f"SEQUENTIAL\n{line}\n", columns))

    assert found.profile.private_identity == impi
    assert found.username == (username or impi)
    assert isinstance(found.auth, Digest)
    assert found.auth.password.text(0) == "pw"


@pytest.mark.parametrize(
    ("key", "k"),
    [("0x465B5CE8B199B49FAA5F0A2EE238A6BC", "465b5ce8b199b49faa5f0a2ee238a6bc"), ("secret", b"secret".hex())],
)
def test_keys_are_hexadecimal_or_octets(tmp_path, key, k):
    fields = f"username=erin@h aka_K={key} aka_OP=0x{OP} aka_AMF=0xB9B9"

    found = only(imported(tmp_path, f"erin;h;[authentication {fields}]\n"))

    assert isinstance(found.auth, Aka)
    assert (found.auth.k.text(0), found.auth.op.text(0)) == (k.ljust(32, "0"), OP)
    assert found.auth.amf.text(0) == "b9b9"


def test_a_line_under_printf_is_a_range(tmp_path):
    users = imported(
        tmp_path,
        "SEQUENTIAL,PRINTF=1000,PRINTFOFFSET=500\nu%05d;home1.test;[authentication username=u%05d password=p%d]\n",
    )

    assert len(users) == 1000
    assert len(users.entries) == 1
    assert users.find("u00500@home1.test").auth.password.text(500) == "p500"
    assert users.find("u01499@home1.test") is not None
    assert users.find("u01500@home1.test") is None


def test_a_line_that_is_there_again_is_one_user(tmp_path):
    assert len(imported(tmp_path, "alice;h\nalice;h\n")) == 1


def test_the_file_can_be_any_identity(tmp_path):
    users = imported(tmp_path, "alice;tel:+49123\n", "user,identity")

    assert users.by_public("tel:+49123") == ("alice@home2.test",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SEQUENTIAL\n;;\n", r"users.csv:2:1: the column user is empty"),
        ("SEQUENTIAL\n", "has no users"),
        ("alice\nalice;h;x\nalice;;[authentication password=x]\n", "csv:3:1: alice@home2.test is in line 1 already"),
        ("SEQUENTIAL,PRINTF=2\na%d\nb%d\n", "PRINTF: must have one line"),
        ("SEQUENTIAL,PRINTF=0\na%d\n", "PRINTF must be a number"),
        ("SEQUENTIAL,PRINTF=9,PRINTFMULTIPLE=2\na%d\n", "PRINTFMULTIPLE nothing but 1"),
        ("SEQUENTIAL,PRINTF=9\nalice\n", r"users.csv:2:1: .*needs \{n\}"),
        ("a b;h\nc;h\n", "users.csv:1:1: "),
        ("x;h\nerin;h;[authentication username=erin aka_K=0x12 aka_OP=0x12]\n", "users.csv:2:1: aka_K and aka_OP"),
        ("erin;h;[authentication username=erin aka_K=secret]\n", "aka_OP"),
    ],
)
def test_every_mistake_is_told_with_its_line(tmp_path, text, said):
    with pytest.raises(InputError, match=said):
        imported(tmp_path, text)


def test_columns_are_known_ones(tmp_path):
    with pytest.raises(InputError, match="--columns: colour: must be some of user, domain"):
        imported(tmp_path, "alice\n", "user,colour")
