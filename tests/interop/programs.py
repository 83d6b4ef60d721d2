"""The foreign programs: where they are, and running one of them for a bounded time."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from tests.patience import PATIENCE

SEARCH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Finished(NamedTuple):
    """How a program ended; `output` is what it wrote to either stream."""

    status: int
    output: str


MODULES = {"pycrate": "pycrate_diameter", "python-diameter": "diameter"}
"""Foreign code that is a package of Python's, and the module that tells whether it is there."""
PLUGINS = {"pidgin-sipe": "purple-2/libsipe.so"}
"""Foreign code that is a plugin of a library, and its file under a folder of libraries."""


def find(name: str) -> str | None:
    """Return the path of an installed program, of a plugin, or of a foreign Python package."""
    if name in MODULES:
        spec = find_spec(MODULES[name])
        return spec.origin if spec is not None else None
    if name in PLUGINS:
        places = (
            folder / PLUGINS[name] for folder in (Path("/usr/lib"), Path("/usr/lib64"), *Path("/usr/lib").glob("*-gnu"))
        )
        return next((str(place) for place in places if place.exists()), None)
    return shutil.which(name, path=SEARCH)


def run(name: str, *arguments: str, folder: Path, seconds: float = PATIENCE, stdin: str | None = None) -> Finished:
    """Run a program to its end; one that takes longer than `seconds` has failed with status -1."""
    binary = find(name)
    assert binary is not None
    try:
        done = subprocess.run(
            (binary, *arguments),
            cwd=folder,
            capture_output=True,
            timeout=seconds,
            text=True,
            errors="replace",
            check=False,
            input=stdin or "",
            env={"PATH": SEARCH, "TERM": "dumb", "HOME": str(folder)},
        )
    except subprocess.TimeoutExpired as late:
        return Finished(-1, f"{name} did not end in {seconds} s\n{late.stdout!r}\n{late.stderr!r}")
    return Finished(done.returncode, done.stdout + done.stderr)


def is_bound(host: str, port: int) -> bool:
    """Tell whether a program has that UDP port of an IPv4 address: from then on the kernel keeps what comes for it."""
    local = f"{int.from_bytes(socket.inet_aton(host), sys.byteorder):08X}:{port:04X}"
    return any(line.split()[1] == local for line in Path("/proc/net/udp").read_text(encoding="ascii").splitlines()[1:])


class Running:
    """A program that runs beside the test."""

    def __init__(self, command: Sequence[str], folder: Path, log: str) -> None:
        self.log = folder / log
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=folder,
                env={"PATH": SEARCH, "TERM": "dumb", "HOME": str(folder), "PYTHONPATH": os.getcwd()},
                start_new_session=True,
            )

    def output(self) -> str:
        """Return what it has written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def wait(self, seconds: float = PATIENCE) -> int:
        """Return its exit status, -1 where it is still running after `seconds`."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return -1

    def stop(self) -> None:
        """Ask it to end, and end it and whatever it has started: nothing of it keeps a port."""
        if self.process.poll() is None:
            self.process.terminate()
            self.wait()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
