"""Start a whole core (Kamailio's P-CSCF and I-CSCF, our S-CSCF, our HSS stub) and hold it until ^C.

Usage: python -m tests.interop [FOLDER], a new folder for configurations and logs. /etc/hosts has to know the HSS.
"""

import signal
import socket
import sys
from pathlib import Path
from tempfile import mkdtemp

from tests.interop import kamailio_ims
from tests.interop.chain import HSS_API, SCSCF_API, Chain
from tests.interop.conftest import SUBSCRIBERS


def main() -> int:
    """Start, say where everything is, wait, stop; 2 where something is missing."""
    name = f"hss.{kamailio_ims.DOMAIN}"
    try:
        socket.gethostbyname(name)
    except OSError:
        print(f"Kamailio has to find the HSS: add the line `{kamailio_ims.HSS} {name}` to /etc/hosts", file=sys.stderr)
        return 2
    folder = Path(sys.argv[1]).absolute() if len(sys.argv) > 1 else Path(mkdtemp(prefix="ims-core-"))
    folder.mkdir(parents=True, exist_ok=True)
    core = Chain(folder, SUBSCRIBERS)
    print(f"P-CSCF   udp://{kamailio_ims.PCSCF}:{kamailio_ims.PCSCF_PORT}   (send REGISTERs here)")
    print(f"I-CSCF   udp://{kamailio_ims.ICSCF}:{kamailio_ims.ICSCF_PORT}")
    print(f"S-CSCF   udp://{kamailio_ims.SCSCF}:{kamailio_ims.SCSCF_PORT}   API {SCSCF_API}")
    print(f"HSS      diameter://{kamailio_ims.HSS}:{kamailio_ims.HSS_PORT}   API {HSS_API}")
    print(f"configurations, logs, subscribers.yaml: {folder}", flush=True)
    try:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        signal.pause()
    except KeyboardInterrupt:
        print("stopping", flush=True)
    core.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
