"""GRUUs in REGISTER and its 200, and in the control API (RFC 5627 §4, §5)."""

import asyncio
import re

import pytest

from scscf.control.views import registration_view
from scscf.registration.record import Record
from scscf.sip.uri import parse_uri
from tests.world import Client, World

pytestmark = pytest.mark.clause("RFC 5627 §5.2", "TS 24.229 §5.4.1.2.2F")

TOBIAS = "sip:tobias@home1.test"
URN = "urn:gsma:imei:90420156-025763-0"
INSTANCE = f'+sip.instance="<{URN}>"'


@pytest.fixture
def phone() -> Client:
    return World().client(username="phone@home1.test")


def gruus(contact: str | None) -> dict[str, str]:
    """Return the GRUUs that a Contact of a 200 has."""
    return dict(re.findall(r';(pub-gruu|temp-gruu)="([^"]*)"', contact or ""))


def record_of(phone: Client, aor: str = TOBIAS) -> Record:
    """Return the record in which an address of record stands."""
    found = asyncio.run(phone.world.node.store.find(aor))
    assert found is not None
    return found


def is_live(phone: Client, uri: str) -> bool:
    """Tell whether the node would take a request to a GRUU."""
    gruu = phone.world.node.gruus.resolve(parse_uri(uri))
    record = asyncio.run(phone.world.node.store.find(TOBIAS))
    return gruu is not None and gruu.is_live(record.contacts(gruu.aor) if record else ())


def test_who_supports_gruu_gets_a_public_and_a_temporary_one(phone: Client) -> None:
    answer = phone.register(contact=f"<{phone.uri}>;{INSTANCE}", Supported="path, GRUU")

    found = gruus(answer.get("contact"))
    assert found["pub-gruu"] == f"{TOBIAS};gr={URN}"
    assert re.fullmatch(r"sip:tgruu\.[A-Za-z0-9_-]+@home1\.test;gr", found["temp-gruu"])
    assert INSTANCE in (answer.get("contact") or "")
    assert answer.get("require") is None


@pytest.mark.parametrize(
    ("contact", "supported"),
    [("<{}>;" + INSTANCE, None), ("<{}>;" + INSTANCE, "path"), ("<{}>", "gruu"), ("<{}>;+sip.instance", "gruu")],
)
def test_without_support_or_instance_there_are_none(phone: Client, contact: str, supported: str | None) -> None:
    answer = phone.register(contact=contact.format(phone.uri), Supported=supported)

    assert answer.status == 200
    assert gruus(answer.get("contact")) == {}


def test_each_register_gets_another_temporary_gruu_and_the_earlier_ones_live(phone: Client) -> None:
    found = [
        gruus(phone.register(contact=f"<{phone.uri}>;{INSTANCE}", Supported="gruu").get("contact")) for _ in range(3)
    ]

    temporary = [each["temp-gruu"] for each in found]
    assert len(set(temporary)) == 3
    assert len({each["pub-gruu"] for each in found}) == 1
    assert [is_live(phone, uri) for uri in temporary] == [True, True, True]

    phone.call_id = "after-a-reboot"
    phone.register(contact=f"<{phone.uri}>;{INSTANCE}", Supported="gruu")
    assert [is_live(phone, uri) for uri in temporary] == [False, False, False]
    assert is_live(phone, found[0]["pub-gruu"])


def test_temporary_gruus_outlive_a_change_of_address_but_not_the_registration(phone: Client) -> None:
    first = gruus(phone.register(contact=f"<{phone.uri}>;{INSTANCE}", Supported="gruu").get("contact"))
    phone.register(contact=f"<sip:tobias@127.0.0.77>;{INSTANCE}", Supported="gruu")
    assert is_live(phone, first["temp-gruu"])

    phone.register(contact=f"<sip:tobias@127.0.0.77>;{INSTANCE}", expires=0)
    assert not is_live(phone, first["temp-gruu"])


def test_a_query_lists_the_gruus_that_there_are(phone: Client) -> None:
    registered = phone.register(contact=f"<{phone.uri}>;{INSTANCE}", Supported="gruu")

    query = phone.register(None, None, Supported="gruu")

    assert gruus(query.get("contact")) == gruus(registered.get("contact"))


def test_gruus_in_a_request_are_ignored(phone: Client) -> None:
    answer = phone.register(contact=f'<{phone.uri}>;{INSTANCE};pub-gruu="sip:x@y;gr=z";temp-gruu="sip:t@y;gr"')

    assert gruus(answer.get("contact")) == {}
    binding = next(record_of(phone).bindings())
    assert [name for name, _ in binding.params] == ["+sip.instance"]


@pytest.mark.clause("RFC 5630 §5.2.1")
def test_a_sips_contact_has_sips_gruus(phone: Client) -> None:
    fields = {"Contact": f"<sips:tobias@127.0.0.9>;{INSTANCE}", "Supported": "gruu"}

    answer = phone.authenticated("REGISTER", "sips:home1.test", fields)

    found = gruus(answer.get("contact"))
    assert [uri.partition(":")[0] for uri in found.values()] == ["sips", "sips"]


@pytest.mark.clause("RFC 5627 §5.1")
@pytest.mark.parametrize(
    "contact",
    [
        TOBIAS,
        f"{TOBIAS};transport=tcp",
        f"{TOBIAS};gr={URN}",
        "mailto:tobias@home1.test",
        "tel:+44123456789",
    ],
)
def test_an_instance_that_leads_back_or_is_no_sip_uri_is_refused(phone: Client, contact: str) -> None:
    assert phone.register(contact=f"<{contact}>;{INSTANCE}").status == 403
    assert len(phone.world.node.store) == 0

    assert phone.register(0, contact=f"<{contact}>;{INSTANCE}").status == 200


@pytest.mark.clause("RFC 5627 §5.1")
def test_a_contact_that_is_a_temporary_gruu_of_the_same_user_is_refused(phone: Client) -> None:
    own = gruus(phone.register(contact=f"<{phone.uri}>;{INSTANCE}", Supported="gruu").get("contact"))["temp-gruu"]

    assert phone.register(contact=f"<{own}>;{INSTANCE}").status == 403


def test_the_api_shows_the_gruus_of_each_identity(phone: Client) -> None:
    answer = phone.register(contact=f"<{phone.uri}>;{INSTANCE};reg-id=1", Supported="gruu")
    node, record = phone.world.node, record_of(phone)

    views = {
        aor: registration_view(node.gruus, record, aor, node.now())["contacts"][0]
        for aor in (TOBIAS, "sip:gameMaster@home1.test", "tel:+44123456789")
    }

    shown = views[TOBIAS]
    assert (shown["instance"], shown["reg_id"]) == (f"<{URN}>", "1")
    assert {"pub-gruu": shown["pub_gruu"], "temp-gruu": shown["temp_gruu"]} == gruus(answer.get("contact"))
    assert views["sip:gameMaster@home1.test"]["pub_gruu"] == f"sip:gameMaster@home1.test;gr={URN}"
    assert (views["tel:+44123456789"]["pub_gruu"], views["tel:+44123456789"]["temp_gruu"]) == (None, None)
