"""The report for programs keeps its shape and no secret."""

import json
from pathlib import Path

import jsonschema_rs
import pytest

from scscf.scenario.json_report import json_report, verdict_object
from tests.scenario.samples import FAILED, PASSED, SECRETS, VERDICTS

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "report.schema.json").read_text(encoding="utf-8"))


def test_a_report_is_valid_by_its_schema() -> None:
    report = json.loads(json_report(VERDICTS, 7))

    jsonschema_rs.validate(SCHEMA, report)
    assert report["seed"] == 7
    assert report["summary"] == {
        "passed": 1, "failed": 1, "not_run": 1, "error": 1, "seconds": 0.05, "simulated": 10800.51,
    }  # fmt: skip


def test_only_what_failed_has_its_messages_in_it() -> None:
    passed, failed = json.loads(json_report([PASSED, FAILED]))["scenarios"]

    assert (passed["message_count"], passed["messages"]) == (6, [])
    assert [message["label"] for message in failed["messages"]] == [
        "REGISTER", "REGISTER", "MAR", "MAA 5001", "200 OK", "NOTIFY",
    ]  # fmt: skip
    assert failed["messages"][0]["lost"]
    assert failed["documents"][1]["subscription_state"] == "terminated;reason=noresource"


def test_no_secret_is_in_it() -> None:
    assert [secret for secret in SECRETS if secret in json_report(VERDICTS)] == []


def test_any_text_can_be_written() -> None:
    hostile = FAILED._replace(name="\ud800\x00", reason="\ud800")

    json.dumps(verdict_object(hostile), ensure_ascii=False).encode()
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(SCHEMA, verdict_object(hostile))
