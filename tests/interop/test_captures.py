"""Captures and copies of messages, judged by others: tshark and sngrep read what the control API counts."""

import os
import subprocess
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.interop.capture import DIAMETER_FAULTS, FAULTS, Capture
from tests.interop.chain import HSS_API, HSS_STUB, Ours
from tests.interop.conftest import SUBSCRIBERS
from tests.interop.programs import Running, find, is_bound, run
from tests.interop.server import API, SCSCF, Server, until
from tests.interop.tls_ue import register_over_tls
from tests.net.certificates import Authority
from tests.patience import PATIENCE

pytestmark = pytest.mark.interop

HEP = 9060


class Scene:
    """A server that writes a capture, and users who register, subscribe and leave."""

    def __init__(self, folder: Path) -> None:
        self.server = Server(folder, SUBSCRIBERS)
        self.file = folder / "trace.pcapng"

    def ue(self, proxy: str, user: str = "alice", password: str = "secret") -> None:
        """Have a UE register, subscribe, be told and leave."""
        done = subprocess.run(
            (
                *SCSCF,
                "ue",
                f"sip:{user}@home1.test",
                "--impi",
                f"{user}@home1.test",
                "--password",
                password,
                "--subscribe",
                "--proxy",
                proxy,
            ),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env=os.environ | {"PYTHONPATH": os.getcwd()},
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def messages(self, query: str = "") -> list[dict[str, Any]]:
        """Return what the control API shows."""
        status, shown = self.server.call("GET", f"/v1/messages?limit=1000{query}")
        assert status == 200
        assert shown["dropped"] == 0
        found: list[dict[str, Any]] = shown["messages"]
        return found

    def counts(self) -> Counter[str]:
        """Return how many messages there were of either protocol."""
        return Counter(each["protocol"] for each in self.messages())

    def meanwhile(self, take: Callable[[], Capture]) -> tuple[Capture, Counter[str]]:
        """Return a capture with the counts of the messages in it: taken while nothing came or went."""
        for _ in range(20):
            before = self.counts()
            taken = take()
            if self.counts() == before:
                return taken, before
        raise AssertionError("there is always something going on")

    def written(self) -> Capture:
        """Return what is in the file once everything until now is."""
        copy, least = Capture(self.file.with_name("written.pcapng")), self.counts().total()

        def has_all() -> bool:
            copy.file.write_bytes(self.file.read_bytes())
            return copy.count("sip || diameter") >= least

        until(has_all, f"{least} messages in the file")
        return copy

    def downloaded(self, query: str = "") -> Capture:
        """Return the capture that the control API gives."""
        file = self.file.with_name("downloaded.pcapng")
        with urllib.request.urlopen(f"{API}/v1/capture.pcapng{query}", timeout=PATIENCE) as answer:
            file.write_bytes(answer.read())
        return Capture(file)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    try:
        yield made
    finally:
        made.server.stop()
    assert "Traceback" not in made.server.output()


def judge(capture: Capture, counts: Counter[str], least: int) -> None:
    """Assert that tshark finds every message, each whole, and nothing wrong with any."""
    assert counts["sip"] >= least
    assert counts["cx"] >= 6
    assert len(capture.read("sip", "frame.number")) == counts["sip"]
    assert len(capture.read("diameter", "frame.number")) == counts["cx"]
    assert capture.read(f"{FAULTS} || ({DIAMETER_FAULTS})", "frame.number", "_ws.expert.message") == []
    assert capture.read("tcp.analysis.flags", "frame.number", "_ws.expert.message") == []


@pytest.mark.peer("tshark")
def test_tshark_finds_every_message_of_the_api_and_nothing_wrong(scene: Scene) -> None:
    scene.server.start("--capture", str(scene.file))
    for proxy in ("udp://127.0.0.1:5060", "tcp://127.0.0.1:5060"):
        scene.ue(proxy)
    judge(*scene.meanwhile(scene.downloaded), 24)
    written, counts = scene.meanwhile(scene.written)
    judge(written, counts, 24)
    written.judge(REGISTER=6, SUBSCRIBE=2, NOTIFY=2)
    written.judge_diameter(uar=2, mar=2, sar=4)
    documents = written.read("sip.Method == NOTIFY && xml", "reginfo.xmlns", "reginfo.version")
    assert len(documents) >= 4
    assert {row[0].strip('"') for row in documents} == {"urn:ietf:params:xml:ns:reginfo"}
    assert {row[1].strip('"') for row in documents} == {"0", "1"}
    responses = {row[0] for row in written.read("sip.auth.digest.response", "sip.auth.digest.response")}
    assert {response.strip('"') for response in responses} - {""} == {"0" * 32}


@pytest.mark.peer("tshark")
def test_one_users_capture_holds_nobody_else(scene: Scene) -> None:
    scene.server.start()
    scene.ue("udp://127.0.0.1:5060")
    scene.ue("udp://127.0.0.1:5060", "bob", "bobsword")
    expected = [each for each in scene.messages("&aor=sip:bob@home1.test") if each["protocol"] == "sip"]

    found = scene.downloaded("?aor=sip:bob@home1.test").read("sip", "sip.to.user", "sip.from.user")

    assert len(found) == len(expected) >= 12
    assert {"alice"} & {user for row in found for user in row} == set()


@pytest.mark.peer("tshark")
def test_cx_with_a_foreign_process_is_in_the_capture_as_it_travelled(scene: Scene, tmp_path: Path) -> None:
    of_hss: dict[str, object] = {
        "listen": ["diameter://127.0.0.1:3868"],
        "api": HSS_API,
        "subscribers": "subscribers.yaml",
    }
    hss = Ours(tmp_path, "hss", HSS_STUB, of_hss)
    try:
        (tmp_path / "config.yaml").write_text(
            f'{{"home_domain": "home1.test", "api": "{API}", "hss": "diameter://127.0.0.1:3868"}}'
        )
        scene.server.start("--capture", str(scene.file))
        until(lambda: scene.server.call("GET", "/v1/health")[1]["hss"]["state"] == "up", "the HSS")
        scene.ue("udp://127.0.0.1:5060")
        transports = {each["transport"] for each in scene.messages() if each["protocol"] == "cx"}
        judge(*scene.meanwhile(scene.downloaded), 12)
    finally:
        hss.stop()

    assert transports == {"tcp"}


@pytest.mark.peer("tshark", "sngrep")
def test_sngrep_reads_a_capture_dialog_by_dialog(scene: Scene) -> None:
    scene.server.start("--capture", str(scene.file))
    for proxy in ("udp://127.0.0.1:5060", "tcp://127.0.0.1:5060"):
        scene.ue(proxy)
    written, counts = scene.meanwhile(scene.written)

    read = run("sngrep", "-N", "-I", str(written.file), "-O", "read.pcap", folder=scene.file.parent)

    assert read.status == 0, read.output
    dialogs = {each["call_id"] for each in scene.messages() if each["protocol"] == "sip"}
    assert f"Dialog count: {len(dialogs)}" in read.output
    again = Capture(scene.file.with_name("read.pcap"))
    assert len(again.read("sip", "frame.number")) == counts["sip"] >= 24


@pytest.mark.peer("tshark", "sngrep")
def test_a_hep_collector_takes_every_sip_message(scene: Scene) -> None:
    binary = find("sngrep")
    assert binary is not None
    copies = scene.file.with_name("copies.pcap")
    collector = Running(
        (binary, "-N", "-q", "-L", f"udp:127.0.0.1:{HEP}", "-O", str(copies)), scene.file.parent, "hep.log"
    )
    try:
        until(lambda: is_bound("127.0.0.1", HEP), "sngrep")
        scene.server.start("--hep", f"udp://127.0.0.1:{HEP}")
        scene.ue("udp://127.0.0.1:5060")
        sent = [each["call_id"] for each in scene.messages() if each["protocol"] == "sip"]
        taken = Capture(copies)
        until(lambda: taken.count("sip") >= len(sent), "copies")
    finally:
        collector.stop()

    assert [row[0] for row in taken.read("sip", "sip.Call-ID")][: len(sent)] == sent
    assert len(sent) >= 12
    assert taken.read(FAULTS, "frame.number") == []
    sources = {tuple(row) for row in taken.read("sip", "ip.src", "ip.dst")}
    assert sources == {("127.0.0.1", "127.0.0.1")}


@pytest.mark.peer("tshark")
def test_the_tls_keys_of_a_capture_open_what_travelled(scene: Scene, capture: Capture, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.issue("scscf.home1.test")
    listen = f"tls://127.0.0.1:5061?certificate={certificate}&key={key}"
    scene.server.start(
        "--listen", listen, "--listen", "udp://127.0.0.1:5060", "--capture", str(scene.file), "--capture-keys"
    )
    assert b"SIP/2.0 401 " in register_over_tls(("127.0.0.1", 5061), authority.path)
    sent = [each for each in scene.messages() if each["transport"] == "tls"]
    scene.server.stop()
    capture.stop()

    merged = tmp_path / "merged.pcapng"
    assert run("mergecap", "-a", "-w", str(merged), str(scene.file), str(capture.file), folder=tmp_path).status == 0

    assert len(Capture(merged).read("tls && sip", "frame.number")) == len(sent) == 2
