"""SIPp: one scenario file, some calls, an exit status that says whether every check in it held.

A user is a name, what it logs in as, and its secret: a password, or SIPp's `aka_K=... aka_OP=... aka_AMF=...`.
"""

from collections.abc import Sequence
from pathlib import Path

from tests.interop.programs import Finished, Running, find, run

SCENARIOS = Path(__file__).parent / "sipp"


def arguments(
    folder: Path,
    scenario: str,
    users: Sequence[tuple[str, str, str]],
    *,
    port: int,
    target: str = "127.0.0.1:5060",
    transport: str = "u1",
    rate: int = 50,
    seconds: int = 20,
) -> tuple[str, ...]:
    """Write the users for SIPp and return its arguments."""
    rows = [f"{name};[authentication username={login} {_secret(secret)}]" for name, login, secret in users]
    injected = folder / f"{scenario}-{port}.csv"
    injected.write_text("\n".join(("SEQUENTIAL", *rows)) + "\n")
    return (
        target,
        *("-sf", str(SCENARIOS / f"{scenario}.xml"), "-inf", str(injected), "-m", str(len(users))),
        *("-i", "127.0.0.1", "-p", str(port), "-t", transport, "-r", str(rate)),
        *("-timeout", f"{seconds}s", "-timeout_error", "-nostdin", "-trace_err", "-trace_logs", "-trace_msg"),
    )


def _secret(secret: str) -> str:
    return secret if secret.startswith("aka_") else f"password={secret}"


def call(folder: Path, scenario: str, users: Sequence[tuple[str, str, str]], **options: object) -> Finished:
    """Run a scenario to its end for each user; the output ends with the unexpected messages that SIPp saw."""
    done = run("sipp", *arguments(folder, scenario, users, **options), folder=folder)  # type: ignore[arg-type]
    return Finished(done.status, done.output[-3000:] + errors(folder, scenario))


def errors(folder: Path, scenario: str) -> str:
    """Return what SIPp wrote about the messages that it did not expect."""
    return "".join(file.read_text(errors="replace")[-3000:] for file in folder.glob(f"{scenario}_*_errors.log"))


def messages(folder: Path, scenario: str) -> str:
    """Return what the runs of a scenario have sent and received, the last one last."""
    files = sorted(folder.glob(f"{scenario}_*_messages.log"), key=lambda file: file.stat().st_mtime_ns)
    return "".join(file.read_text(errors="replace") for file in files)


def start(folder: Path, scenario: str, users: Sequence[tuple[str, str, str]], **options: object) -> Running:
    """Start a scenario beside the test."""
    binary = find("sipp")
    assert binary is not None
    return Running((binary, *arguments(folder, scenario, users, **options)), folder, f"{scenario}.log")  # type: ignore[arg-type]
