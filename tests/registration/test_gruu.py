"""GRUUs are made, opened and judged (RFC 5627 §3, §5.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scscf.errors import SipError
from scscf.registration.binding import Binding
from scscf.registration.gruu import Gruu, Gruus, is_gruu, public_gruu
from scscf.registration.registration import Contact, Event
from scscf.sip.uri import parse_uri
from tests.builders import TEL, TOBIAS

URN = "urn:gsma:imei:90420156-025763-0"


def binding(
    instance: str | None = f"<{URN}>",
    *,
    uri: str = "sip:ue@192.0.2.1",
    call_id: str = "a@ue",
    cseq: int = 2,
    first: int = 1,
) -> Binding:
    """Return a contact that has asked for GRUUs."""
    params = (("+sip.instance", f'"{instance}"'),) if instance is not None else ()
    return Binding(
        uri, "phone@home1.test", call_id, cseq, 0.0, 3600.0, 3600, params=params, gruu=True, first_cseq=first
    )


def gruus(octet: bytes = b"\x01") -> Gruus:
    """Return what makes temporary GRUUs with a key of its own."""
    return Gruus(lambda: bytes(range(32)) + octet * 32)


def contacts(*bindings: Binding) -> list[Contact]:
    """Return the contacts of an address of record."""
    return [Contact(f"c{index}", each, Event.REGISTERED) for index, each in enumerate(bindings)]


@pytest.mark.clause("RFC 5627 §3.1")
@pytest.mark.parametrize(
    ("instance", "uri", "gruu"),
    [
        (f"<{URN}>", "sip:ue@192.0.2.1", f"{TOBIAS};gr={URN}"),
        (f"<{URN}>", "SIPS:ue@192.0.2.1", f"sips:tobias@home1.test;gr={URN}"),
        ("<urn:UUID:F81D4FAE>", "sip:ue@192.0.2.1", f"{TOBIAS};gr=urn:uuid:f81d4fae"),
        ("<urn:x:a b;c>", "sip:ue@192.0.2.1", f"{TOBIAS};gr=urn:x:a%20b%3Bc"),
        ("<>", "sip:ue@192.0.2.1", None),
        (None, "sip:ue@192.0.2.1", None),
    ],
)
def test_a_public_gruu_is_the_address_of_record_with_the_instance(
    instance: str | None, uri: str, gruu: str | None
) -> None:
    assert public_gruu(TOBIAS, binding(instance, uri=uri)) == gruu


@pytest.mark.clause("RFC 5627 §3.1")
def test_a_public_gruu_stands_for_its_instance_for_ever() -> None:
    uri = parse_uri(public_gruu(TOBIAS, binding("<urn:x:a b;c>")) or "")

    gruu = gruus().resolve(uri)

    assert gruu == Gruu(TOBIAS, "urn:x:a b;c")
    assert gruu.is_live(())


@pytest.mark.clause("RFC 5627 §3.2")
def test_a_temporary_gruu_hides_what_it_is_of_and_the_node_opens_it() -> None:
    node = gruus()
    text = node.temporary(TOBIAS, binding()) or ""
    uri = parse_uri(text)

    assert (uri.scheme, uri.host, uri.parameter("gr")) == ("sip", "home1.test", "")
    assert "tobias" not in text
    assert is_gruu(uri)
    opened = node.resolve(uri)
    assert opened is not None
    assert (opened.aor, opened.instance, opened.cseq) == (TOBIAS, URN, 2)
    assert node.temporary(TOBIAS, binding()) == text
    assert node.temporary(TOBIAS, binding(uri="sips:ue@192.0.2.1")) == "sips" + text[3:]


@pytest.mark.clause("RFC 5627 §3.2")
def test_each_register_has_another_temporary_gruu() -> None:
    node = gruus()

    made = {node.temporary(TOBIAS, binding(cseq=cseq, call_id=call)) for cseq in (1, 2, 3) for call in ("a", "b")}

    assert len(made) == 6


@pytest.mark.clause("RFC 5627 §5.1")
def test_a_temporary_gruu_lives_while_its_call_id_registers_the_instance() -> None:
    node = gruus()

    def is_live(cseq: int, *now: Binding) -> bool:
        opened = node.resolve(parse_uri(node.temporary(TOBIAS, binding(cseq=cseq)) or ""))
        assert opened is not None
        return opened.is_live(contacts(*now))

    assert is_live(2, binding())
    assert is_live(1, binding(cseq=9))
    assert not is_live(1, binding(cseq=9, first=2))
    assert not is_live(3, binding())
    assert not is_live(2, binding(call_id="b@ue", cseq=2))
    assert not is_live(2, binding("<urn:gsma:imei:1>"))
    assert not is_live(2, binding()._replace(gruu=False))
    assert not is_live(2)


def test_a_tel_uri_has_no_gruu() -> None:
    assert public_gruu(TEL, binding()) is None
    assert gruus().temporary(TEL, binding()) is None


def test_without_instance_or_wish_there_is_no_temporary_gruu() -> None:
    assert gruus().temporary(TOBIAS, binding(None)) is None
    assert gruus().temporary(TOBIAS, binding()._replace(gruu=False)) is None


def test_a_key_is_made_once_and_only_when_it_is_needed() -> None:
    asked: list[int] = []

    def key() -> bytes:
        asked.append(1)
        return bytes(range(64))

    node = Gruus(key)
    node.temporary(TOBIAS, binding()._replace(gruu=False))
    assert asked == []

    node.temporary(TOBIAS, binding())
    node.temporary(TOBIAS, binding(cseq=3))
    assert asked == [1]


@pytest.mark.parametrize(
    "uri",
    [
        "sip:tgruu.AAAA@home1.test;gr",
        "sip:tgruu.@home1.test;gr",
        "sip:tgruu.$$$$@home1.test;gr",
        f"sip:tgruu.{'A' * 5000}@home1.test;gr",
        "sip:other.AAAA@home1.test;gr",
        "sip:home1.test;gr=x",
        "sip:tobias@home1.test",
    ],
)
def test_what_this_node_has_not_made_is_no_gruu(uri: str) -> None:
    assert gruus().resolve(parse_uri(uri)) is None


def test_another_nodes_temporary_gruu_is_not_opened() -> None:
    made = gruus(b"\x02").temporary(TOBIAS, binding()) or ""

    assert gruus().resolve(parse_uri(made)) is None


@pytest.mark.parametrize(
    ("uri", "says_so"),
    [
        ("sip:a@b.test;gr", True),
        ("sips:a@b.test;GR=x", True),
        ("sip:a@b.test;grx", False),
        ("sip:a@b.test", False),
        ("tel:+1;gr=x", False),
    ],
)
def test_which_uris_say_that_they_are_gruus(uri: str, says_so: bool) -> None:
    assert is_gruu(parse_uri(uri)) is says_so


@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=60), st.integers(0, 2**32 - 1))
def test_whatever_the_instance_is_its_gruus_lead_back_to_it(name: str, cseq: int) -> None:
    known = binding(f"<urn:x:{name}>".replace('"', "").replace("\\", ""), cseq=cseq, first=cseq)
    for made in (public_gruu(TOBIAS, known), gruus().temporary(TOBIAS, known)):
        try:
            uri = parse_uri(made or "")
        except SipError:
            pytest.fail(f"{made} is no URI")
        opened = gruus().resolve(uri)
        assert opened is not None
        assert opened.aor == TOBIAS
        assert opened.is_live(contacts(known))
