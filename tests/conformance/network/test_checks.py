"""Each check of networks is found where it is broken."""

import pytest

from scscf.conformance.network.checks import CHECKS
from tests.conformance.network import (
    breaches_of_answers,
    breaches_of_documents,
    breaches_of_endpoints,
    breaches_of_notify,
)
from tests.conformance.network.breaches import BREACHES

PARTS = (breaches_of_answers, breaches_of_notify, breaches_of_documents, breaches_of_endpoints)
"""What fills the table."""
CLAUSES = sorted({check.clause for check in CHECKS.values()})


def test_each_check_has_a_scene_that_breaks_it() -> None:
    assert set(BREACHES) == set(CHECKS)


@pytest.mark.clause(*CLAUSES)
@pytest.mark.parametrize("check", sorted(CHECKS))
def test_what_is_broken_is_found_and_nothing_else(check: str) -> None:
    breach = BREACHES[check]
    scene = breach.scene()

    assert check in scene.checks
    assert set(scene.checks) <= {check, *breach.beside}
    finding = next(finding for finding in scene.found if finding.check == check)
    assert finding.clause == CHECKS[check].clause
    assert finding.message.strip()
    assert scene.now - 60 <= finding.at <= scene.now


@pytest.mark.parametrize("check", sorted(CHECKS))
def test_what_is_permitted_is_not_found(check: str) -> None:
    assert check not in BREACHES[check].scene(frozenset({check})).checks


@pytest.mark.parametrize("check", sorted(name for name, each in CHECKS.items() if each.asked_for or each.ims))
def test_what_does_not_hold_everywhere_is_not_found_unless_asked_for(check: str) -> None:
    assert check not in BREACHES[check]._replace(profile={}).scene().checks


def test_clauses_and_sentences_are_whole() -> None:
    for check in CHECKS.values():
        assert check.clause.startswith(("RFC ", "TS ", "MS-"))
        assert " §" in check.clause
        assert check.sentence.endswith(".")
