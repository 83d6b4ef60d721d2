"""What is kept of a scenario that failed: a folder with its ladder, its capture, the documents and the verdict."""

import json
import re
from pathlib import Path, PurePath

from scscf.capture.pcapng import pcapng
from scscf.errors import InputError, Problem
from scscf.scenario.failure_text import failure_text
from scscf.scenario.json_report import verdict_object
from scscf.scenario.ladder import ladder
from scscf.scenario.verdict import Verdict

_UNSAFE = re.compile(r"[^A-Za-z0-9._+=-]+")
_LONGEST_NAME = 80
_MOST_DOCUMENTS = 1000
_WIDTH = 120


def write_artifacts(folder: Path, verdict: Verdict) -> Path:
    """Write a folder for a verdict below `folder` and return it. Raises InputError where it cannot be written.

    It has `failure.txt`, `ladder.txt`, `messages.pcapng`, `verdict.json` and `documents/NNN-ACTOR.xml`. The capture has
    the messages as they were, proofs of identity included; the texts have them left out.
    """
    place = folder / _name(folder, verdict)
    try:
        _write(place, verdict)
    except OSError as error:
        raise InputError([Problem(str(place), 0, 0, f"cannot be written: {error.strerror}")]) from None
    return place


def _write(place: Path, verdict: Verdict) -> None:
    place.mkdir(parents=True, exist_ok=True)
    text = failure_text(verdict, _WIDTH)
    (place / "failure.txt").write_text(f"{text}\n" if text else "", encoding="utf-8")
    lines = ladder(verdict.messages, verdict.participants, _WIDTH)
    (place / "ladder.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    (place / "messages.pcapng").write_bytes(pcapng(verdict.messages, verdict.participants))
    said = json.dumps(verdict_object(verdict), indent=1, ensure_ascii=False)
    (place / "verdict.json").write_text(f"{said}\n", encoding="utf-8")
    documents = place / "documents"
    if documents.is_dir():
        for old in documents.glob("[0-9][0-9][0-9]*-*.xml"):
            old.unlink()
    if verdict.documents:
        documents.mkdir(exist_ok=True)
    for number, document in enumerate(verdict.documents[:_MOST_DOCUMENTS], 1):
        (documents / f"{number:03d}-{safe_name(document.to)}.xml").write_bytes(document.body)


def safe_name(text: str) -> str:
    """Return a name of a file or folder made of any text: nothing in it leads elsewhere or has to be quoted."""
    return _UNSAFE.sub("-", text).strip(".-")[:_LONGEST_NAME] or "unnamed"


def _name(folder: Path, verdict: Verdict) -> str:
    """Return the folder's name, by the file and the folder it is in; scenarios of one file have a number."""
    path = PurePath(verdict.file)
    stem = path.name.removesuffix(".yaml").removesuffix(".scenario")
    name = safe_name(f"{path.parent.name}-{stem}" if path.parent.name else stem)
    for number in range(1, 1000):
        tried = name if number == 1 else f"{name}-{number}"
        if not (folder / tried).exists() or _is_of(folder / tried / "verdict.json", verdict):
            return tried
    return name


def _is_of(file: Path, verdict: Verdict) -> bool:
    """Return whether a folder is of an earlier run of the same scenario."""
    try:
        before = json.loads(file.read_text(encoding="utf-8"))
        now = verdict_object(verdict, whole=False)
        return all(before[key] == now[key] for key in ("name", "file", "parameters"))
    except (OSError, ValueError, KeyError, TypeError):
        return False
