import pytest
from hypothesis import given, settings

from scscf.errors import SipError
from scscf.sip.grammar import quote
from scscf.sip.parameters import format_parameters, parameter, parse_parameters
from tests import strategies

reproducible = settings(max_examples=40)


def test_names_keep_their_case_and_values_their_quotes() -> None:
    params = parse_parameters(';Expires=60;+sip.instance="<urn:uuid:1;2>";audio')
    assert params == (("Expires", "60"), ("+sip.instance", '"<urn:uuid:1;2>"'), ("audio", None))
    assert parameter(params, "expires") == "60"
    assert parameter(params, "+sip.instance") == "<urn:uuid:1;2>"
    assert parameter(params, "audio") == ""
    assert parameter(params, "video") is None


def test_white_space_around_separators_goes() -> None:
    assert parse_parameters('a = 1 ;\tb\t; c = "x ; y" ') == (("a", "1"), ("b", None), ("c", '"x ; y"'))


def test_escapes_in_quoted_values_are_undone_for_the_reader_only() -> None:
    params = parse_parameters(r'x="a\"b\\"')
    assert params == (("x", r'"a\"b\\"'),)
    assert parameter(params, "x") == 'a"b\\'


@pytest.mark.parametrize(
    "text",
    [
        ";",
        ";;",
        "a;",
        "a;;b",
        "a=1;A=2",
        'a="x',
        'a="x"y',
        'a=x"y"',
        "a=b c",
        "=1",
        "a b=1",
        "ü=1",
        "a\x00=1",
        "a=\x01",
    ],
)
def test_malformed_parameters_are_refused(text: str) -> None:
    with pytest.raises(SipError) as refusal:
        parse_parameters(text)
    assert refusal.value.status == 400


def test_there_is_a_limit_to_how_many() -> None:
    with pytest.raises(SipError):
        parse_parameters(";".join(f"a{number}" for number in range(200)))


@reproducible
@given(strategies.parameters(strategies.tokens | strategies.texts.map(quote)))
def test_parameters_are_formatted_as_they_were_parsed(text: str) -> None:
    assert format_parameters(parse_parameters(text)) == text
