"""Endpoints of Microsoft's in scenarios: what a file may say of them, and what it is told where it is wrong."""

import sys
from pathlib import Path

import pytest

from scscf.errors import InputError
from scscf.scenario.loading import load_scenarios
from scscf.scenario.runner import run_virtually
from scscf.scenario.verdict import Outcome
from scscf.scenario.virtual_world import check_scenario
from tests.scenario.playing import complaint, passes, verdict_on

HEAD = """
config: {home_domain: fabrikam.test, dialect: siprege}
actors:
  alice: {kind: endpoint, epid: 492a7ce35f, user: al, domain: FABRIKAM}
"""
PHONE = """
actors:
  phone:
"""


def test_an_endpoint_has_variables_of_its_own(tmp_path: Path) -> None:
    passes(
        tmp_path,
        """
  - register: {by: alice, expect: {status: 200, signed: true}}
  - refresh: {by: alice, expect: {status: 200, contacts: {"${alice.contact}": {gruu: "${alice.gruu}"}}}}
  - api:
      get: /v1/registrations/sip%3Aalice%40fabrikam.test
      expect: {"contacts[0].uri": "${alice.contact}", "contacts[0].epid": "${alice.epid}"}
  - deregister:
      by: alice
      capture:
        seen: {sent: From, pattern: ";tag=${alice.tag};epid=${alice.epid}$"}
        told: {sent: Contact, pattern: '"<${alice.instance}>"$'}
""",
        head=HEAD,
    )


def test_a_signature_that_is_missing_is_said(tmp_path: Path) -> None:
    message, expected, came = complaint(
        tmp_path, "  - register: {by: alice, challenge: false, expect: {status: 401, signed: true}}\n", head=HEAD
    )

    assert message == "alice: the answer is not as expected: signature"
    assert (expected, came) == (("signature: one that is right",), ("signature: none that is right",))


def test_a_signature_that_should_not_be_there_is_said(tmp_path: Path) -> None:
    message, _, came = complaint(tmp_path, "  - register: {by: alice, expect: {signed: false}}\n", head=HEAD)

    assert (message, came) == ("alice: the answer is not as expected: signature", ("signature: one",))


def test_a_notice_is_held_against_what_was_expected(tmp_path: Path) -> None:
    message, expected, came = complaint(
        tmp_path,
        """
  - register: alice
  - operator: {deregister: {aor: alice, event: rejected}}
  - notified:
      by: alice
      registration: registered
      event: deactivated
      error_id: 4142
      preferred_registrar: "sip:pool2.fabrikam.test"
      signed: false
""",
        head=HEAD,
    )

    assert message == "alice: the NOTIFY is not as expected: signature"
    assert expected == (
        "signature: none",
        "registration: registered",
        "event: deactivated",
        "ErrorId: 4142",
        "preferred registrar: sip:pool2.fabrikam.test",
    )
    assert came[:5] == (
        "signature: one",
        "registration: deregistered",
        "event: rejected",
        "ErrorId: 4141",
        "preferred registrar: (absent)",
    )
    assert came[-1] == "deregistered;event=rejected"


def test_a_notify_of_a_subscription_is_no_notice(tmp_path: Path) -> None:
    message, _, came = complaint(
        tmp_path,
        "  - register: phone\n  - subscribe: phone\n  - notified: {by: phone, registration: registered}\n",
        head=PHONE,
    )

    assert message == "phone: the NOTIFY is not as expected: NOTIFY"
    assert came[0] == "NOTIFY: one of a subscription"


@pytest.mark.parametrize(
    ("actor", "problem"),
    [
        ("{kind: endpoint, autonomous: true}", "an endpoint does what the steps say"),
        ("{kind: endpoint, external: true}", "an endpoint does what the steps say"),
        ("{auth: ntlm}", "auth: ntlm and epid are for kind: endpoint"),
        ("{epid: 492a7ce35f}", "auth: ntlm and epid are for kind: endpoint"),
        ("{kind: endpont}", "kind"),
    ],
)
def test_what_an_actor_cannot_be_is_told(tmp_path: Path, actor: str, problem: str) -> None:
    path = tmp_path / "one.scenario.yaml"
    path.write_text(f"actors: {{alice: {actor}}}\nsteps: [{{register: alice}}]\n", encoding="utf-8")

    with pytest.raises(InputError, match=problem):
        load_scenarios(path)


@pytest.mark.parametrize(
    "step",
    [
        "operator: {user_services: {aor: alice}}",
        "operator: {user_services: {available: false}}",
        "operator: {deregister: {aor: alice, event: preferred-registrar-change}}",
        "notified: {by: alice, error: 4141}",
    ],
)
def test_a_step_that_lacks_something_is_told(tmp_path: Path, step: str) -> None:
    assert verdict_on_loading(tmp_path, step)


def verdict_on_loading(folder: Path, step: str) -> list[str]:
    path = folder / "one.scenario.yaml"
    path.write_text(f"{HEAD}steps:\n  - {step}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_scenarios(path)
    return [str(problem) for problem in caught.value.problems]


def test_an_endpoint_of_no_epid_is_known_by_its_instance(tmp_path: Path) -> None:
    head = HEAD.replace("epid: 492a7ce35f", 'epid: "", instance: "urn:uuid:F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"')
    passes(
        tmp_path,
        """
  - register: {by: alice, expect: {status: 200, contacts: {alice: {+sip.instance: "/f81d4fae-7dec-11d0-a765/"}}}}
  - operator: {deregister: {aor: alice, event: deactivated}}
  - notified: {by: alice, event: deactivated, headers: {To: "<sip:alice@fabrikam.test>;tag=${alice.tag}"}}
""",
        head=head,
    )


def test_without_the_extra_a_scenario_by_ntlm_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spnego", None)

    verdict = verdict_on(tmp_path, "  - register: alice\n", head=HEAD)

    assert (verdict.outcome, verdict.reason) == (
        Outcome.NOT_RUN,
        "NTLM needs pyspnego: install the extra siprege",
    )
    (scenario,) = load_scenarios(tmp_path / "one.scenario.yaml")
    check_scenario(scenario)


def test_a_run_with_ntlm_repeats_byte_for_byte(tmp_path: Path) -> None:
    steps = "  - register: alice\n  - wait: 1h\n  - refresh: alice\n"
    first, second = (verdict_on(tmp_path, steps, head=HEAD) for _ in range(2))
    other = verdict_on(tmp_path, steps, head=HEAD, seed=1)

    assert first.fingerprint == second.fingerprint != other.fingerprint
    (scenario,) = load_scenarios(tmp_path / "one.scenario.yaml")
    assert run_virtually(scenario).outcome is Outcome.PASSED
