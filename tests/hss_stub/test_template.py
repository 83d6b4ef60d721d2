import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hss_stub.template import TemplateIndex, canonical_template, parse_template


@pytest.mark.parametrize(
    ("text", "n", "made"),
    [
        ("user{n}@a", 7, "user7@a"),
        ("user{n:04d}@a", 7, "user0007@a"),
        ("user{n:04d}@a", 12345, "user12345@a"),
        ("{n}-{n:02d}", 3, "3-03"),
        ("100%{n}", 3, "100%3"),
        ("plain", 3, "plain"),
        ("{x}{n:d}{n:3d}", 3, "{x}{n:d}{n:3d}"),
    ],
)
def test_a_template_makes_texts(text, n, made):
    assert parse_template(text).text(n) == made


@pytest.mark.parametrize(
    ("text", "candidate", "n"),
    [
        ("user{n}@a", "user7@a", 7),
        ("user{n}@a", "user07@a", None),
        ("user{n:04d}@a", "user0007@a", 7),
        ("user{n:04d}@a", "user7@a", None),
        ("user{n:04d}@a", "user12345@a", 12345),
        ("a{n}5", "a15", 1),
        ("a{n}5", "a155", 15),
        ("{n}-{n:02d}", "3-03", 3),
        ("{n}-{n:02d}", "3-04", None),
        ("a{n}", "a", None),
        ("a{n}", "b1", None),
        ("a{n}", "a1b", None),
        ("a{n}", "a" + "9" * 5000, None),
        ("a{n}", "a²", None),
        ("a{n}", "a٣", None),
        ("plain", "plain", None),
    ],
)
def test_a_text_gives_its_number_back(text, candidate, n):
    assert parse_template(text).number(candidate) == n


@settings(max_examples=100)
@given(st.sampled_from(["{n}", "a{n}", "{n:06d}b", "1{n}2{n:03d}3", "%{n}%d"]), st.integers(0, 10**15))
def test_every_text_of_a_template_is_found(text, n):
    template = parse_template(text)
    assert template.text(template.number(template.text(n)) or 0) == template.text(n)


def test_a_canonical_template_makes_canonical_texts():
    template = canonical_template("SIP:User{n:03d}@HOME.test", str.lower)
    assert template.text(5) == "sip:user005@home.test"
    assert template.prefix == "sip:user"


def test_a_field_that_canonical_drops_is_refused():
    with pytest.raises(ValueError, match="cannot stand here"):
        canonical_template("a{n};b={n}", lambda text: text.partition(";")[0])


def test_an_index_finds_by_what_texts_begin_with():
    index = TemplateIndex()
    index.add(parse_template("user{n}@a"), range(1, 10), "first")
    index.add(parse_template("user{n}@b"), range(1, 10), "second")
    index.add(parse_template("{n}@a"), range(1, 10), "third")
    assert list(index.find("user3@b")) == [(3, "second")]
    assert list(index.find("3@a")) == [(3, "third")]
    assert list(index.find("user10@a")) == []
    assert list(index.find("")) == []
