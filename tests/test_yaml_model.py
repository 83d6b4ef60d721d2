from collections.abc import Mapping
from typing import Annotated, Literal

import pytest
from pydantic import Field

from scscf.errors import InputError
from scscf.yaml_file import parse_yaml
from scscf.yaml_model import Section, validate


class Cat(Section):
    kind: Literal["cat"]
    lives: Annotated[int, Field(ge=1, le=9)] = 9


class Dog(Section):
    kind: Literal["dog"]
    bark: Literal["loud", "soft"] = "soft"
    friends: tuple[Cat, ...] = ()


class Zoo(Section):
    name: str
    weight: float = 1.5
    is_open: bool = True
    animals: tuple[Annotated[Cat | Dog, Field(discriminator="kind")], ...] = ()
    keepers: Mapping[str, Cat] = Field(default_factory=dict)
    star: Dog | None = None


def problems(content):
    with pytest.raises(InputError) as caught:
        validate(Zoo, parse_yaml(content, "zoo.yaml"))
    return [str(problem) for problem in caught.value.problems]


def test_the_model_says_what_is_a_number():
    zoo = validate(Zoo, parse_yaml("{name: 0123, weight: 12, is_open: false, animals: [{kind: cat, lives: 7}]}", "f"))
    assert (zoo.name, zoo.weight, zoo.is_open, zoo.animals[0]) == ("0123", 12.0, False, Cat(kind="cat", lives=7))


def test_every_problem_is_told_in_the_order_of_the_lines():
    assert problems("weight: x\nis_open: 7\nanimals: 3\n") == [
        "zoo.yaml:1:1: name: missing",
        "zoo.yaml:1:9: weight: must be a number",
        "zoo.yaml:2:10: is_open: must be true or false",
        "zoo.yaml:3:10: animals: must be a list: [ONE, ANOTHER]",
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            "{name: a, nam: b}",
            "1:11: nam: unknown key; allowed: name, weight, is_open, animals, keepers, star (did you mean name?)",
        ),
        ("{name: a, zz: b}", "1:11: zz: unknown key; allowed: name, weight, is_open, animals, keepers, star"),
        (
            "{name: a, animals: [{kind: cat, live: 1}]}",
            "1:33: animals[0].live: unknown key; allowed: kind, lives (did you mean lives?)",
        ),
        ("{name: a, keepers: {x: {kind: cat, y: 1}}}", "1:36: keepers.x.y: unknown key; allowed: kind, lives"),
        (
            "{name: a, star: {kind: dog, barc: 1}}",
            "1:29: star.barc: unknown key; allowed: kind, bark, friends (did you mean bark?)",
        ),
        (
            "{name: a, animals: [{kind: dog, friends: [{kind: cat, z: 1}]}]}",
            "1:55: animals[0].friends[0].z: unknown key; allowed: kind, lives",
        ),
        ("{name: a, animals: [{kind: cat, lives: 10}]}", "1:40: animals[0].lives: must be at most 9"),
        ("{name: a, animals: [{kind: cow}]}", "1:21: animals[0]: kind must be one of cat, dog"),
        ("{name: a, animals: [{lives: 1}]}", "1:21: animals[0]: kind is missing"),
        ("{name: a, star: {kind: dog, bark: laud}}", "1:35: star.bark: must be loud or soft (did you mean loud?)"),
        ("{name: [a]}", "1:8: name: must be text"),
        ("{name: a, weight: nan}", "1:19: weight: must be a finite number"),
        ("{name: }", "1:8: name: must be text"),
        ("{name: a, star: x}", "1:17: star: must be a mapping (key: value)"),
        ("[a]", "1:1: must be a mapping (key: value)"),
    ],
)
def test_a_problem_says_where_what_and_what_is_allowed(content, problem):
    assert problems(content) == [f"zoo.yaml:{problem}"]


def test_a_value_is_never_told_so_that_no_secret_is():
    assert all("hunter2" not in text for text in problems("{name: [hunter2], weight: hunter2}"))


def test_a_list_of_wrong_items_is_not_called_too_short_as_well():
    class Pound(Section):
        cats: Annotated[tuple[Cat, ...], Field(min_length=1)]

    for content, said in (("cats: [{kind: cat, lives: 0}]", "at least 1"), ("cats: []", "must have at least 1")):
        with pytest.raises(InputError) as caught:
            validate(Pound, parse_yaml(content, "f"))
        (problem,) = caught.value.problems
        assert said in problem.message
