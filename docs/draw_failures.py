"""Draws what becomes of a failing HSS from the table: `python docs/draw_failures.py > docs/cx-failures.md`."""

from itertools import groupby

from scscf.cx import Result
from scscf.procedures.cx_failures import ASKED, FAILURES, CxCommand, Failure, Procedure, failure_of

HEAD = """# When the HSS refuses or fails

Drawn by `docs/draw_failures.py` from the table that runs, `scscf/procedures/cx_failures.py`; a test holds the page
against it. `base` results come in Result-Code (RFC 6733 §7.1), `cx` results in Experimental-Result (TS 29.229 §6.2).
Three are no answers: `timeout` (asked, and nothing came), `disconnected` (there was nobody to ask), `garbage` (what
came cannot be read).

The statuses are those of the dialects ims and rfc3261; `cx_failures` in the configuration overrides them:

```yaml
cx_failures:
  mar: {timeout: 480}
  sar: {user_unknown: 404, too_busy: 503}
```

A UAR or MAR that finds nobody is answered as `auth.unknown_user` says, unless `cx_failures` says otherwise. What is
owed to the HSS is sent again after 1, 2, 4 ... 60 seconds until the HSS has answered (it may refuse ten times with
`unable_to_comply`), or until the user has registered again; `GET /v1/duties` shows it.
"""


def table(command: CxCommand, procedure: Procedure) -> str:
    """Return the rows of one command in one procedure; results that fare alike share a row."""

    def fare(result: Result) -> tuple[Failure, Failure]:
        ims, plain = (failure_of(command, procedure, result, dialect, {}) for dialect in ("ims", "rfc3261"))
        return ims, plain

    lines = ["| result | ims | rfc3261 | what is left |", "| --- | --- | --- | --- |"]
    for (ims, plain), results in groupby(sorted(FAILURES, key=lambda each: _order(fare(each))), key=fare):
        names = ", ".join(_name(result) for result in results)
        lines.append(f"| {names} | {_status(ims)} | {_status(plain)} | {ims.left.value} |")
    return "\n".join(lines)


def _order(fare: tuple[Failure, Failure]) -> tuple[int, int, str, str]:
    ims, plain = fare
    return ims.status or 0, plain.status or 0, ims.reason or "", ims.left.value


def _name(result: Result) -> str:
    kind, code = result.value
    name = f"`{result.name.lower()}`"
    return name if kind == "none" else f"{name} ({kind} {code})"


def _status(failure: Failure) -> str:
    if failure.status is None:
        return "goes on"
    return f"{failure.status} {failure.reason}" if failure.reason else str(failure.status)


def page() -> str:
    """Return the whole page."""
    parts = [HEAD]
    for command, procedures in ASKED.items():
        drawn = [(procedure, table(command, procedure)) for procedure in procedures]
        for text, alike in groupby(drawn, key=lambda each: each[1]):
            names = ", ".join(procedure.value for procedure, _ in alike)
            parts.append(f"## {command.name}: {names}\n\n{text}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    print(page(), end="")
