"""The table of what a UE is held to, and that a test triggers each of it."""

import re

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
