"""`scscf run` as a process of its own on free ports, a SIP client on a plain socket, and commands in this process."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scscf.cli import main
from tests.patience import PATIENCE

TOP = Path(__file__).parents[2]


class Server:
    """A running S-CSCF; it is up once it has said so."""

    COMMAND = (sys.executable, "-c", "from scscf.cli import main; main()")
    LAST = " registrations"
    """What is in the last line that it says when it is up."""

    @staticmethod
    def environment(**more: str) -> dict[str, str]:
        return os.environ | {"PYTHONPATH": str(TOP), "PYTHONUNBUFFERED": "1"} | more

    def __init__(self, folder: Path, *options: str, **environment: str) -> None:
        self.ready = folder / "ready.json"
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                (*self.COMMAND, "run", "--ready-file", str(self.ready), *options),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=self.environment(**environment),
            )
        assert self.process.stdout is not None
        self.said = [self.process.stdout.readline()]
        while self.said[-1] and self.LAST not in self.said[-1]:
            self.said.append(self.process.stdout.readline())
        assert self.said[-1], self.log.read_text()

    @property
    def api(self) -> str:
        return self._told("control API")[0]

    @property
    def listeners(self) -> list[str]:
        return self._told("SIP")

    def _told(self, what: str) -> list[str]:
        (line,) = (line for line in self.said if line.startswith(f"  {what} "))
        return line.removeprefix(f"  {what} ").split()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it as an operator would and return its exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()


class Peer:
    """A SIP client on a UDP socket."""

    def __init__(self, listener: str, user: str) -> None:
        host, _, port = listener.removeprefix("udp://").rpartition(":")
        self.user = user
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.settimeout(PATIENCE)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.connect((host, int(port)))
        self.port = self.socket.getsockname()[1]
        self._cseq = 0

    def send(self, method: str, *more: str) -> str:
        """Send a request and return what comes next."""
        self._cseq += 1
        aor = f"sip:{self.user}@home1.test"
        target = "sip:home1.test" if method == "REGISTER" else aor
        lines = [
            f"{method} {target} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{self.port}{self._cseq}",
            "Max-Forwards: 70",
            f"From: <{aor}>;tag={self.port}",
            f"To: <{aor}>",
            f"Call-ID: {method}{self.port}",
            f"CSeq: {self._cseq} {method}",
            f"Contact: <sip:{self.user}@127.0.0.1:{self.port}>",
            *more,
            "Content-Length: 0",
            "",
            "",
        ]
        self.socket.send("\r\n".join(lines).encode())
        return self.receive()

    def receive(self) -> str:
        return self.socket.recv(65535).decode()

    def answer(self, request: str) -> None:
        """Answer a request 200."""
        copied = ("Via", "From", "To", "Call-ID", "CSeq")
        kept = [line for line in request.split("\r\n") if line.split(":")[0] in copied]
        self.socket.send("\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""]).encode())

    def close(self) -> None:
        self.socket.close()


class Command:
    """Runs `scscf` commands (or those of another program) in this process: exit code, stdout and stderr of each."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        name: str = "scscf",
        program: Callable[[], object] = main,
    ) -> None:
        self._name = name
        self._program = program
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        with self._monkeypatch.context() as patch:
            patch.setattr(sys, "argv", [self._name, *arguments])
            for name, value in environment.items():
                patch.setenv(name, value)
            self._capsys.readouterr()
            try:
                self._program()
            except SystemExit as end:
                code = end.code
            else:
                code = None
        said = self._capsys.readouterr()
        assert isinstance(code, int)
        assert "Traceback" not in said.err
        return code, said.out, said.err
