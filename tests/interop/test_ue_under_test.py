"""Real programs as UEs under test: SIPp does what a UE has to do, and what it must not; baresip registers."""

import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.interop.programs import Running, find
from tests.interop.server import SCSCF, VETH, has_veth, until
from tests.interop.sipp_ue import answers, command_of, ignores_notify, registers, start, subscribes
from tests.interop.test_baresip import ACCOUNT, CONFIGURATION, modules

pytestmark = pytest.mark.interop

PURPOSES = Path(__file__).parents[2] / "scenarios" / "ue"
GOOD = (registers(), subscribes())
MOVED = "another_server_takes_over"
REGISTERED = "initial_registration_with_a_password"
BARESIP = """\
name: a SIP phone registers and leaves when it is switched off
tags: ["34.229:C.30"]
config: {dialect: rfc3261}
actors:
  phone: {external: true, aor: "sip:alice@home1.test", impi: alice@home1.test}
steps:
  - ask: {who: phone, to: register, prompt: "Switch the UE on"}
  - does: {who: phone, what: register, within: 60s}
  - state: {aor: phone, state: active, contacts: {phone: {state: active}}, exact: true}
  - ask: {who: phone, to: deregister, prompt: "Switch the UE off"}
  - does: {who: phone, what: deregister, within: 60s}
  - state: {aor: phone, state: terminated}
"""


def play(folder: Path, scenario: Path, *options: str, listen: str = "udp://127.0.0.1:5060") -> Running:
    """Start `scscf play` and wait until it asks for the UE."""
    playing = Running(
        (*SCSCF, "play", str(scenario), "--live", "--listen", listen, "--json", "report.json", *options),
        folder,
        "play.log",
    )
    await_prompt(playing, "Switch the UE on")
    return playing


def await_prompt(playing: Running, prompt: str) -> None:
    until(lambda: prompt in playing.output() or playing.process.poll() is not None, prompt)


def judged(folder: Path, name: str, deeds: Sequence[str]) -> tuple[int, str]:
    """Return the exit status of `scscf play` and what it says of a SIPp that does these deeds."""
    playing = play(folder, PURPOSES / f"{name}.scenario.yaml", "--skip-after", "1")
    phone = start(folder, deeds)
    try:
        return playing.wait(), playing.output()
    finally:
        playing.stop()
        phone.stop()


@pytest.mark.peer("sipp")
@pytest.mark.parametrize(
    ("name", "deeds"),
    [
        (REGISTERED, GOOD),
        (MOVED, (*GOOD, answers(), registers("second"), subscribes("other"))),
        ("rejected", (*GOOD, answers())),
    ],
)
def test_a_sipp_that_behaves_passes(tmp_path: Path, name: str, deeds: Sequence[str]) -> None:
    status, output = judged(tmp_path, name, deeds)

    assert (status, "1 passed, 0 failed" in output) == (0, True), output
    assert f"{name})" in output.rpartition("what was found")[2]


@pytest.mark.peer("sipp")
@pytest.mark.parametrize(
    ("name", "deeds", "check"),
    [
        (MOVED, (*GOOD, answers()), "no-register-after-deactivated"),
        ("rejected", (*GOOD, answers(), registers("second")), "register-after-rejected"),
        (REGISTERED, (registers(),), "no-subscribe"),
        (REGISTERED, (registers(), ignores_notify()), "no-answer-to-notify"),
        (REGISTERED, (registers(cseq=9), subscribes()), "cseq-wrong-after-401"),
    ],
)
def test_a_sipp_that_misbehaves_is_failed_by_name(tmp_path: Path, name: str, deeds: Sequence[str], check: str) -> None:
    status, output = judged(tmp_path, name, deeds)

    assert status == 1, output
    assert f"FAILED   {check} (" in output.rpartition("what was found")[2], output


@pytest.mark.peer("baresip")
def test_baresip_registers_and_leaves(tmp_path: Path) -> None:
    if not has_veth():
        pytest.skip("not run: no veth in this namespace")
    binary = find("baresip")
    assert binary is not None
    scenario = tmp_path / "phone.scenario.yaml"
    scenario.write_text(BARESIP)
    (tmp_path / "config").write_text(CONFIGURATION.format(address=VETH, modules=modules()))
    (tmp_path / "accounts").write_text(ACCOUNT.format(aor="sip:alice@home1.test", address=VETH, transport="udp"))
    (tmp_path / "contacts").write_text("")

    playing = play(tmp_path, scenario, listen=f"udp://{VETH}:5060")
    phone = Running((binary, "-f", str(tmp_path)), tmp_path, "baresip.log")
    try:
        await_prompt(playing, "Switch the UE off")
        phone.process.terminate()
        assert playing.wait() == 0, playing.output() + phone.output()
    finally:
        playing.stop()
        phone.stop()
    assert "34.229-1 C.30 (phone)  passed" in playing.output()


@pytest.mark.peer("sipp")
def test_a_hook_may_start_the_ue(tmp_path: Path) -> None:
    hook = tmp_path / "hook"
    command = shlex.join(command_of(tmp_path, GOOD))
    hook.write_text(f'test "$1" = register && test "$SCSCF_PORT" = 5060 && {{ {command} >sipp.log 2>&1 & }}\n')
    text = (PURPOSES / f"{REGISTERED}.scenario.yaml").read_text()
    scenario = tmp_path / "hooked.scenario.yaml"
    scenario.write_text(text.replace("{external: true}", f'{{external: true, hook: "sh {hook}"}}'))
    listen = ("--listen", "udp://127.0.0.1:5060")

    playing = Running((*SCSCF, "play", str(scenario), "--live", "--skip-after", "1", *listen), tmp_path, "play.log")
    try:
        assert playing.wait() == 0, playing.output()
    finally:
        playing.stop()
