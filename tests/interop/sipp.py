"""SIPp: one scenario file, some calls, an exit status that says whether every check in it held.

A user is a name, what it logs in as, and its secret: a password, or SIPp's `aka_K=... aka_OP=... aka_AMF=...`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Required, TypedDict, Unpack

from tests.interop.programs import Finished, Running, find, is_bound, run
from tests.interop.server import until
from tests.patience import PATIENCE

SCENARIOS = Path(__file__).parent / "sipp"


class Load(TypedDict, total=False):
    """Whom a scenario calls, how many calls begin in a second, and for how many seconds at most."""

    target: str
    rate: int
    seconds: float


class Where(Load, total=False):
    """The port that it calls from too, and over what: `u1` or `t1`."""

    port: Required[int]
    transport: str


def arguments(
    folder: Path,
    scenario: str,
    users: Sequence[tuple[str, str, str]],
    *,
    port: int,
    target: str = "127.0.0.1:5060",
    transport: str = "u1",
    rate: int = 50,
    seconds: float = PATIENCE,
) -> tuple[str, ...]:
    """Write the users for SIPp and return its arguments."""
    rows = [f"{name};[authentication username={login} {_secret(secret)}]" for name, login, secret in users]
    injected = folder / f"{scenario}-{port}.csv"
    injected.write_text("\n".join(("SEQUENTIAL", *rows)) + "\n")
    return (
        target,
        *("-sf", str(SCENARIOS / f"{scenario}.xml"), "-inf", str(injected), "-m", str(len(users))),
        *("-i", "127.0.0.1", "-p", str(port), "-t", transport, "-r", str(rate)),
        *("-timeout", f"{seconds:g}s", "-timeout_error", "-nostdin", "-trace_err", "-trace_logs", "-trace_msg"),
    )


def _secret(secret: str) -> str:
    return secret if secret.startswith("aka_") else f"password={secret}"


def call(folder: Path, scenario: str, users: Sequence[tuple[str, str, str]], **options: Unpack[Where]) -> Finished:
    """Run a scenario to its end for each user; the output ends with the unexpected messages that SIPp saw."""
    own = arguments(folder, scenario, users, **options)
    done = run("sipp", *own, folder=folder, seconds=2 * PATIENCE)
    return Finished(done.status, done.output[-3000:] + errors(folder, scenario))


def errors(folder: Path, scenario: str) -> str:
    """Return what SIPp wrote about the messages that it did not expect."""
    return "".join(file.read_text(errors="replace")[-3000:] for file in folder.glob(f"{scenario}_*_errors.log"))


def messages(folder: Path, scenario: str) -> str:
    """Return what the runs of a scenario have sent and received, the last one last."""
    files = sorted(folder.glob(f"{scenario}_*_messages.log"), key=lambda file: file.stat().st_mtime_ns)
    return "".join(file.read_text(errors="replace") for file in files)


def start(
    folder: Path,
    scenario: str,
    users: Sequence[tuple[str, str, str]],
    *,
    port: int,
    transport: str = "u1",
    **options: Unpack[Load],
) -> Running:
    """Start a scenario beside the test, and wait until it has its UDP port; over TCP it is the one that connects."""
    binary = find("sipp")
    assert binary is not None
    own = arguments(folder, scenario, users, port=port, transport=transport, **options)
    running = Running((binary, *own), folder, f"{scenario}.log")
    if transport == "u1":
        until(lambda: is_bound("127.0.0.1", port) or running.process.poll() is not None, f"SIPp at port {port}")
    return running
