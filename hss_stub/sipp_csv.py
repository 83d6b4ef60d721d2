"""Subscribers of a SIPp injection file: `user;domain;[authentication username=... password=...]` in each line."""

import re
from pathlib import Path
from typing import Any

from hss_stub.importing import Imported, subscribers_text
from scscf.errors import InputError, Problem

COLUMNS = ("user", "domain", "username", "password", "identity", "skip")
"""What a column may be."""
MAX_LINES = 1_000_000

_ORDERS = ("SEQUENTIAL", "RANDOM", "USER")
_AUTHENTICATION = re.compile(r"\[authentication\b([^\]]*)\]")
_PARAMETER = re.compile(r"(\w+)=(\"[^\"]*\"|'[^']*'|\S+)")
_HEX = re.compile(r"0x([0-9A-Fa-f]+)")
_CONVERSION = re.compile(r"%(?:0(\d{1,2}))?d")
_OF_KEY = {"aka_K": 32, "aka_OP": 32, "aka_AMF": 4}
"""How many hexadecimal digits a key has."""


def from_csv(path: Path, domain: str, columns: str = "user,domain") -> str:
    """Return the subscribers file of a SIPp CSV: one subscription for each line, a range for a line under PRINTF.

    A field `[authentication username=... password=...]`, or with aka_K, aka_OP and aka_AMF, says how the user is
    authenticated; the other fields are what `columns` names in their order. Raises InputError with every problem,
    OSError where there is no such file.
    """
    names = [name.strip() for name in columns.split(",")]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise InputError([Problem("--columns", 0, 0, f"{', '.join(unknown)}: must be some of {', '.join(COLUMNS)}")])
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    if len(lines) > MAX_LINES:
        raise InputError([Problem(str(path), 0, 0, f"has more than {MAX_LINES} lines")])
    numbers: range | None = None
    first = 1
    if lines and lines[0].split(",")[0].strip().upper() in _ORDERS:
        numbers, first = _printf(lines[0], path), 2
    rows = [
        (number, line)
        for number, line in enumerate(lines[first - 1 :], first)
        if line.strip() and not line.startswith("#")
    ]
    if not rows:
        raise InputError([Problem(str(path), 0, 0, "has no users")])
    if numbers is not None and len(rows) != 1:
        raise InputError([Problem(str(path), 1, 1, "PRINTF: must have one line below it")])
    problems: list[Problem] = []
    imported: dict[str, Imported] = {}
    for number, line in rows:
        one = _subscription(line, names, domain, numbers)
        if isinstance(one, str):
            problems.append(Problem(str(path), number, 1, one))
            continue
        impi = one["private_identities"][0]["id"]
        before = imported.setdefault(impi, Imported(str(path), number, one))
        if before.entry != one:
            problems.append(
                Problem(str(path), number, 1, f"{impi} is in line {before.line} already, with other values")
            )
    if problems:
        raise InputError(problems)
    return subscribers_text(list(imported.values()))


def _printf(header: str, path: Path) -> range | None:
    """Return the numbers that PRINTF, PRINTFMULTIPLE and PRINTFOFFSET stand for; None where there is none."""
    options = dict(option.strip().upper().partition("=")[::2] for option in header.split(",")[1:])
    values = {name: int(value) for name, value in options.items() if value.isascii() and value.isdigit()}
    if not any(name.startswith("PRINTF") for name in options):
        return None
    if values.get("PRINTF", 0) < 1 or values.get("PRINTFMULTIPLE", 1) != 1:
        raise InputError([Problem(str(path), 1, 1, "PRINTF must be a number from 1 on, PRINTFMULTIPLE nothing but 1")])
    start = values.get("PRINTFOFFSET", 0)
    return range(start, start + values["PRINTF"])


def _subscription(line: str, names: list[str], domain: str, numbers: range | None) -> dict[str, Any] | str:
    """Return an entry of the subscribers file, or what is wrong with a line."""
    if numbers is not None:
        line = _CONVERSION.sub(lambda found: f"{{n:0{found[1]}d}}" if found[1] else "{n}", line)
    credentials: dict[str, str] = {}
    found = _AUTHENTICATION.search(line)
    if found is not None:
        credentials = {name: value.strip("\"'") for name, value in _PARAMETER.findall(found[1])}
        line = line[: found.start()].rstrip(" ;") + line[found.end() :]
    values = {name: value.strip() for name, value in zip(names, line.split(";"), strict=False)}
    user = values.get("user")
    if not user:
        return "the column user is empty"
    home = values.get("domain") or domain
    username = credentials.get("username") or values.get("username") or f"{user}@{home}"
    impi = username if "@" in username else f"{username}@{home}"
    password = credentials.get("password") or values.get("password")
    auth: dict[str, Any] = {"scheme": "none"}
    if "aka_K" in credentials:
        keys = {name: _hex(credentials[name], digits) for name, digits in _OF_KEY.items() if name in credentials}
        wrong = [name for name, digits in _OF_KEY.items() if len(keys.get(name, "0" * digits)) != digits]
        if wrong or "aka_OP" not in keys:
            return f"{' and '.join(wrong) or 'aka_OP'}: aka_K and aka_OP must be 16 octets, aka_AMF 2"
        auth = {"scheme": "aka", "k": keys["aka_K"], "op": keys["aka_OP"]}
        if "aka_AMF" in keys:
            auth["amf"] = keys["aka_AMF"]
    elif password:
        auth = {"scheme": "digest", "password": password}
        if username != impi:
            auth["username"] = username
    entry = {
        "private_identities": [{"id": impi, "auth": auth}],
        "implicit_sets": [[values.get("identity") or f"sip:{user}@{home}"]],
    }
    return entry if numbers is None else {"range": [numbers[0], numbers[-1]], **entry}


def _hex(text: str, digits: int) -> str:
    """Return a key in hexadecimal: it is written so behind 0x, else its octets are the text's, with zeros behind."""
    found = _HEX.fullmatch(text)
    return found[1].lower() if found is not None else text.encode().hex().ljust(digits, "0")
