import pytest

from scscf.rules.facts import Facts
from scscf.rules.model import ACTIONS, RuleKeys
from scscf.rules.rules import MOST_RULES, NotHereError, Rules, TooManyError

REGISTER = Facts("REGISTER", "in", None, "10.0.0.1", frozenset({"sip:a@b.test"}), frozenset({"a@b.test"}), "initial")


def keys(do: object = "drop", **more: object) -> RuleKeys:
    return RuleKeys.model_validate({"do": do, **more})


@pytest.mark.parametrize(
    ("after", "count", "done"),
    [(0, None, [1, 1, 1, 1]), (2, None, [0, 0, 1, 1]), (0, 1, [1, 0, 0, 0]), (1, 2, [0, 1, 1, 0])],
)
def test_after_and_count(after: int, count: int | None, done: list[int]) -> None:
    rules = Rules()
    rule = rules.set("a", keys(after=after, count=count))

    assert [int(rules.first(("drop",), REGISTER) is rule) for _ in range(4)] == done
    assert (rule.seen, rule.hits) == (4, sum(done))


def test_a_rule_that_is_set_again_counts_anew_and_keeps_its_place() -> None:
    rules = Rules()
    rules.set("a", keys())
    rules.set("b", keys())
    rules.first(("drop",), REGISTER)
    again = rules.set("a", keys(count=1))

    assert (again.seen, [each.name for each in rules.all()]) == (0, ["a", "b"])
    assert rules.get("a") is again


@pytest.mark.parametrize(
    ("do", "match", "asked", "answered"),
    [
        ("drop", {}, True, False),
        ("drop", {"message": "response"}, False, True),
        ("drop", {"status": 200}, False, True),
        ("drop", {"status": 404}, False, False),
        ({"delay": 1}, {}, True, False),
        ({"edit": [{"remove": "A"}]}, {}, True, True),
        ({"edit": [{"remove": "A"}]}, {"message": "request"}, True, False),
        ({"quirk": "aor-aor"}, {}, True, True),
    ],
)
def test_requests_and_responses(do: object, match: dict[str, object], asked: bool, answered: bool) -> None:
    rules = Rules()
    rule = rules.set("a", keys(do, match=match))

    assert rule.concerns(REGISTER) is asked
    assert rule.concerns(REGISTER._replace(status=200)) is answered


def test_a_message_whose_peer_is_not_known_yet_is_of_no_source() -> None:
    rule = Rules().set("a", keys(match={"source": "10.0.0.0/8"}))

    assert rule.concerns(REGISTER)
    assert not rule.concerns(REGISTER._replace(source=None))


@pytest.mark.parametrize(
    ("source", "network", "inside"),
    [
        ("::ffff:10.0.0.1", "10.0.0.0/8", True),
        ("fe80::1%eth0", "fe80::/16", True),
        ("10.0.0.1", "2001:db8::/32", False),
        ("2001:db8::1", "10.0.0.0/8", False),
    ],
)
def test_addresses_and_networks(source: str, network: str, inside: bool) -> None:
    rule = Rules().set("a", keys(match={"source": network}))

    assert rule.concerns(REGISTER._replace(source=source)) is inside


def test_who_is_told_when_rules_come_and_go() -> None:
    told: list[frozenset[str]] = []
    rules = Rules(changed=lambda: told.append(rules.kinds))

    rules.set("a", keys())
    rules.set("b", keys({"delay": 1}))
    assert rules.remove("a")
    assert not rules.remove("a")
    assert rules.clear() == 1

    assert told == [
        frozenset({"drop"}),
        frozenset({"drop", "delay"}),
        frozenset({"delay"}),
        frozenset({"delay"}),
        frozenset(),
    ]


def test_a_vector_needs_the_hss_in_this_process() -> None:
    with pytest.raises(NotHereError, match="at an hss-stub, PUT /v1/faults/MAR"):
        Rules(has_vectors=False).set("a", keys({"vector": "bad_mac"}))


def test_there_is_an_end_to_rules() -> None:
    rules = Rules()
    for number in range(MOST_RULES):
        rules.set(str(number), keys())
    rules.set("0", keys())
    with pytest.raises(TooManyError):
        rules.set("one more", keys())


def test_every_action_is_one_of_the_model() -> None:
    assert set(ACTIONS) == set(keys().do.__class__.model_fields)
