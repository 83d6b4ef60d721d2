"""A server under measurement: one process or a family of them, pinned to a core, read through /proc."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

SERVER_CORE, LOADER_CORE = 0, 1
SCSCF = (sys.executable, "-c", "from scscf.cli import main; main()")


class NotStarted(Exception):
    """The server under measurement did not come up; the text is the end of what it printed."""


def pin_loader() -> None:
    """Keep this process off the server's core, where there is more than one."""
    if LOADER_CORE in os.sched_getaffinity(0):
        os.sched_setaffinity(0, {LOADER_CORE})


def free_port() -> int:
    """Return a port that is free for UDP and TCP on 127.0.0.1 at this moment."""
    while True:
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagram:
            stream.bind(("127.0.0.1", 0))
            port: int = stream.getsockname()[1]
            try:
                datagram.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Node:
    """A started server and what it has used so far."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self.log = folder / "server.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, start_new_session=True
            )
        cores = os.sched_getaffinity(self.process.pid) | {SERVER_CORE}
        if len(cores) > 1:
            os.sched_setaffinity(self.process.pid, {SERVER_CORE})

    def pin(self, core: int) -> None:
        """Have it run on that core, where there is more than one."""
        if core in os.sched_getaffinity(self.process.pid) | {LOADER_CORE} and os.cpu_count() != 1:
            os.sched_setaffinity(self.process.pid, {core})

    def wait_for(self, ready: Path, seconds: float = 20) -> None:
        """Wait until the server has written its ready file."""
        deadline = time.monotonic() + seconds
        while not (ready.exists() and ready.stat().st_size):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise NotStarted(self.log.read_text(errors="replace")[-2000:])
            time.sleep(0.002)

    def family(self) -> list[int]:
        """Return the process and everything that descends from it."""
        found, queue = [], [self.process.pid]
        while queue:
            pid = queue.pop()
            found.append(pid)
            for task in Path(f"/proc/{pid}/task").glob("*"):
                children = task / "children"
                queue += [int(child) for child in children.read_text().split()] if children.exists() else []
        return found

    def cpu(self) -> float:
        """Return the CPU time in seconds of all threads so far, from the scheduler's nanoseconds."""
        total = 0
        for pid in self.family():
            for task in Path(f"/proc/{pid}/task").iterdir():
                total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def resident(self) -> int:
        """Return the proportional set size in bytes: for one process what `ps` calls RSS, shared pages counted once."""
        total = 0
        for pid in self.family():
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        return total

    def stop(self) -> None:
        """End it and everything it started."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


KEY, OPC = "465b5ce8b199b49faa5f0a2e", "cd63cb71954a9f4e48a5994e37a02baf"
"""All USIMs have this OPc and a key that begins so and ends in 8 digits."""
SUBSCRIBERS = """\
subscriptions:
  - range: [1, 200000]
    private_identities: [{id: "open{n:06d}@home1.test", auth: {scheme: none}}]
    implicit_sets: [["sip:open{n:06d}@home1.test"]]
  - range: [1, 200000]
    private_identities: [{id: "three{n:06d}@home1.test", auth: {scheme: none}}]
    implicit_sets: [["sip:three{n:06d}@home1.test", "sip:alias{n:06d}@home1.test", "tel:+44{n:06d}"]]
  - range: [1, 200000]
    private_identities: [{id: "closed{n:06d}@home1.test", auth: {scheme: digest, password: secret}}]
    implicit_sets: [["sip:closed{n:06d}@home1.test"]]
  - range: [1, 200000]
    private_identities: [{id: "usim{n:06d}@home1.test", auth: {scheme: aka, k: "KEY{n:08d}", opc: OPC}}]
    implicit_sets: [["sip:usim{n:06d}@home1.test", "sip:card{n:06d}@home1.test", "tel:+46{n:06d}"]]
""".replace("KEY", KEY).replace("OPC", OPC)


class Scscf(Node):
    """Our server; only `closed...` and `usim...` users are challenged.

    A small `t1` (seconds) keeps transactions short.
    """

    def __init__(self, folder: Path, t1: float = 0.5) -> None:
        self.port = free_port()
        ready = folder / "ready.json"
        (folder / "subscribers.yaml").write_text(SUBSCRIBERS)
        (folder / "config.yaml").write_text(
            json.dumps(
                {
                    "home_domain": "home1.test",
                    "listen": [f"udp://127.0.0.1:{self.port}"],
                    "api": f"http://127.0.0.1:{free_port()}",
                    "subscribers": "subscribers.yaml",
                    "trusted_peers": ["127.0.0.1"],
                    "timers": {"t1": t1},
                }
            )
        )
        command = (*SCSCF, "run", "--config", "config.yaml", "--ready-file", str(ready), "--log-level", "warning")
        started = time.perf_counter()
        super().__init__(command, folder)
        self.wait_for(ready)
        self.startup = time.perf_counter() - started
