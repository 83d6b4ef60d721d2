"""The table of what becomes of a procedure when the HSS refuses or fails (TS 24.229 §5.4.1.2, TS 29.228 §8)."""

from typing import get_args

import pytest

from scscf.config.values import CxCommandName, CxResultName
from scscf.cx import Result
from scscf.dialects import DIALECTS
from scscf.procedures.cx_failures import (
    ASKED,
    FAILURES,
    CxCommand,
    Left,
    Procedure,
    answer_of,
    failure_of,
)
from tests.world import World

pytestmark = pytest.mark.clause("TS 24.229 §5.4.1.2", "TS 29.228 §8")


def test_every_failure_of_every_command_in_every_procedure_has_an_entry() -> None:
    for command, procedures in ASKED.items():
        for procedure in procedures:
            for result in FAILURES:
                for dialect in DIALECTS:
                    failure = failure_of(command, procedure, result, dialect, {})
                    silent = command is CxCommand.SAR and procedure in (
                        Procedure.DEREGISTRATION,
                        Procedure.AUTHENTICATION,
                    )
                    assert (failure.status is None) == silent
                    if failure.status is not None:
                        assert 400 <= failure.status < 600
                        assert failure.status not in (401, 407, 408)


@pytest.mark.parametrize(
    ("command", "procedure", "result", "ims", "plain", "left"),
    [
        ("UAR", "INITIAL_REGISTRATION", "USER_UNKNOWN", 403, 404, "AS_BEFORE"),
        ("UAR", "INITIAL_REGISTRATION", "ROAMING_NOT_ALLOWED", 403, 403, "AS_BEFORE"),
        ("UAR", "INITIAL_REGISTRATION", "AUTHORIZATION_REJECTED", 403, 403, "AS_BEFORE"),
        ("MAR", "INITIAL_REGISTRATION", "AUTH_SCHEME_NOT_SUPPORTED", 403, 403, "AS_BEFORE"),
        ("MAR", "INITIAL_REGISTRATION", "TIMEOUT", 504, 504, "AS_BEFORE"),
        ("MAR", "INITIAL_REGISTRATION", "DISCONNECTED", 480, 503, "AS_BEFORE"),
        ("MAR", "RE_REGISTRATION", "GARBAGE", 500, 500, "AS_BEFORE"),
        ("MAR", "REQUEST", "USER_UNKNOWN", 403, 403, "AS_BEFORE"),
        ("MAR", "REQUEST", "TOO_BUSY", 480, 503, "AS_BEFORE"),
        ("SAR", "INITIAL_REGISTRATION", "IDENTITIES_DONT_MATCH", 403, 403, "AS_BEFORE"),
        ("SAR", "INITIAL_REGISTRATION", "TIMEOUT", 504, 504, "OWED_REMOVAL"),
        ("SAR", "INITIAL_REGISTRATION", "GARBAGE", 500, 500, "OWED_REMOVAL"),
        ("SAR", "INITIAL_REGISTRATION", "DISCONNECTED", 480, 503, "AS_BEFORE"),
        ("SAR", "INITIAL_REGISTRATION", "IN_ASSIGNMENT_TYPE", 500, 500, "AS_BEFORE"),
        ("SAR", "RE_REGISTRATION", "TIMEOUT", 504, 504, "AS_BEFORE"),
        ("SAR", "RE_REGISTRATION", "UNABLE_TO_COMPLY", 500, 500, "AS_BEFORE"),
        ("SAR", "DEREGISTRATION", "TIMEOUT", None, None, "OWED_REPETITION"),
        ("SAR", "DEREGISTRATION", "DISCONNECTED", None, None, "OWED_REPETITION"),
        ("SAR", "DEREGISTRATION", "USER_UNKNOWN", None, None, "REMOVED"),
        ("SAR", "AUTHENTICATION", "TIMEOUT", None, None, "OWED_REMOVAL"),
        ("SAR", "AUTHENTICATION", "UNABLE_TO_COMPLY", None, None, "OWED_REMOVAL"),
        ("SAR", "REQUEST", "USER_UNKNOWN", 404, 404, "AS_BEFORE"),
        ("SAR", "REQUEST", "TIMEOUT", 504, 504, "AS_BEFORE"),
    ],
)
def test_some_fields_of_the_table(
    command: str, procedure: str, result: str, ims: int | None, plain: int | None, left: str
) -> None:
    key = CxCommand[command], Procedure[procedure], Result[result]

    assert failure_of(*key, "ims", {}).status == ims
    assert failure_of(*key, "rfc3261", {}).status == plain
    assert failure_of(*key, "ims", {}).left is Left[left]


def test_a_503_says_when_to_come_again() -> None:
    failure = failure_of(CxCommand.SAR, Procedure.INITIAL_REGISTRATION, Result.TOO_BUSY, "rfc3261", {})

    error = answer_of(failure)

    assert (error.status, error.headers) == (503, (("Retry-After", "5"),))


def test_the_configuration_chooses_other_statuses_but_no_answer_where_there_is_none() -> None:
    world = World({"cx_failures": {"mar": {"timeout": 480}, "sar": {"timeout": 500}}})
    overrides = world.node.cx_failures

    assert failure_of(CxCommand.MAR, Procedure.REQUEST, Result.TIMEOUT, "ims", overrides).status == 480
    assert failure_of(CxCommand.SAR, Procedure.INITIAL_REGISTRATION, Result.TIMEOUT, "ims", overrides).status == 500
    assert failure_of(CxCommand.SAR, Procedure.DEREGISTRATION, Result.TIMEOUT, "ims", overrides).status is None
    assert failure_of(CxCommand.UAR, Procedure.INITIAL_REGISTRATION, Result.TIMEOUT, "ims", overrides).status == 504


def test_the_configuration_knows_every_command_and_every_failure() -> None:
    assert set(get_args(CxCommandName)) == {command.value for command in CxCommand}
    assert set(get_args(CxResultName)) == {result.name.lower() for result in FAILURES}
