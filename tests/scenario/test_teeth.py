"""Every quirk makes a shipped scenario fail, for a reason that is about that quirk."""

from pathlib import Path

import pytest

from scscf.quirks.table import QUIRKS
from scscf.scenario.loading import SUFFIX, Scenario, load_scenarios
from scscf.scenario.runner import run_virtually
from scscf.scenario.verdict import Outcome, Verdict

SHIPPED = Path(__file__).parents[2] / "scenarios"
CAUGHT = {
    "version-starts-at-2": ("ims/document_says_what_happened_with_the_same_ids", "version"),
    "version-always-0": ("ims/expiry_is_told_in_time", "version-repeated"),
    "deltas-only": ("ims/fetch_of_the_state", "first-notify-not-full"),
    "stale-contact": ("ims/one_contact_leaves_and_another_comes_in_one_register", "karl event"),
    "missing-tel": ("ims/names_of_a_mobile_network", "P-Associated-URI"),
    "expired-on-rtr": ("ims/hss_names_the_identities_that_it_ends", "phone event"),
    "expired-on-deregister": ("ims/answer_goes_before_what_follows_from_it", "wrong-event-after-deregister"),
    "no-contact-on-end": ("ims/hss_names_the_identities_that_it_ends", "sip:phone@home1.test contact phone"),
    "unstable-ids": ("ims/document_says_what_happened_with_the_same_ids", "id"),
    "bare-contacts": ("rfc3261/expiry_that_is_granted", "bob expires"),
    "foreign-attributes": ("ims/expiry_is_told_in_time", "reginfo-invalid"),
    "q-always-0": ("ims/document_says_what_happened_with_the_same_ids", "dora q"),
    "gruu-unasked": ("ims/gruus_in_the_200", "lena pub-gruu"),
    "lower-case-gruu": ("ims/gruu_keeps_its_capitals", "console pub-gruu"),
    "aor-aor": ("ims/expiry_is_told_in_time", "registration otto"),
    "unescaped-xml": ("ims/contact_with_an_ampersand_is_escaped", "reginfo-not-well-formed"),
    "only-own-contact-told": ("ims/every_watcher_is_told_of_every_change", "network: no NOTIFY came"),
    "no-notify-on-refresh": ("ims/subscription_refresh_and_end_are_answered_by_a_notify", "cora: no NOTIFY came"),
    "no-final-notify": ("rfc3261/unsubscribed", "panel: no NOTIFY came"),
    "active-after-terminated": ("ims/subscriptions_end_with_the_registration", "Subscription-State"),
    "no-subscription-reason": ("ims/subscriptions_end_with_the_registration", "Subscription-State reason"),
    "cseq-repeated": ("rfc3261/notify_is_in_the_dialog", "CSeq"),
    "contact-in-from-to": ("ims/expiry_is_told_in_time", "notify-identity-changed"),
    "wrong-content-type": ("ims/contact_with_an_ampersand_is_escaped", "Content-Type"),
    "notify-before-200": ("ims/answer_goes_before_what_follows_from_it", "notify-before-answer"),
    "shorter-expiry": ("rfc3261/new_registration", "bob expires"),
    "no-min-expires": ("ims/intervals_are_granted_or_refused", "status"),
    "empty-contact-on-query": ("ims/what_a_200_says_and_does_not", "Contact"),
    "service-route-on-dereg": ("ims/what_a_200_says_and_does_not", "service-route-on-deregister"),
    "challenge-late": ("ims/answer_at_once_opens", "status"),
    "require-ignored": ("ims/unknown_extension_is_refused", "require-ignored"),
    "accept-ignored": ("ims/accept_without_reginfo_is_406", "accept-ignored"),
    "500-for-481": ("ims/subscription_refresh_and_end_are_answered_by_a_notify", "status"),
}
"""Quirk → a scenario that fails where the S-CSCF has it, and what a failure or finding of that scenario names."""


def scenarios_of(name: str) -> list[Scenario]:
    return load_scenarios(SHIPPED / (name + SUFFIX))


def complaints(verdict: Verdict) -> list[str]:
    return [each.message for each in verdict.failures] + [each.check for _, each in verdict.findings]


def test_every_quirk_is_in_the_table() -> None:
    assert sorted(CAUGHT) == sorted(QUIRKS)


@pytest.mark.parametrize("quirk", CAUGHT)
def test_a_shipped_scenario_fails_under_each_quirk(quirk: str) -> None:
    name, complaint = CAUGHT[quirk]
    scenario = scenarios_of(name)[0]

    verdict = run_virtually(scenario._replace(config={**scenario.config, "quirks": [quirk]}))

    assert verdict.outcome is Outcome.FAILED, verdict.reason
    assert any(complaint in each for each in complaints(verdict)), complaints(verdict)


@pytest.mark.parametrize("name", sorted({name for name, _ in CAUGHT.values()}))
def test_without_a_quirk_these_scenarios_pass(name: str) -> None:
    verdict = run_virtually(scenarios_of(name)[0])

    assert (verdict.outcome, complaints(verdict)) == (Outcome.PASSED, [])
