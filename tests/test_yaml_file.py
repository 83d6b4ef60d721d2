import pytest

from scscf.errors import InputError
from scscf.yaml_file import MAX_DEPTH, format_where, parse_yaml, read_yaml


def problems(content, name="f.yaml"):
    with pytest.raises(InputError) as caught:
        parse_yaml(content, name)
    return [str(problem) for problem in caught.value.problems]


def test_scalars_stay_as_they_are_written():
    data = parse_yaml('a: on\nb: 0123\nc: "~"\nd: yes\ne: 1.50\nf: !!str 7\n', "f").data
    assert data == {"a": "on", "b": "0123", "c": "~", "d": "yes", "e": "1.50", "f": "7"}


def test_nothing_a_tilde_and_null_are_none():
    assert parse_yaml("a:\nb: ~\nc: null\n", "f").data == {"a": None, "b": None, "c": None}


@pytest.mark.parametrize("content", ["", "# nothing\n", "---\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_an_empty_mapping(content):
    assert parse_yaml(content, "f").data == {}


def test_values_and_keys_have_their_places():
    file = parse_yaml("a:\n  - b: 1\n    cc: 2\n", "f")
    assert file.place(("a", 0, "cc")) == (3, 9)
    assert file.place(("a", 0, "cc"), key=True) == (3, 5)


def test_what_is_not_there_has_the_place_of_what_is_around_it():
    file = parse_yaml("a:\n  - b: 1\n", "f")
    assert file.place(("a", 0, "zz"), key=True) == (2, 5)


def test_a_problem_of_an_option_names_the_option():
    file = parse_yaml("a: 1", "f")._replace(options=frozenset({"api_token"}))
    assert str(file.problem(("api_token",), "is wrong")) == "--api-token: is wrong"


def test_every_duplicate_key_is_told_with_the_line_of_the_first():
    assert problems("a: 1\nb: {c: 1, c: 2}\na: 3\n") == [
        "f.yaml:2:11: c: this key is there twice, first in line 2",
        "f.yaml:3:1: a: this key is there twice, first in line 1",
    ]


def test_an_alias_is_what_its_anchor_is_and_has_places_too():
    file = parse_yaml("a: &x {b: 1}\nc: *x\n", "f")
    assert file.data == {"a": {"b": "1"}, "c": {"b": "1"}}
    assert file.place(("c", "b")) == (1, 11)
    assert file.place(("c",)) == (2, 4)


def test_an_alias_of_what_has_not_ended_is_refused():
    assert problems("a: &x [*x]") == ["f.yaml:1:8: *x: no such anchor has ended before this place"]


def test_a_bomb_of_aliases_is_refused():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    assert "too many values" in problems("\n".join(lines))[0]


def test_deep_nesting_is_refused():
    assert problems("[" * 100000) == [f"f.yaml:1:{MAX_DEPTH + 1}: nested too deep: at most {MAX_DEPTH} levels"]


def test_tags_are_refused():
    assert problems("a: !!python/object:os.system x") == [
        "f.yaml:1:4: tag:yaml.org,2002:python/object:os.system: tags are not allowed"
    ]


def test_a_second_document_is_refused():
    assert problems("a: 1\n---\nb: 2\n") == ["f.yaml:2:1: a second document: there may be only one"]


@pytest.mark.parametrize(
    "content", ["a: b: c", "\t", "[", "%", "a\x00b", b"\xff", b"a: \xc3(", "? [a]\n: 1", "'", "*x", "{a"]
)
def test_what_is_no_yaml_is_a_problem_and_never_another_error(content):
    assert problems(content)[0].startswith("f.yaml")


def test_a_syntax_error_has_its_place():
    assert problems("a: 1\nb: c: d\n") == [
        "f.yaml:2:5: not YAML: mapping values are not allowed in this context (a text with a colon needs quotes; or it "
        "is not indented as what it belongs to)"
    ]
    assert "spaces indent, not tabs" in problems("a:\n\tb: 1\n")[0]
    assert "is it indented as what it belongs to?" in problems("d: 1\n- e\n")[0]


def test_a_file_that_is_not_there_is_a_problem(tmp_path):
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_yaml(tmp_path / "none.yaml")


def test_the_way_to_a_value_is_written_as_people_write_it():
    assert format_where(("domains", 0, "registrar", "min_expires")) == "domains[0].registrar.min_expires"
