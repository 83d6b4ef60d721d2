from pathlib import Path

import pytest
from pydantic import ValidationError

from scscf.check import check_file
from scscf.errors import InputError
from scscf.rules.file import rules_of
from scscf.rules.model import RuleKeys
from scscf.yaml_file import parse_yaml
from scscf.yaml_model import validate

GOOD = """
rules:
  too-brief:
    match: {method: REGISTER, phase: initial, source: 10.0.0.0/8}
    after: 1
    count: 2
    do: {answer: {status: 423, headers: {Min-Expires: 600000}}}
  lost: {match: {method: NOTIFY, direction: out}, do: drop}
  slow: {do: {delay: 2.5}}
  odd:
    do: {edit: [{set: Server, value: x}, {replace: "a|b", with: "", in: body}, {remove: Path}, {add: X-A, value: ""}]}
  sim: {match: {impi: erin@home1.test}, do: {vector: bad_mac}}
  old: {do: {quirk: aor-aor}}
"""


def test_a_file_of_rules() -> None:
    rules = rules_of(parse_yaml(GOOD, "rules.yaml"))

    assert [keys.do.action for keys in rules.values()] == ["answer", "drop", "delay", "edit", "vector", "quirk"]
    answer = rules["too-brief"].do.answer
    assert answer is not None
    assert (answer.status, answer.headers) == (423, {"Min-Expires": "600000"})
    assert (rules["too-brief"].after, rules["too-brief"].count, rules["lost"].count) == (1, 2, None)


def test_a_file_that_is_one_rule() -> None:
    ((name, keys),) = rules_of(parse_yaml("name: lost\ndo: drop", "rule.yaml")).items()

    assert (name, keys.do.drop, keys.match.method) == ("lost", True, None)


BAD = [
    ("do: drap", "1:5: do: must be a mapping (key: value)"),
    ("name: a b\ndo: drop", "1:7: name: "),
    ("name: a\ndo: {}", "2:5: do: give one of answer, drop, delay, edit, vector, quirk"),
    ("name: a\ndo: {drop: true, delay: 2}", "2:5: do: give one of"),
    ("name: a\ndo: {drop: false}", "2:5: do: drop must be true"),
    ("name: a\ndo: {delay: 601}", "2:13: do.delay: must be at most 600"),
    ("name: a\ndo: {answer: {status: 100}}", "2:23: do.answer.status: must be at least 200"),
    ("name: a\ndo: {answer: {status: 504, body: x}}", "2:14: do.answer: a body needs Content-Type among the headers"),
    ("name: a\ndo: {answer: {status: 500, headers: {Via: x}}}", "Via: says where the message goes and ends"),
    ('name: a\ndo: {answer: {status: 500, headers: {X: "a\\r\\nb"}}}', "do.answer.headers.X: "),
    ("name: a\ndo: {edit: [{set: Server}]}", "2:13: do.edit[0]: set goes with value"),
    ("name: a\ndo: {edit: [{remove: A, value: b}]}", "remove goes with nothing else"),
    ("name: a\ndo: {edit: [{replace: a, with: b}]}", "replace goes with in and with"),
    ("name: a\ndo: {edit: [{set: A, remove: B}]}", "give one of set, add, remove and replace"),
    ("name: a\ndo: {edit: []}", "2:12: do.edit: must have at least 1 items"),
    ("name: a\ndo: {edit: [{replace: '(', with: b, in: body}]}", "(: is no extended regular expression"),
    ('name: a\ndo: {edit: [{replace: x, with: "a\\nb", in: To}]}', "with: line ends are for the body only"),
    ("name: a\ndo: {quirk: aor-oar}", "(did you mean aor-aor?)"),
    ("name: a\ndo: {vector: mac}", "must be bad_mac or old_sqn"),
    ("name: a\nmatch: {phase: first}\ndo: drop", "2:16: match.phase: must be "),
    ("name: a\nmatch: {methode: X}\ndo: drop", "2:9: match.methode: unknown key; allowed: method, "),
    ("name: a\nmatch: {source: 10.0.0.1/8}\ndo: drop", "did you mean 10.0.0.0/8?"),
    ("name: a\nmatch: {status: 200, message: request}\ndo: drop", "status is of responses"),
    ("name: a\nmatch: {phase: unsubscribe, method: REGISTER}\ndo: drop", "phase unsubscribe is of SUBSCRIBE"),
    ("name: a\nmatch: {phase: deregister, method: SUBSCRIBE}\ndo: drop", "phase deregister is of REGISTER"),
    ("name: a\nmatch: {status: 200}\ndo: {answer: {status: 200}}", "answer is for requests that are sent to us"),
    ("name: a\nmatch: {direction: out}\ndo: {vector: bad_mac}", "vector is for requests that are sent to us"),
    ("name: a\nmatch: {method: INVITE}\ndo: {vector: bad_mac}", "vector is for REGISTER, not for INVITE"),
    ("name: a\nmatch: {method: ACK}\ndo: {answer: {status: 500}}", "ACK cannot be answered by a rule"),
    ("name: a\nmatch: {direction: in}\ndo: {edit: [{remove: A}]}", "edit is for what we send"),
    ("name: a\ncount: 0\ndo: drop", "2:8: count: must be at least 1"),
    ("rules: {}", "1:8: rules: must have at least 1 items"),
    ("rules: {'a/b': {do: drop}}", "rules"),
]


@pytest.mark.parametrize(("text", "said"), BAD, ids=[said for _, said in BAD])
def test_mistakes_are_told_with_their_places(text: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        rules_of(parse_yaml(text, "rule.yaml"))

    assert said in str(error.value)
    assert str(error.value).startswith("rule.yaml:")


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(InputError) as error:
        validate(RuleKeys, parse_yaml("after: -1\ncount: x\nmatch: {status: 99}\ndo: {delay: 0}", "rule.yaml"))

    assert len(error.value.problems) == 4


def test_a_file_of_rules_can_be_checked(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(GOOD)
    assert check_file(file) == []
    file.write_text("name: a\ndo: {delay: x}")
    assert [problem.message for problem in check_file(file)] == ["do.delay: must be a number"]


def test_an_api_is_told_numbers_as_numbers() -> None:
    with pytest.raises(ValidationError):
        RuleKeys.model_validate({"do": {"answer": {"status": "500"}}}, strict=True)
