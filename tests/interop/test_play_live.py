"""`scscf play --live`: alone, against a running `scscf run`, and against Kamailio's S-CSCF, whose defects it names."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.interop import kamailio_again, kamailio_ims
from tests.interop.capture import Capture
from tests.interop.chain import HSS_API, HSS_STUB, SCSCF_API, Ours
from tests.interop.server import SCSCF
from tests.judgement.traces import checks, judged_file

pytestmark = pytest.mark.interop

TOP = Path(__file__).parents[2]
TARGET = f"sip:{kamailio_ims.SCSCF}:{kamailio_ims.SCSCF_PORT}"
DEFECTS = {
    1: ("every_watcher_is_told_of_every_change", r"network: no NOTIFY came within 5 s"),
    2: ("who_watches_before_registration_is_refused", r"came: status: 200"),
    3: ("subscription_refresh_and_end_are_answered_by_a_notify", r"cora: no NOTIFY came within 5 s"),
    4: ("document_says_what_happened_with_the_same_ids", r"version-not-from-0"),
    5: ("contact_with_an_ampersand_is_escaped", r"reginfo-not-well-formed"),
    6: ("hss_names_the_identities_that_it_ends", r"the NOTIFY is not as expected: sip:phone@home1.test contact phone"),
    7: ("subscriptions_end_with_the_registration", r"subscription-outlives-registrations"),
    8: ("intervals_are_granted_or_refused", r"granted-more-than-asked"),
    9: ("star_removes_everything_of_a_device_and_is_told", r"star-not-refused"),
    12: ("what_a_200_says_and_does_not", r"empty-contact"),
    13: ("unknown_extension_is_refused", r"require-ignored"),
    14: ("accept_without_reginfo_is_406", r"accept-ignored"),
    15: ("expiry_is_told_in_time", r"network: no NOTIFY came within 62 s"),
    16: ("answer_goes_before_what_follows_from_it", r"notify-before-answer"),
}
"""Defect of Kamailio 5.6.3's S-CSCF → the shipped scenario that shows it, and what that scenario complains of."""
SHORT = (
    "intervals_are_granted_or_refused",
    "unknown_extension_is_refused",
    "what_a_200_says_and_does_not",
    "aka_registration",
    "hss_names_the_identities_that_it_ends",
    "expiry_is_told_in_time",
)
"""Scenarios that need no time, and one that needs a minute."""
TRIES = 5
"""Kamailio challenges some UEs a second time (its defect 11), which ends a scenario before it has shown anything."""


def play(folder: Path, paths: list[str], *options: str, seconds: float = 900) -> list[dict[str, Any]]:
    """Play scenarios and return the verdicts."""
    report = folder / "report.json"
    command = (*SCSCF, "play", *paths, "--live", *options, "--json", str(report))
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=seconds, check=False)
    assert report.exists(), done.stdout + done.stderr
    return list(json.loads(report.read_text())["scenarios"])


def complaints(verdict: dict[str, Any]) -> list[str]:
    """Return what a verdict complains of, a text each."""
    found = [each["check"] for each in verdict["findings"]]
    for failure in verdict["failures"]:
        found += [failure["message"], *(f"came: {line}" for line in failure["came"])]
    return found


def wrong(verdicts: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    """Return those that failed or could not be used; whatever was not run says why."""
    assert all(each["reason"] for each in verdicts if each["outcome"] == "not run")
    return [(each["file"], complaints(each)) for each in verdicts if each["outcome"] in ("failed", "error")]


def test_the_whole_library_passes_on_sockets(tmp_path: Path) -> None:
    verdicts = play(tmp_path, ["scenarios/rfc3261", "scenarios/ims", "scenarios/siprege", "scenarios/faults"])

    assert wrong(verdicts) == []
    assert sum(each["outcome"] == "passed" for each in verdicts) > 200


@pytest.mark.parametrize(
    ("dialect", "folders", "least"),
    [("ims", ["ims", "faults"], 100), ("rfc3261", ["rfc3261"], 70), ("siprege", ["siprege"], 15)],
)
def test_a_running_server_whose_time_can_be_moved_passes_the_library(
    tmp_path: Path, dialect: str, folders: list[str], least: int
) -> None:
    server = our_server(tmp_path, dialect, "--virtual-time")
    try:
        paths = [f"scenarios/{each}" for each in folders]
        verdicts = play(tmp_path, paths, "--target", TARGET, "--api", SCSCF_API, "--dialect", dialect)
    finally:
        server.stop()

    assert wrong(verdicts) == []
    assert sum(each["outcome"] == "passed" for each in verdicts) > least


def test_a_running_server_is_played_with_as_time_flows(tmp_path: Path) -> None:
    server = our_server(tmp_path, "ims")
    try:
        paths = [f"scenarios/ims/{name}.scenario.yaml" for name in SHORT]
        verdicts = play(tmp_path, paths, "--target", TARGET, "--api", SCSCF_API, "--longest-wait", "6")
    finally:
        server.stop()

    assert [(each["outcome"], each["reason"]) for each in verdicts] == [("passed", "")] * (len(verdicts) - 1) + [
        ("not run", verdicts[-1]["reason"])
    ]
    assert verdicts[-1]["reason"].startswith("it would wait 62 s of real time")


def our_server(folder: Path, dialect: str, *options: str) -> Ours:
    (folder / "subscribers.yaml").write_text("subscriptions: []\n")
    configuration: dict[str, object] = {
        "home_domain": kamailio_ims.DOMAIN,
        "dialect": dialect,
        "listen": [f"{each}://{kamailio_ims.SCSCF}:{kamailio_ims.SCSCF_PORT}" for each in ("udp", "tcp")],
        "api": SCSCF_API,
        "subscribers": "subscribers.yaml",
        "trusted_peers": ["127.128.0.0/9"],
    }
    return Ours(folder, "scscf", SCSCF, configuration, *options)


@pytest.fixture
def kamailio(tmp_path: Path) -> Iterator[tuple[str, ...]]:
    """Our HSS stub and what Kamailio's S-CSCF runs; the options that have a scenario played against it."""
    (tmp_path / "subscribers.yaml").write_text("subscriptions: []\n")
    configuration: dict[str, object] = {
        "listen": [f"diameter://{kamailio_ims.HSS}:{kamailio_ims.HSS_PORT}"],
        "api": HSS_API,
        "subscribers": "subscribers.yaml",
        "servers": [kamailio_ims.SERVER_NAME],
    }
    hss = Ours(tmp_path, "hss", HSS_STUB, configuration)
    kamailio_ims.configure_scscf(tmp_path, "MD5", watched=True)
    again = f"{sys.executable} -m tests.interop.kamailio_again {tmp_path}"
    try:
        yield ("--target", TARGET, "--hss-api", HSS_API, "--before", again, "--think", "0.05", "--longest-wait", "70")
    finally:
        kamailio_again.end(tmp_path)
        hss.stop()


IN_A_TRACE = {
    "accept-ignored", "change-not-told", "contact-end-not-told", "contact-id-changed", "empty-contact",
    "granted-more-than-asked", "notify-before-answer", "q-disagrees", "reginfo-expires-disagrees",
    "reginfo-not-well-formed", "require-ignored", "service-route-on-deregister", "star-not-refused",
    "subscription-outlives-registrations", "version-not-from-0", "wrong-event-after-deregister",
}  # fmt: skip
"""What `scscf judge` finds in a capture of all that."""


@pytest.mark.peer("kamailio", "tshark")
def test_the_defects_of_kamailio_s_s_cscf_are_flagged_by_name(
    tmp_path: Path, kamailio: tuple[str, ...], capture: Capture
) -> None:
    missing = dict(DEFECTS)
    seen: dict[int, list[str]] = {}
    for _ in range(TRIES):
        paths = [f"scenarios/ims/{name}.scenario.yaml" for name, _ in missing.values()]
        for verdict in play(tmp_path, paths, *kamailio):
            for number, (name, pattern) in list(missing.items()):
                if verdict["file"].endswith(f"/{name}.scenario.yaml"):
                    seen[number] = complaints(verdict)
                    if any(re.search(pattern, each) for each in seen[number]):
                        del missing[number]
        if not missing:
            break

    assert {number: seen.get(number) for number in missing} == {}
    capture.stop()
    judgement = judged_file(capture.file.read_bytes())
    assert judgement.messages >= 200
    assert checks(judgement) >= IN_A_TRACE
