import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scscf.errors import SipError
from scscf.sip.grammar import LIST_LIMIT, MAX_DELTA, is_token, parse_delta_seconds, quote, split_list, unquote
from tests.strategies import addresses, texts

reproducible = settings(max_examples=40)


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("a", ["a"]),
        ("a, b ,c", ["a", "b", "c"]),
        ('"x,y" <sip:a@b>, <sip:c,d@e>', ['"x,y" <sip:a@b>', "<sip:c,d@e>"]),
        (r'"x\",y" <sip:a@b>, <sip:c@d>', [r'"x\",y" <sip:a@b>', "<sip:c@d>"]),
        ('"<" <sip:a@b>, c', ['"<" <sip:a@b>', "c"]),
        ('<sip:a@b>;x="1,2";y=">",<sip:c@d>', ['<sip:a@b>;x="1,2";y=">"', "<sip:c@d>"]),
        ("a,,b,", ["a", "", "b", ""]),
    ],
)
def test_a_list_is_split_at_the_commas_outside_quotes_and_brackets(value: str, parts: list[str]) -> None:
    assert split_list(value) == parts


@pytest.mark.parametrize("value", ['"a, b', 'a, "b\\", c', '"a', 'x, y"'])
def test_an_unterminated_quoted_string_is_refused(value: str) -> None:
    with pytest.raises(SipError):
        split_list(value)


def test_a_list_has_a_limit() -> None:
    assert len(split_list(",".join("a" * LIST_LIMIT))) == LIST_LIMIT
    with pytest.raises(SipError):
        split_list(",".join("a" * (LIST_LIMIT + 1)))


@reproducible
@given(st.lists(addresses, min_size=1, max_size=5))
def test_joined_addresses_split_into_themselves(values: list[str]) -> None:
    assert split_list(" , ".join(values)) == values


@reproducible
@given(texts)
def test_a_quoted_text_unquotes_to_itself(text: str) -> None:
    assert unquote(quote(text)) == text


def test_line_ends_cannot_be_quoted_into_a_header() -> None:
    assert quote("a\r\nVia: x") == '"a  Via: x"'


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("0060", 60),
        ("4294967295", MAX_DELTA),
        ("4294967296", MAX_DELTA),
        ("1" + "0" * 100, MAX_DELTA),
        ("0" * 5000 + "7", 7),
        ("9" * 60000, MAX_DELTA),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("+5", None),
        ("٣", None),
        ("1e3", None),
    ],
)
def test_delta_seconds_are_clamped_and_malformed_ones_told(text: str, seconds: int | None) -> None:
    assert parse_delta_seconds(text) == seconds


def test_tokens() -> None:
    assert is_token("a-.!%*_+`'~9")
    assert not any(is_token(text) for text in ("", "a b", "a@b", "ä", "a\n", "a;"))
