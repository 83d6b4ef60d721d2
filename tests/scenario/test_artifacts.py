"""What is kept of a scenario that failed."""

import json
from pathlib import Path

import pytest

from scscf.errors import InputError
from scscf.scenario.artifacts import safe_name, write_artifacts
from tests.scenario.samples import FAILED, SECRETS


def test_a_failed_scenario_has_a_folder(tmp_path: Path) -> None:
    place = write_artifacts(tmp_path, FAILED)

    assert place == tmp_path / "ims-deactivated"
    assert sorted(str(each.relative_to(place)) for each in place.rglob("*") if each.is_file()) == [
        "documents/001-watcher.xml", "documents/002-watcher.xml", "failure.txt", "ladder.txt", "messages.pcapng",
        "verdict.json",
    ]  # fmt: skip
    assert (place / "documents" / "001-watcher.xml").read_bytes() == FAILED.documents[0].body
    assert "REGISTER" in (place / "ladder.txt").read_text(encoding="utf-8")
    assert json.loads((place / "verdict.json").read_text(encoding="utf-8"))["outcome"] == "failed"


def test_the_texts_hold_no_secret_and_the_capture_is_raw(tmp_path: Path) -> None:
    place = write_artifacts(tmp_path, FAILED)
    texts = "".join(
        (place / name).read_text(encoding="utf-8") for name in ("failure.txt", "ladder.txt", "verdict.json")
    )

    assert [secret for secret in SECRETS if secret in texts] == []
    assert b"c0ffee" in (place / "messages.pcapng").read_bytes()


def test_scenarios_of_one_file_have_folders_of_their_own_and_a_second_run_takes_them_again(tmp_path: Path) -> None:
    other = FAILED._replace(parameters=(("transport", "tcp"),), documents=FAILED.documents[:1])

    assert [write_artifacts(tmp_path, each).name for each in (FAILED, other, FAILED, other)] == [
        "ims-deactivated", "ims-deactivated-2", "ims-deactivated", "ims-deactivated-2",
    ]  # fmt: skip


def test_documents_of_an_earlier_run_go_away(tmp_path: Path) -> None:
    write_artifacts(tmp_path, FAILED)
    place = write_artifacts(tmp_path, FAILED._replace(documents=()))

    assert list((place / "documents").iterdir()) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("", "unnamed"),
        ("...", "unnamed"),
        ("a b\x00c/é", "a-b-c"),
        ("x" * 300, "x" * 80),
    ],
)
def test_names_are_safe(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(InputError, match="cannot be written"):
        write_artifacts(tmp_path / "file", FAILED)
