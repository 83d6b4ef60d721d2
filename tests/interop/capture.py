"""tshark as the judge: what went over the wire, and whether a foreign parser finds fault with it."""

import os
import socket
import subprocess
import time
from collections import Counter
from pathlib import Path
from uuid import uuid4

from tests.interop.programs import find
from tests.interop.server import until
from tests.patience import PATIENCE

FAULTS = "_ws.malformed || xml.unrecognized_text || (sip && _ws.expert.severity >= 0x00600000)"

DIAMETER_FAULTS = "diameter && (_ws.malformed || diameter.avp.unknown || _ws.expert.severity >= 0x00600000)"
NOBODY = ("127.0.0.1", 40404)
"""A port that no program has and no dissector knows."""
DIAMETER_CODES = {"uar": 300, "sar": 301, "lir": 302, "mar": 303, "rtr": 304, "ppr": 305}


class Capture:
    """A capture of the loopback device into a file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start tshark and wait until it captures."""
        binary = find("tshark")
        assert binary is not None
        self.process = subprocess.Popen(
            (binary, "-q", "-n", "-i", "lo", "-B", "32", "-w", str(self.file)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert self.process.stderr is not None
        os.set_blocking(self.process.stderr.fileno(), False)
        said, deadline = b"", time.monotonic() + PATIENCE
        while not (b"Capturing on" in said and self.file.exists() and self.file.stat().st_size):
            assert self.process.poll() is None, said
            assert time.monotonic() < deadline, said
            said += self.process.stderr.read() or b""
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop capturing, with everything that crossed before in the file."""
        process, self.process = self.process, None
        if process is None:
            return
        assert process.stderr is not None
        mark = uuid4().hex.encode()
        try:
            until(lambda: self._holds(mark) or process.poll() is not None, "the last packets in the capture")
            assert process.poll() is None, process.stderr.read()
        finally:
            process.terminate()
            process.wait(PATIENCE)
            process.stderr.close()

    def _holds(self, mark: bytes) -> bool:
        """Send a packet that is in the file only after all before it, and tell whether it, or one like it, is there."""
        with socket.socket(type=socket.SOCK_DGRAM) as sender:
            sender.sendto(mark, NOBODY)
        return mark in self.file.read_bytes()

    def count(self, display: str) -> int:
        """Return how many packets a display filter lets through, of a file that may end within one as yet."""
        return len(self._tshark(display, "frame.number", is_whole=False))

    def read(self, display: str, *fields: str) -> list[list[str]]:
        """Return the fields of each packet that a display filter lets through."""
        return [line.split("\t") for line in self._tshark(display, *fields, is_whole=True)]

    def _tshark(self, display: str, *fields: str, is_whole: bool) -> list[str]:
        binary = find("tshark")
        assert binary is not None
        arguments = ["-n", "-r", str(self.file), "-Y", display, "-T", "fields"]
        arguments += [part for field in fields for part in ("-e", field)]
        done = subprocess.run(
            (binary, *arguments), capture_output=True, text=True, timeout=2 * PATIENCE, check=is_whole
        )
        return done.stdout.splitlines()

    def judge_diameter(self, *known_faults: str, **at_least: int) -> None:
        """Assert that no Diameter message is malformed or has an AVP that tshark does not know, and how many came.

        `known_faults` are what a peer's own messages have wrong. Names of `at_least` are those of the requests (uar,
        sar, lir, mar, rtr, ppr); each has as many answers.
        """
        self.stop()
        faults = [
            row
            for row in self.read(DIAMETER_FAULTS, "frame.number", "diameter.cmd.code", "_ws.expert.message")
            if not any(known in row[2] for known in known_faults)
        ]
        assert faults == []
        # A segment may hold several messages: then each field has as many values.
        seen = Counter(
            (int(code), request in ("1", "True"))
            for codes, requests in self.read("diameter", "diameter.cmd.code", "diameter.flags.request")
            for code, request in zip(codes.split(","), requests.split(","), strict=True)
        )
        for name, least in at_least.items():
            asked, answered = (seen[DIAMETER_CODES[name], is_request] for is_request in (True, False))
            assert asked >= least, f"{asked} {name} captured, {least} expected"
            assert answered >= least, f"{answered} answers to {name}"

    def judge(self, **at_least: int) -> None:
        """Assert that nothing is malformed and that the capture holds so many requests of each method."""
        self.stop()
        faults = self.read(FAULTS, "frame.number", "sip.Method", "sip.Status-Code", "_ws.expert.message")
        assert faults == []
        seen = Counter(row[0] for row in self.read("sip.Method", "sip.Method"))
        answered = Counter(row[0] for row in self.read("sip.Status-Code", "sip.CSeq.method"))
        for method, least in at_least.items():
            assert seen[method] >= least, f"{seen[method]} {method} captured, {least} expected: {seen}"
            assert answered[method] >= least, f"{answered[method]} answers to {method}: {answered}"
