"""Use an installed wheel as its first user would: check the demo files, run the server, register, look, de-register."""

import hashlib
import json
import re
import socket
import subprocess
import sys
import time
from importlib.resources import as_file, files
from pathlib import Path

REGISTER = """\
REGISTER sip:home1.test SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:{port};rport;branch=z9hG4bKsmoke{cseq}
Max-Forwards: 70
From: <sip:alice@home1.test>;tag=smoke
To: <sip:alice@home1.test>
Call-ID: smoke
CSeq: {cseq} REGISTER
Contact: <sip:alice@127.0.0.1:{port}>
Expires: 600
{credentials}Content-Length: 0

"""


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def command(*arguments: str, status: int = 0) -> str:
    """Run a command of the wheel, insist on its exit status, return what it printed."""
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == status, (arguments, done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def register(server: int) -> str:
    """Register alice as a digest client does, and return the 200."""
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.settimeout(60)
        client.connect(("127.0.0.1", server))
        port = client.getsockname()[1]

        def exchange(cseq: int, credentials: str) -> str:
            client.send(REGISTER.format(port=port, cseq=cseq, credentials=credentials).replace("\n", "\r\n").encode())
            return client.recv(65535).decode()

        challenge = exchange(1, "")
        assert challenge.startswith("SIP/2.0 401 "), challenge
        given = dict(re.findall(r'\b(realm|nonce)="([^"]*)"', challenge))
        secret = md5(f"alice:{given['realm']}:secret")
        proof = md5(f"{secret}:{given['nonce']}:00000001:smoke:auth:{md5('REGISTER:sip:home1.test')}")
        answer = exchange(
            2,
            f'Authorization: Digest username="alice", realm="{given["realm"]}", nonce="{given["nonce"]}", '
            f'uri="sip:home1.test", response="{proof}", algorithm=MD5, qop=auth, nc=00000001, cnonce="smoke"\r\n',
        ).replace("\r\n", "\n")
        assert answer.startswith("SIP/2.0 200 "), answer
        return answer


def main(scscf: str) -> None:
    sip, api = free_port(), f"http://127.0.0.1:{free_port()}"
    ready, config, wrong = Path("ready.json"), Path("config.yaml"), Path("wrong.yaml")
    with as_file(files("hss_stub") / "demo_subscribers.yaml") as demo:
        command(scscf, "check", str(demo))
        config.write_text(
            json.dumps({"listen": [f"udp://127.0.0.1:{sip}"], "api": api, "subscribers": str(demo)}), encoding="utf-8"
        )
        wrong.write_text("home_domian: home1.test\n", encoding="utf-8")
        command(scscf, "check", str(config))
        command(scscf, "check", str(wrong), status=2)
        with Path("server.log").open("wb") as log:
            server = subprocess.Popen(
                (scscf, "run", "--config", str(config), "--ready-file", str(ready), "--validate"),
                stdout=log,
                stderr=log,
            )
        try:
            deadline = time.monotonic() + 60
            while not (ready.exists() and ready.stat().st_size):
                assert server.poll() is None, Path("server.log").read_text()
                assert time.monotonic() < deadline, Path("server.log").read_text()
                time.sleep(0.05)
            assert "Contact:" in register(sip)
            assert "sip:alice@home1.test" in command(scscf, "registrations", "--json", "--api", api)
            command(scscf, "deregister", "--aor", "sip:alice@home1.test", "--event", "deactivated", "--api", api)
            command(
                scscf, "deregister", "--aor", "sip:alice@home1.test", "--event", "deactivated", "--api", api, status=1
            )
        finally:
            server.terminate()
            status = server.wait(60)
        said = Path("server.log").read_text()
        assert status == 0, (status, said)
        assert "Traceback" not in said, said
    scenarios(scscf)
    print("the wheel works: checked, started, registered, de-registered, stopped, played, tested")


TESTED = """
def test_alice_is_told_that_she_is_deregistered(scscf, ue):
    alice = ue("sip:alice@home1.test")
    assert alice.register().status == 200
    watch = alice.subscribe()
    assert watch.notified().state == "active"
    scscf.deregister(aor="sip:alice@home1.test", event="rejected")
    assert watch.notified().state == "terminated"
"""


def scenarios(scscf: str) -> None:
    """Play what is shipped, from the wheel, and use the pytest plugin."""
    assert " failed" in (played := command(scscf, "play", "rfc3261/new_registration", "ims")), played
    assert "0 failed" in played, played
    command(scscf, "scenarios", "--copy", "mine", "-k", "new_registration")
    Path("test_mine.py").write_text(TESTED, encoding="utf-8")
    python = str(Path(scscf).with_name("python"))
    command(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "mine", "test_mine.py", "--junitxml", "x.xml")


if __name__ == "__main__":
    main(sys.argv[1])
