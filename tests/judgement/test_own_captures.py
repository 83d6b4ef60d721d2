"""Captures of this program's own S-CSCF: nothing is found in them, and under a quirk it is that quirk."""

from pathlib import Path

import pytest

from scscf.capture.pcapng import pcapng
from scscf.scenario.loading import SUFFIX, Scenario, load_scenarios
from scscf.scenario.runner import run_virtually
from tests.judgement.traces import checks, judged_file

SHIPPED = Path(__file__).parents[2] / "scenarios"
FILES = sorted(SHIPPED.rglob(f"*{SUFFIX}"))
MEANT = "notify_that_cannot_be_used"
"""A scenario in which a watcher is sent what tells it nothing."""
CAUGHT = {
    "version-starts-at-2": ("ims/document_says_what_happened_with_the_same_ids", "version-not-from-0"),
    "version-always-0": ("ims/expiry_is_told_in_time", "version-repeated"),
    "deltas-only": ("ims/fetch_of_the_state", "first-notify-not-full"),
    "expired-on-rtr": ("ims/hss_names_the_identities_that_it_ends", "expired-too-early"),
    "expired-on-deregister": ("ims/answer_goes_before_what_follows_from_it", "wrong-event-after-deregister"),
    "no-contact-on-end": ("ims/hss_names_the_identities_that_it_ends", "contact-end-not-told"),
    "unstable-ids": ("ims/document_says_what_happened_with_the_same_ids", "registration-id-changed"),
    "foreign-attributes": ("ims/expiry_is_told_in_time", "reginfo-invalid"),
    "q-always-0": ("ims/document_says_what_happened_with_the_same_ids", "q-disagrees"),
    "unescaped-xml": ("ims/contact_with_an_ampersand_is_escaped", "reginfo-not-well-formed"),
    "active-after-terminated": ("ims/subscriptions_end_with_the_registration", "subscription-outlives-registrations"),
    "no-subscription-reason": ("ims/subscriptions_end_with_the_registration", "terminated-without-reason"),
    "cseq-repeated": ("rfc3261/notify_is_in_the_dialog", "notify-cseq-not-rising"),
    "contact-in-from-to": ("ims/expiry_is_told_in_time", "notify-identity-changed"),
    "wrong-content-type": ("ims/contact_with_an_ampersand_is_escaped", "notify-body-type"),
    "notify-before-200": ("ims/answer_goes_before_what_follows_from_it", "notify-before-answer"),
    "empty-contact-on-query": ("ims/what_a_200_says_and_does_not", "empty-contact"),
    "service-route-on-dereg": ("ims/what_a_200_says_and_does_not", "service-route-on-deregister"),
    "require-ignored": ("ims/unknown_extension_is_refused", "require-ignored"),
    "accept-ignored": ("ims/accept_without_reginfo_is_406", "accept-ignored"),
    "500-for-481": ("ims/subscription_refresh_and_end_are_answered_by_a_notify", "not-481"),
}
"""Quirk → a scenario, and what is found in its capture where the S-CSCF has the quirk."""


def found(scenario: Scenario, permitted: frozenset[str] = frozenset()) -> set[str]:
    verdict = run_virtually(scenario)
    return checks(judged_file(pcapng(verdict.messages, verdict.participants, 1e9), permitted=permitted))


def nothing_is_wrong(file: Path, most: int | None = None) -> None:
    for scenario in load_scenarios(file)[:most]:
        meant = [name for actor in scenario.actors.values() for name in actor.permit]

        assert found(scenario, frozenset([*scenario.keys.permit, *meant])) == set(), scenario.name


@pytest.mark.parametrize("file", FILES[::12], ids=lambda file: file.name.removesuffix(SUFFIX))
def test_in_a_capture_of_our_own_nothing_is_wrong(file: Path) -> None:
    nothing_is_wrong(file, 1)


def nothing_is_wrong_from_any_message_on(file: Path) -> None:
    scenario = load_scenarios(file)[0]
    verdict = run_virtually(scenario)
    meant = frozenset([*scenario.keys.permit, *(name for actor in scenario.actors.values() for name in actor.permit)])
    for start in range(1, min(len(verdict.messages), 60)):
        messages = verdict.messages[start:]

        assert checks(judged_file(pcapng(messages, (), 1e9), permitted=meant)) == set(), (scenario.name, start)


@pytest.mark.parametrize("name", ["ims/hss_adds_and_takes_identities", "rfc3261/one_notify_at_a_time"])
def test_in_a_capture_that_begins_in_the_middle_nothing_is_wrong(name: str) -> None:
    nothing_is_wrong_from_any_message_on(SHIPPED / (name + SUFFIX))


@pytest.mark.soak
def test_in_no_capture_that_begins_in_the_middle_anything_is_wrong() -> None:
    for file in FILES:
        if MEANT not in file.name:
            nothing_is_wrong_from_any_message_on(file)


@pytest.mark.soak
def test_in_no_capture_of_our_own_anything_is_wrong() -> None:
    for file in FILES:
        if MEANT not in file.name:
            nothing_is_wrong(file)


@pytest.mark.parametrize("quirk", CAUGHT)
def test_a_quirk_is_found_in_a_capture(quirk: str) -> None:
    name, check = CAUGHT[quirk]
    scenario = load_scenarios(SHIPPED / (name + SUFFIX))[0]

    assert check in found(scenario._replace(config={**scenario.config, "quirks": [quirk]}))
