"""The server under test: its own process, spoken to as a user would, by files, commands and HTTP."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.patience import PATIENCE

SCSCF = (sys.executable, "-c", "from scscf.cli import main; main()")
VETH = "10.99.0.1"
API = "http://127.0.0.1:8060"


def has_veth() -> bool:
    """Tell whether this namespace has the address that programs need which refuse to work on loopback."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((VETH, 0))
        except OSError:
            return False
    return True


class Server:
    """`scscf run` in `folder` with `subscribers`, and more of a configuration; 127.0.0.4 is a trusted peer."""

    def __init__(self, folder: Path, subscribers: str, **more: object) -> None:
        self.folder = folder
        self.log = folder / "scscf.log"
        self.process: subprocess.Popen[bytes] | None = None
        listeners = ["udp://127.0.0.1:5060", "tcp://127.0.0.1:5060"]
        if has_veth():
            listeners += [f"udp://{VETH}:5060", f"tcp://{VETH}:5060"]
        configuration = {
            "home_domain": "home1.test",
            "listen": listeners,
            "api": API,
            "subscribers": "subscribers.yaml",
            "trusted_peers": ["127.0.0.4"],
        }
        (folder / "subscribers.yaml").write_text(subscribers)
        (folder / "config.yaml").write_text(json.dumps(configuration | more))

    def start(self, *options: str) -> None:
        """Start it, with more options of `scscf run`, and wait until every listener is up."""
        ready = self.folder / "ready.json"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                (*SCSCF, "run", "--config", "config.yaml", "--ready-file", "ready.json", "--validate", *options),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"PYTHONPATH": os.getcwd()},
            )
        deadline = time.monotonic() + PATIENCE
        while not (ready.exists() and ready.stat().st_size):
            assert self.process.poll() is None, self.output()
            assert time.monotonic() < deadline, f"not ready in {PATIENCE:g} s\n{self.output()}"
            time.sleep(0.02)

    def stop(self) -> None:
        """Shut it down as an operator would, and insist on its doing so."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        assert status == 0, self.output()

    def output(self) -> str:
        """Return its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another `scscf` command against it."""
        return subprocess.run(
            (*SCSCF, *arguments, "--api", API),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env=os.environ | {"PYTHONPATH": os.getcwd()},
        )

    def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Make a call of the control API and return its status and its JSON."""
        request = urllib.request.Request(
            API + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=2 * PATIENCE) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                status, text = error.code, error.read()
        return status, json.loads(text) if text else None

    def registration(self, aor: str) -> Any:
        """Return what the API shows of an AOR, None where nothing is registered."""
        status, shown = self.call("GET", f"/v1/registrations/{quote(aor, safe='')}")
        return shown if status == 200 else None

    def subscriptions(self, aor: str) -> list[Any]:
        """Return the subscriptions to an AOR."""
        status, shown = self.call("GET", f"/v1/subscriptions?aor={quote(aor, safe='')}")
        assert status == 200, shown
        found: list[Any] = shown["subscriptions"]
        return found

    def has_told(self, aor: str) -> bool:
        """Tell whether a watcher of an AOR has answered a NOTIFY with 200."""
        return any(str((one["last_notify"] or {}).get("status")) == "200" for one in self.subscriptions(aor))


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for something that real programs do in their own time."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE:g} s: {what}"
        time.sleep(0.05)
