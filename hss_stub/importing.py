"""Subscribers out of what others have: a SIPp CSV, or user data as an HSS prints them."""

import re
from pathlib import Path
from typing import Any

import yaml

from hss_stub.subscribers import subscribers_of
from scscf.errors import InputError, Problem
from scscf.profile.user_data import UserDataError, parse_user_data
from scscf.yaml_file import parse_yaml

COLUMNS = ("user", "domain", "username", "password", "identity", "skip")
MAX_LINES = 1_000_000

_ORDERS = ("SEQUENTIAL", "RANDOM", "USER")
_AUTHENTICATION = re.compile(r"\[authentication\s+([^\]]*)\]")
_PARAMETER = re.compile(r"(\w+)=(\S+)")
_HEX = re.compile(r"0x([0-9A-Fa-f]+)")


def from_csv(path: Path, domain: str, columns: str = "user,domain") -> str:
    """Return the subscribers file of a SIPp CSV: one subscription for each line.

    A field `[authentication username=... password=...]`, or with aka_K, aka_OP and aka_AMF, says how the user is
    authenticated; the other fields are what `columns` names in their order. Raises InputError with every problem.
    """
    names = [name.strip() for name in columns.split(",")]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        allowed = f"must be some of {', '.join(COLUMNS)}"
        raise InputError([Problem("--columns", 0, 0, f"{', '.join(unknown)}: {allowed}")])
    lines = path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()[:MAX_LINES]
    if lines and lines[0].split(",")[0].strip().upper() in _ORDERS:
        rows = list(enumerate(lines[1:], 2))
    else:
        rows = list(enumerate(lines, 1))
    problems: list[Problem] = []
    subscriptions = []
    for number, line in rows:
        if line.strip() and not line.startswith("#"):
            one = _subscription(line, names, domain)
            if isinstance(one, str):
                problems.append(Problem(str(path), number, 1, one))
            else:
                subscriptions.append(one)
    if problems:
        raise InputError(problems)
    return _checked(subscriptions, path)


def from_xml(path: Path) -> str:
    """Return the subscribers file of an IMSSubscription document, or of each in a folder (*.xml).

    User data hold no secrets: nobody is challenged until `auth` says how. Raises InputError with every problem.
    """
    files = sorted(path.glob("*.xml")) if path.is_dir() else [path]
    if not files:
        raise InputError([Problem(str(path), 0, 0, "there is no *.xml in this folder")])
    problems: list[Problem] = []
    subscriptions: list[dict[str, Any]] = []
    for file in files:
        try:
            found = parse_user_data(file.read_bytes())
        except UserDataError as error:
            problems.append(Problem(str(file), 0, 0, str(error)))
            continue
        if not found.private_identity:
            problems.append(Problem(str(file), 0, 0, "has no PrivateID"))
            continue
        subscriptions.append(
            {
                "name": found.private_identity,
                "private_identities": [{"id": found.private_identity, "auth": {"scheme": "none"}}],
                "user_data": str(file.absolute()),
            }
        )
    if problems:
        raise InputError(problems)
    return _checked(subscriptions, path)


def _subscription(line: str, names: list[str], domain: str) -> dict[str, Any] | str:
    """Return an entry of the subscribers file, or what is wrong with a line."""
    credentials: dict[str, str] = {}
    fields = []
    for field in line.split(";"):
        found = _AUTHENTICATION.search(field)
        if found is not None:
            credentials = {name: value.strip("\"'") for name, value in _PARAMETER.findall(found[1])}
        elif field.strip():
            fields.append(field.strip())
    values = dict(zip(names, fields, strict=False))
    user = values.get("user")
    if not user:
        return "the column user is empty"
    home = values.get("domain") or domain
    identity = values.get("identity") or f"sip:{user}@{home}"
    username = credentials.get("username") or values.get("username") or f"{user}@{home}"
    impi = username if "@" in username else f"{username}@{home}"
    auth: dict[str, Any] = {"scheme": "none"}
    password = credentials.get("password") or values.get("password")
    if "aka_K" in credentials:
        auth = {"scheme": "aka", "k": _hex(credentials["aka_K"], 32), "op": _hex(credentials.get("aka_OP", ""), 32)}
        if "aka_AMF" in credentials:
            auth["amf"] = _hex(credentials["aka_AMF"], 4)
    elif password:
        auth = {"scheme": "digest", "password": password}
        if username != impi:
            auth["username"] = username
    return {"private_identities": [{"id": impi, "auth": auth}], "implicit_sets": [[identity]]}


def _hex(text: str, digits: int) -> str:
    """Return a SIPp key in hexadecimal: it is written so behind 0x, else its octets are the text's."""
    found = _HEX.fullmatch(text)
    return (found[1] if found is not None else text.encode().hex()).ljust(digits, "0")[:digits]


def _checked(subscriptions: list[dict[str, Any]], path: Path) -> str:
    text: str = yaml.safe_dump({"subscriptions": subscriptions}, sort_keys=False, allow_unicode=True)
    subscribers_of(parse_yaml(text, str(path)))
    return text
