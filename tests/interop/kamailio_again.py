"""Starts Kamailio's S-CSCF anew and waits for it: `python -m tests.interop.kamailio_again FOLDER` before a scenario."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path

from tests.interop import kamailio_ims
from tests.interop.programs import SEARCH
from tests.interop.server import until
from tests.patience import PATIENCE

HSS_API = "http://127.0.0.1:8061"
_OPTIONS = (
    "OPTIONS sip:{host} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bKup\r\nMax-Forwards: 1\r\n"
    "From: <sip:a@x>;tag=1\r\n"
    "To: <sip:{host}>\r\nCall-ID: up\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)


def again(folder: Path) -> None:
    """End the one that runs, if any, and start one whose configuration is in `folder`."""
    end(folder)
    until(lambda: not connected(), "the end of the connection that the last one had to the HSS")
    with (folder / "scscf.log").open("ab") as log:
        process = subprocess.Popen(
            kamailio_ims.command(folder, "scscf"),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env={"PATH": SEARCH, "HOME": str(folder)},
            start_new_session=True,
        )
    (folder / "scscf.pid").write_text(str(process.pid))
    until(lambda: kamailio_ims.is_at_hss(folder, "scscf") and answers(), "Kamailio")


def end(folder: Path) -> None:
    """End the one that runs: at once, since one that is stuck would not go."""
    with suppress(FileNotFoundError, ProcessLookupError, ValueError):
        os.killpg(int((folder / "scscf.pid").read_text()), signal.SIGKILL)


def connected() -> bool:
    """Tell whether the HSS has a connection to an S-CSCF."""
    with urllib.request.urlopen(f"{HSS_API}/v1/health", timeout=PATIENCE) as answer:
        return any(peer["state"] == "R-Open" for peer in json.load(answer)["peers"])


def answers() -> bool:
    """Tell whether it answers an OPTIONS."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        probe.settimeout(0.2)
        own = "{}:{}".format(*probe.getsockname())
        probe.sendto(_OPTIONS.format(host=kamailio_ims.SCSCF, own=own).encode(), (kamailio_ims.SCSCF, 6060))
        try:
            return probe.recv(4096).startswith(b"SIP/2.0 ")
        except OSError:
            return False


if __name__ == "__main__":
    again(Path(sys.argv[1]))
