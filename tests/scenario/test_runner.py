"""Steps and what their failures say."""

from pathlib import Path

from scscf.scenario.verdict import Outcome
from tests.scenario.playing import complaint, passes, verdict_on


def test_an_answer_that_is_not_as_expected_says_both(tmp_path: Path) -> None:
    message, expected, came = complaint(tmp_path, "  - register: {by: phone, expires: 5, expect: 200}\n")

    assert message == "phone: the answer is not as expected: status"
    assert (expected, came) == (("status: 200",), ("status: 423 Interval Too Brief",))


def test_headers_and_contacts_are_held_against_patterns(tmp_path: Path) -> None:
    steps = """\
  - register:
      by: phone
      expires: 600
      expect:
        headers: {Service-Route: /orig@/, Expires: "*", P-Associated-URI: ["<sip:tobias@home1.test>"], Path: null}
        contacts: {tablet: null}
"""
    message, expected, came = complaint(tmp_path, steps)

    assert message == "phone: the answer is not as expected: Expires"
    assert expected == ("Expires: *", "Contact tablet: sip:tobias@198.51.100.11:5060", "Contact: no other contact")
    assert came[0] == "Expires: (absent)"


def test_a_notify_that_does_not_come_is_told_with_how_long_was_waited(tmp_path: Path) -> None:
    message, expected, came = complaint(tmp_path, "  - notified: {by: phone, within: 1h}\n")

    assert (message, expected, came) == ("phone: no NOTIFY came within 3600 s", ("a NOTIFY",), ("nothing",))


def test_a_document_that_is_not_as_expected_is_shown_as_it_was(tmp_path: Path) -> None:
    steps = """\
  - register: phone
  - subscribe: phone
  - notified: {by: phone, version: 1, registrations: {phone: {state: active, contacts: {phone: expired, tablet: "*"}}}}
"""
    message, expected, came = complaint(tmp_path, steps)

    assert message == "phone: the NOTIFY is not as expected: version"
    assert expected[0] == "version: 1"
    assert expected[1].endswith("event: expired")
    assert "    sip:tobias@198.51.100.10:5060 active registered" in "\n".join(came)


def test_too_early_is_wrong_too(tmp_path: Path) -> None:
    steps = "  - register: phone\n  - subscribe: phone\n  - notified: {by: phone, not_before: 1s}\n"

    assert complaint(tmp_path, steps)[1] == ("time: not before 1 s",)


def test_exact_allows_no_other_contact(tmp_path: Path) -> None:
    steps = """\
  - parallel: [{register: phone}, {register: tablet}]
  - subscribe: phone
  - notified: {by: phone, exact: true, registrations: {phone: {contacts: {phone: "*"}}}}
"""
    assert complaint(tmp_path, steps)[1] == ("sip:tobias@home1.test contact: no other contact",)


def test_silence_is_broken_by_what_nobody_looked_at(tmp_path: Path) -> None:
    steps = "  - register: phone\n  - subscribe: phone\n  - silent: phone\n"

    assert complaint(tmp_path, steps)[0] == "phone: a NOTIFY came where nothing was expected"
    passes(
        tmp_path, "  - register: phone\n  - subscribe: phone\n  - notified: phone\n  - silent: {at: phone, for: 10m}\n"
    )


def test_the_place_of_a_failure_is_its_step_also_inside_of_others(tmp_path: Path) -> None:
    steps = "  - repeat: {times: 2, steps: [{register: {by: phone, expect: 403}}]}\n"
    verdict = verdict_on(tmp_path, steps)

    assert verdict.failures[0].place.way == "steps[0].repeat.steps[0]"
    assert verdict.failures[0].place.line == 6


def test_raw_octets_and_captures_reach_the_next_step(tmp_path: Path) -> None:
    steps = """\
  - register: {by: phone, capture: {granted: {header: Contact, pattern: 'expires=(\\d+)'}}}
  - set: {again: "${granted}"}
  - send:
      by: phone
      raw: |
        OPTIONS sip:home1.test SIP/2.0
        Via: SIP/2.0/UDP ${phone.address};branch=z9hG4bKraw
        Max-Forwards: 70
        From: <${phone.aor}>;tag=1
        To: <sip:home1.test>
        Call-ID: raw-${again}
        CSeq: 1 OPTIONS
        Content-Length: 0

      expect: {status: 200, headers: {Call-ID: raw-600000}}
  - send: {by: phone, raw: "nonsense\\n\\n", expect: none}
"""
    passes(tmp_path, steps)


def test_answers_restart_wire_operator_and_state(tmp_path: Path) -> None:
    steps = """\
  - register: phone
  - subscribe: phone
  - notified: phone
  - answer: {by: phone, status: 503, times: 1}
  - wire: {loss: 0.2}
  - operator: {notify: phone}
  - wire: {loss: 0}
  - state: {aor: phone, state: active, watchers: 1, exact: true, contacts: {phone: registered}}
  - restart: scscf
  - state: {aor: phone, state: terminated, watchers: 0}
  - operator: {deregister: {aor: phone, event: rejected}, expect: 404}
  - register: phone
"""
    passes(tmp_path, steps, seed=3)


def test_the_hss_may_be_behind_cx(tmp_path: Path) -> None:
    steps = """\
  - register: phone
  - hss: {fault: {command: SAR, silent: true, count: 1}}
  - register: {by: tablet, expect: 504}
  - hss: {terminate: {impi: "phone@home1.test", reason: permanent_termination}}
  - state: {aor: phone, state: terminated}
"""
    head = "hss: diameter\nactors: {phone: {aor: sip:t@home1.test}, tablet: {aor: sip:t@home1.test}}\n"
    verdict = passes(tmp_path, steps, head=head)

    assert {message.protocol for message in verdict.messages} >= {"sip"}


def test_many_actors_of_one_name_do_what_one_does(tmp_path: Path) -> None:
    head = "actors: {phones: {count: 250}}\n"
    steps = "  - register: phones\n  - subscribe: phones\n  - notified: phones\n  - wait: 1h\n  - refresh: phones\n"

    assert passes(tmp_path, steps, head=head).steps == 5


def test_a_scenario_that_does_not_end_fails(tmp_path: Path) -> None:
    verdict = verdict_on(tmp_path, "  - wait: 2h\n", head="longest: 1h\nactors: {phone: }\n")

    assert (verdict.outcome, verdict.reason) == (Outcome.FAILED, "the scenario was not over after 3600 s")


def test_a_configuration_with_mistakes_is_an_error_with_its_lines(tmp_path: Path) -> None:
    head = "config:\n  registrar: {min_expires: soon}\nactors: {phone: }\n"
    verdict = verdict_on(tmp_path, "  - register: phone\n", head=head)

    assert verdict.outcome is Outcome.ERROR
    assert "one.scenario.yaml:2:28: registrar.min_expires" in verdict.reason
