"""Subscribers of user data as an HSS prints them: IMSSubscription documents (TS 29.228 annex B, annex E)."""

from pathlib import Path
from typing import Any

from lxml import etree

from hss_stub.importing import Imported, subscribers_text
from scscf.errors import InputError, Problem
from scscf.profile.user_data import LONGEST, UserDataError, parse_user_data


def from_xml(paths: list[Path]) -> str:
    """Return the subscribers file of IMSSubscription documents, and of those in folders (*.xml).

    Documents of the same public identities are one subscription with a private identity of each. User data hold no
    secrets: nobody is challenged until `auth` says how. Raises InputError with every problem, OSError where a file is
    not there.
    """
    problems: list[Problem] = []
    imported: dict[frozenset[str], Imported] = {}
    for file in _files(paths, problems):
        document = file.read_bytes()
        try:
            found = parse_user_data(document)
            text = _text(document)
        except (UserDataError, etree.XMLSyntaxError, ValueError) as error:
            problems.append(Problem(str(file), 0, 0, str(error)))
            continue
        if not found.private_identity:
            problems.append(Problem(str(file), 0, 0, "has no PrivateID"))
            continue
        device: dict[str, Any] = {"id": found.private_identity, "auth": {"scheme": "none"}}
        one = Imported(
            str(file), 0, {"name": found.private_identity, "private_identities": [device], "user_data": text}
        )
        identities = frozenset(identity.uri for identity in found.implicit_set)
        before = imported.setdefault(identities, one)
        if before is not one:
            before.entry["private_identities"].append(device)
    if problems:
        raise InputError(problems)
    return subscribers_text(list(imported.values()))


def _files(paths: list[Path], problems: list[Problem]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        found = sorted(path.glob("*.xml")) if path.is_dir() else [path]
        if not found:
            problems.append(Problem(str(path), 0, 0, "there is no *.xml in this folder"))
        files += found
    return files


def _text(document: bytes) -> str:
    """Return a document without its declaration, whatever its encoding was."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    text = etree.tostring(etree.fromstring(document, parser), encoding="unicode", with_tail=False)
    if len(text) > LONGEST:
        raise UserDataError(f"has more than {LONGEST} characters")
    return f"{text}\n"
