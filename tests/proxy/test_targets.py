import pytest

from scscf.proxy.targets import MOST_TARGETS, target_groups
from scscf.registration.binding import Binding
from scscf.registration.registration import Contact, Event

URN = "<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>"


def contact(uri: str, q: str | None = None, **more: object) -> Contact:
    at = more.pop("at", 0.0)
    params = (("+sip.instance", f'"{more.pop("instance")}"'),) if "instance" in more else ()
    binding = Binding(uri, "phone", "c", 1, at, 3600.0, 3600, 0, q, None, params)  # type: ignore[arg-type]
    return Contact(uri, binding._replace(**more), Event.REGISTERED)  # type: ignore[arg-type]


def uris(contacts: list[Contact], instance: str | None = None) -> list[list[list[str]]]:
    return [
        [[binding.uri for binding in target.bindings] for target in group]
        for group in target_groups(contacts, instance)
    ]


@pytest.mark.clause("RFC 3261 §16.6")
def test_the_most_wanted_contacts_come_first_and_equal_ones_together() -> None:
    contacts = [contact("sip:a", "0.5"), contact("sip:b"), contact("sip:c", "0.5"), contact("sip:d", "1.0")]

    assert uris(contacts) == [[["sip:b"], ["sip:d"]], [["sip:a"], ["sip:c"]]]


def test_what_is_no_sip_uri_is_no_target() -> None:
    assert uris([contact("mailto:a@b"), contact("tel:+1"), contact("SIPS:a@b")]) == [[["SIPS:a@b"]]]


@pytest.mark.clause("RFC 5630 §5.3")
def test_what_came_by_sips_goes_on_by_sips() -> None:
    (group,) = target_groups([contact("sip:a"), contact("sips:b")], sips=True)

    assert [target.bindings[0].uri for target in group] == ["sips:b"]


@pytest.mark.parametrize(("q", "rank"), [("0", 0.0), ("7", 1.0), ("-1", 0.0), ("nan?", 0.0), ("", 1.0)])
def test_a_strange_q_is_put_up_with(q: str, rank: float) -> None:
    assert target_groups([contact("sip:a", q)])[0][0].q == rank


@pytest.mark.clause("RFC 5626 §7")
def test_the_flows_of_an_instance_are_one_target_with_the_newest_first() -> None:
    old = contact("sip:old", instance=URN, outbound=True, at=1.0)
    new = contact("sip:new", instance=URN.lower(), outbound=True, at=2.0)

    assert uris([old, contact("sip:x"), new]) == [[["sip:new", "sip:old"], ["sip:x"]]]


@pytest.mark.clause("RFC 5627 §6.1")
def test_a_gruu_reaches_its_own_instance_only() -> None:
    contacts = [contact("sip:a", instance=URN), contact("sip:b", instance="<urn:other>"), contact("sip:c")]

    assert uris(contacts, URN.strip("<>")) == [[["sip:a"]]]
    assert uris(contacts, "urn:third") == []


@pytest.mark.clause("TS 24.229 §5.4.3.3")
def test_a_binding_for_emergency_calls_is_no_target() -> None:
    assert uris([contact("sip:a;sos", emergency=True)]) == []


def test_no_more_targets_than_branches() -> None:
    (group,) = target_groups([contact(f"sip:{index}") for index in range(MOST_TARGETS + 10)])

    assert len(group) == MOST_TARGETS
