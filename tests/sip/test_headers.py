import pytest

from scscf.sip.headers import COMPACT_FORMS, KEYS, MALFORMED, NOT_LISTS, SINGLE


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Via", "via"),
        ("v", "via"),
        ("V ", "via"),
        ("CALL-ID\t", "call-id"),
        ("l", "content-length"),
        ("X-Own", "x-own"),
    ],
)
def test_a_field_is_found_however_its_name_is_written(written: str, key: str) -> None:
    assert KEYS[written] == key
    assert KEYS[written] == key


@pytest.mark.parametrize("written", ["", " ", " Via", "Call ID", "Vi(a", "Ä", "a" * 5000 + "("])
def test_what_is_no_token_is_told(written: str) -> None:
    assert KEYS[written] == MALFORMED


def test_the_spellings_kept_are_bounded() -> None:
    before = dict(KEYS)
    for number in range(10000):
        assert KEYS[f"X-{number}"] == f"x-{number}"
    assert len(KEYS) <= 4096
    assert KEYS["x" * 3000] == "x" * 3000
    KEYS.clear()
    KEYS.update(before)


def test_every_compact_form_is_one_letter_and_no_list_is_single() -> None:
    assert all(len(letter) == 1 for letter in COMPACT_FORMS)
    assert SINGLE <= NOT_LISTS
    assert not NOT_LISTS & {"via", "contact", "route", "record-route", "path", "supported", "require"}
