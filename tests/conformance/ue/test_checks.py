"""The table of what a UE is held to, and that a test triggers each of it."""

import re

import pytest

from scscf.conformance.ue.charges import Charges
from scscf.conformance.ue.checks import UE_CHECKS
from tests.conformance.ue import test_challenges, test_registering, test_subscribing, test_time
from tests.conformance.ue.talk import TRIGGERED

WITNESSES = (test_challenges, test_registering, test_subscribing, test_time)


def test_every_check_is_triggered_by_a_test() -> None:
    assert all(witness.__doc__ for witness in WITNESSES)
    assert sorted(UE_CHECKS) == sorted(TRIGGERED)


def test_each_check_has_a_name_a_clause_and_a_sentence() -> None:
    for name, check in UE_CHECKS.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
        assert re.fullmatch(r"(RFC \d{4}|TS \d\d\.\d{3}(-\d)?) §[0-9A-Z][0-9A-Z.]*", check.clause)
        assert check.sentence.endswith(".")


def test_one_cause_is_found_once_and_a_permitted_check_never() -> None:
    charges = Charges(frozenset({"late-refresh"}))
    charges.bring("from-tag-missing", "one", 1.0, "phone")
    charges.bring("from-tag-missing", "one", 2.0, "phone")
    charges.bring("from-tag-missing", "another", 2.0, "pager")
    charges.bring("from-tag-missing", "no cause", 3.0)
    charges.bring("from-tag-missing", "no cause", 3.0)
    charges.bring("late-refresh", "permitted", 3.0)

    assert [finding.message for finding in charges.take()] == ["one", "another", "no cause", "no cause"]
    assert charges.take() == []
    with pytest.raises(KeyError):
        charges.bring("no-such-check", "", 0.0)
