"""PPR at a whole node: what a new profile does, what it is answered, what two watchers hear (TS 29.228 §6.2.2)."""

import pytest

from scscf.cx import (
    AssignmentAnswer,
    Cx,
    DigestVector,
    PushProfile,
    Restoration,
    Result,
    ServerAssignment,
)
from scscf.procedures.profile_update import change_profile
from scscf.procedures.unregistered import Served
from scscf.profile.service_profile import ChargingFunctions, UserProfile
from scscf.profile.user_data import LONGEST
from scscf.profile.user_data_document import user_data
from scscf.regevent.reginfo import Documents
from tests.fakes import SlowHss
from tests.world import Client, Document, World

pytestmark = pytest.mark.clause("TS 29.228 §6.2.2")

TOBIAS, TEL, GAMES = "sip:tobias@home1.test", "tel:+44123456789", "sip:gameMaster@home1.test"
WORK = "sip:work@home1.test"
WILD = "sip:desk!.*!@home1.test"
PHONE, PAGER = "phone@home1.test", "pager@home1.test"

SUBSCRIBERS = """
subscriptions:
  - name: tobias
    private_identities:
      - {id: phone@home1.test, auth: {scheme: digest, password: secret}}
      - id: pager@home1.test
        auth: {scheme: digest, password: secret}
        identities: ["sip:tobias@home1.test", "tel:+44123456789"]
    implicit_sets:
      - ["sip:tobias@home1.test", "tel:+44123456789", "sip:gameMaster@home1.test"]
      - ["sip:work@home1.test"]
"""


def person(*identities: str) -> str:
    """Return an IMSSubscription of PHONE; an identity with `-` before it is barred, one with `!` in it wildcarded."""
    written = ""
    for identity in identities:
        uri = identity.removeprefix("-")
        extension = "<Extension><IdentityType>3</IdentityType></Extension>" if "!" in uri else ""
        barred = f"<BarringIndication>{int(uri != identity)}</BarringIndication>"
        written += f"<PublicIdentity>{barred}<Identity>{uri}</Identity>{extension}</PublicIdentity>"
    profile = f"<ServiceProfile>{written}</ServiceProfile>"
    return f"<IMSSubscription><PrivateID>{PHONE}</PrivateID>{profile}</IMSSubscription>"


class FarHss(SlowHss):
    """An HSS that sends no user data to who has them already, as over Diameter (TS 29.229 §6.3.26)."""

    def __init__(self, hss: Cx) -> None:
        super().__init__(hss)
        self.is_slow = False

    async def server_assignment(
        self,
        private_identity: str,
        public_identity: str,
        assignment: ServerAssignment,
        known: UserProfile | None = None,
        restoration: Restoration | None = None,
    ) -> AssignmentAnswer:
        answer = await super().server_assignment(private_identity, public_identity, assignment, known, restoration)
        return answer if known is None or known.set_of(public_identity) is None else answer._replace(profile=known)


class Scene:
    """A registered phone that watches itself, and a P-CSCF that watches it."""

    def __init__(self, documents: Documents = Documents.FULL, **config: object) -> None:
        self.world = World({"dialect": "ims", **config}, SUBSCRIBERS)
        self.node = self.world.node
        self.node.cx = FarHss(self.node.cx)
        self.phone = self.world.client(username=PHONE)
        self.pager = self.world.client("127.0.0.10", username=PAGER)
        self.pcscf = self.world.client("127.0.0.4", 5060)
        self.ok = self.phone.register()
        assert self.ok.status == 200
        assert self.phone.subscribe().status == 200
        assert self.pcscf.subscribe(P_Asserted_Identity=f"<{TOBIAS}>").status == 200
        for subscription in self.node.notifier.subscriptions.values():
            subscription.documents = documents

    def push(self, *identities: str, **more: object) -> Result:
        """Send a PPR; its answer has to be there at once."""
        document = person(*identities).encode() if identities else None
        return push(self.world, PushProfile(PHONE, document, **more))  # type: ignore[arg-type]

    def last(self) -> tuple[Document, Document]:
        """Return the latest document of the UE and of the P-CSCF."""
        return self.phone.documents()[-1], self.pcscf.documents()[-1]

    def heard(self) -> tuple[int, int]:
        """Return how many NOTIFYs each has got."""
        return len(self.phone.notifies), len(self.pcscf.notifies)


def push(world: World, request: PushProfile) -> Result:
    promise = world.perform(world.scscf.hss_commands.push_profile(request))
    assert promise.done, "a PPR waits for somebody"  # type: ignore[attr-defined]
    world.run()
    answer: Result = promise.result()  # type: ignore[attr-defined]
    return answer


@pytest.mark.clause("TS 24.229 §5.4.2.1.2")
@pytest.mark.parametrize("documents", list(Documents))
def test_an_identity_that_joins_is_created(documents: Documents) -> None:
    scene = Scene(documents)

    assert scene.push(TOBIAS, TEL, GAMES, "sip:new@home1.test") is Result.SUCCESS

    assert scene.heard() == (2, 2)
    for document in scene.last():
        assert document.contacts("sip:new@home1.test") == [(scene.phone.uri, "active", "created")]
        assert document.registrations()["sip:new@home1.test"] == "active"
        assert document.state == ("full" if documents is Documents.FULL else "partial")
        assert document.subscription_state.startswith("active")


@pytest.mark.clause("TS 24.229 §5.4.2.1.2")
@pytest.mark.parametrize("documents", list(Documents))
def test_an_identity_that_leaves_is_told_to_be_over_once(documents: Documents) -> None:
    scene = Scene(documents)

    assert scene.push(TOBIAS, GAMES) is Result.SUCCESS

    assert scene.heard() == (2, 2)
    for document in scene.last():
        assert document.registrations()[TEL] == "terminated"
        assert document.contacts(TEL) == [(scene.phone.uri, "terminated", "rejected")]
        assert document.subscription_state.startswith("active")
    assert scene.phone.register().status == 200
    for document in scene.last():
        assert document.registrations() == {TOBIAS: "active", GAMES: "active"}


@pytest.mark.clause("TS 24.229 §5.4.2.1.2")
@pytest.mark.parametrize("documents", list(Documents))
def test_to_watchers_an_identity_that_is_barred_is_over_and_one_that_is_barred_no_more_created(
    documents: Documents,
) -> None:
    scene = Scene(documents)

    assert scene.push(TOBIAS, f"-{TEL}", GAMES) is Result.SUCCESS
    for document in scene.last():
        assert document.contacts(TEL) == [(scene.phone.uri, "terminated", "rejected")]
    assert scene.phone.register().get("p-associated-uri") == f"<{TOBIAS}>, <{GAMES}>"
    for document in scene.last():
        assert TEL not in document.registrations()

    assert scene.push(TOBIAS, TEL, GAMES) is Result.SUCCESS
    for document in scene.last():
        assert document.contacts(TEL) == [(scene.phone.uri, "active", "created")]
    assert scene.phone.register().get("p-associated-uri") == f"<{TOBIAS}>, <{TEL}>, <{GAMES}>"
    assert scene.heard() == (5, 5)


@pytest.mark.clause("TS 24.229 §5.4.2.1.2")
def test_what_watchers_are_told_follows_causes() -> None:
    scene = Scene(causes={"profile_change": {"event": "deactivated"}})

    scene.push(TOBIAS)

    for document in scene.last():
        assert document.contacts(TEL) == [(scene.phone.uri, "terminated", "deactivated")]


def test_a_watcher_who_has_not_answered_yet_hears_of_the_end_with_the_news_after_it() -> None:
    scene = Scene()
    scene.pcscf.answer = None
    scene.phone.register()
    scene.push(TOBIAS, GAMES)
    scene.push(TOBIAS, GAMES, "sip:new@home1.test")
    scene.pcscf.answer = 200
    scene.world.run(40)

    documents = scene.pcscf.documents()[2:]
    over = (scene.phone.uri, "terminated", "rejected")
    assert sum(over in document.contacts(TEL) for document in documents) == 1
    assert documents[-1].contacts("sip:new@home1.test") == [(scene.phone.uri, "active", "created")]


@pytest.mark.clause("TS 24.229 §5.4.2.1.2")
@pytest.mark.parametrize("documents", list(Documents))
def test_a_watcher_who_has_not_answered_yet_hears_of_no_new_contact_of_a_barred_identity(documents: Documents) -> None:
    scene = Scene(documents)
    scene.pcscf.answer = None
    scene.phone.register()
    scene.push(TOBIAS, TEL, f"-{GAMES}")
    scene.phone.register(contact="<sip:tobias@127.0.0.30>")
    scene.pcscf.answer = 200
    scene.world.run(40)

    document = scene.pcscf.documents()[-1]
    assert document.contacts(GAMES) == [(scene.phone.uri, "terminated", "rejected")]
    assert document.registrations()[GAMES] == "terminated"


@pytest.mark.clause("TS 24.229 §5.4.1.2.2F")
def test_the_order_of_the_set_is_followed_and_its_default_identity_may_go() -> None:
    scene = Scene()

    assert scene.push(GAMES, TEL) is Result.SUCCESS

    for document in scene.last():
        assert document.registrations() == {GAMES: "active", TEL: "active", TOBIAS: "terminated"}
    scene.phone.aor = GAMES
    assert scene.phone.register().get("p-associated-uri") == f"<{GAMES}>, <{TEL}>"
    for document in scene.last():
        assert document.registrations() == {GAMES: "active", TEL: "active"}
    scene.push(GAMES, TEL, "sip:new@home1.test")
    for document in scene.last():
        assert document.registrations()["sip:new@home1.test"] == "active"


def test_another_order_alone_tells_nobody() -> None:
    scene = Scene()

    assert scene.push(GAMES, TEL, TOBIAS) is Result.SUCCESS

    assert scene.heard() == (1, 1)
    record = next(scene.node.store.records())
    assert [registration.aor for registration in record.registrations] == [GAMES, TEL, TOBIAS]
    assert scene.phone.register().get("p-associated-uri") == f"<{GAMES}>, <{TEL}>, <{TOBIAS}>"


@pytest.mark.clause("TS 24.229 §5.4.1.5")
def test_a_set_that_is_barred_as_a_whole_ends_and_the_hss_hears_of_it() -> None:
    scene = Scene()
    slow = SlowHss(scene.node.cx)
    scene.node.cx = slow

    assert scene.push(f"-{TOBIAS}", f"-{TEL}", f"-{GAMES}") is Result.SUCCESS

    assert [question.command for question in slow.waiting] == ["SAR ADMINISTRATIVE_DEREGISTRATION"]
    assert len(scene.node.store) == 0
    for document in scene.last():
        assert {row[1:] for row in document.contacts()} == {("terminated", "rejected")}
        assert document.subscription_state == "terminated;reason=noresource"


@pytest.mark.clause("TS 24.229 §5.4.1.2.2F")
def test_a_wildcarded_identity_joins_and_leaves() -> None:
    scene = Scene()

    assert scene.push(TOBIAS, TEL, GAMES, WILD) is Result.SUCCESS
    assert b"wildcardedIdentity" in scene.pcscf.notifies[-1].body
    assert scene.push(TOBIAS, TEL, GAMES) is Result.SUCCESS

    assert {row for row in scene.last()[1].contacts() if row[1] == "terminated"} == {
        (scene.phone.uri, "terminated", "rejected")
    }


def test_the_other_device_has_what_it_shares() -> None:
    scene = Scene()
    assert scene.pager.register().status == 200

    assert scene.push(f"-{TOBIAS}", TEL, GAMES) is Result.SUCCESS

    for document in scene.last():
        assert [row[1] for row in document.contacts(TOBIAS)] == ["terminated", "terminated"]
        assert [row[1] for row in document.contacts(TEL)] == ["active", "active"]
    record = next(scene.node.store.records())
    assert all(device.profile.sets[0][0].barred for device in record.devices)


def test_the_set_of_the_other_registration_stays() -> None:
    scene = Scene()
    scene.phone.aor = WORK
    assert scene.phone.register().status == 200

    assert scene.push(TOBIAS) is Result.SUCCESS

    record = next(scene.node.store.records())
    assert [registration.aor for registration in record.registrations] == [TOBIAS, WORK]


@pytest.mark.clause("TS 29.228 §6.5.2.3", "RFC 7315 §4.6")
def test_new_charging_functions_are_in_the_next_200() -> None:
    world = World({"dialect": "ims"}, SUBSCRIBERS)
    world.node.cx = FarHss(world.node.cx)
    phone = world.client("127.0.0.4", 5060, username=PHONE)
    assert phone.register().status == 200

    charging = ChargingFunctions(("ccf.home1.test",), ("ecf.home1.test",))
    assert push(world, PushProfile(PHONE, charging=charging)) is Result.SUCCESS

    assert "ccf.home1.test" in (phone.register().get("p-charging-function-addresses") or "")
    assert push(world, PushProfile(PHONE, person(TOBIAS).encode())) is Result.SUCCESS
    assert "ccf.home1.test" in (phone.register().get("p-charging-function-addresses") or "")


@pytest.mark.clause("TS 29.228 §6.5.2.4")
def test_new_digest_credentials_end_the_challenges_and_not_the_registration() -> None:
    scene = Scene()
    vector = DigestVector("MD5", "home1.test", PHONE, "0" * 32)

    assert scene.push(digest=vector) is Result.SUCCESS

    assert len(scene.node.challenges) == 0
    assert scene.heard() == (1, 1)
    assert len(scene.node.store) == 1
    authorization = scene.phone.authorization("REGISTER", "sip:home1.test")
    answer = scene.phone.send("REGISTER", None, {"Contact": f"<{scene.phone.uri}>", "Authorization": authorization})
    assert answer is not None
    assert answer.status == 401


@pytest.mark.parametrize(
    ("document", "result"),
    [
        (b"no XML", Result.NOT_SUPPORTED_USER_DATA),
        (b"<Sh-Data/>", Result.NOT_SUPPORTED_USER_DATA),
        (person("nobody").encode(), Result.NOT_SUPPORTED_USER_DATA),
        (b" " * (LONGEST + 1), Result.TOO_MUCH_DATA),
        (person(*(f"sip:u{n}@home1.test" for n in range(1001))).encode(), Result.TOO_MUCH_DATA),
    ],
)
def test_what_is_no_profile_changes_nothing(document: bytes, result: Result) -> None:
    scene = Scene()
    before = next(scene.node.store.records())
    vector = DigestVector("MD5", "home1.test", PHONE, "0" * 32)
    challenges = len(scene.node.challenges)

    assert push(scene.world, PushProfile(PHONE, document, None, vector)) is result

    assert next(scene.node.store.records()) is before
    assert len(scene.node.challenges) == challenges


def test_nobody_is_unknown() -> None:
    scene = Scene()
    assert push(scene.world, PushProfile("stranger@home1.test", person(TOBIAS).encode())) is Result.USER_UNKNOWN
    assert push(scene.world, PushProfile(PAGER)) is Result.USER_UNKNOWN


def test_what_is_the_same_tells_nobody_and_saves_nothing() -> None:
    scene = Scene()
    record = next(scene.node.store.records())
    profile = record.devices[0].profile

    assert push(scene.world, PushProfile(PHONE, user_data(profile, profile.sets[0]))) is Result.SUCCESS

    assert scene.heard() == (1, 1)
    assert next(scene.node.store.records()) is record


def test_who_is_served_unregistered_gets_the_new_profile() -> None:
    world = World(subscribers=SUBSCRIBERS)
    profile = world.subscribers(SUBSCRIBERS).profile_of(PHONE)
    assert profile is not None
    world.node.unregistered.keep(Served(profile, TOBIAS, "home1.test"), 60)

    assert push(world, PushProfile(PHONE, person(TOBIAS).encode())) is Result.SUCCESS
    served = world.node.unregistered.find(TOBIAS)
    assert served is not None
    assert [identity.uri for identity in served.profile.sets[0]] == [TOBIAS]

    world.perform(change_profile(world.node, UserProfile(PHONE, "tobias", ())))
    assert len(world.node.unregistered) == 0


@pytest.mark.parametrize("registered", [False, True])
def test_a_register_in_flight_goes_on_with_the_new_profile(registered: bool) -> None:
    world = World(subscribers=SUBSCRIBERS)
    slow = SlowHss(world.node.cx)
    world.node.cx = slow
    slow.is_slow = False
    phone: Client = world.client(username=PHONE)
    if registered:
        assert phone.register().status == 200
    else:
        challenge = phone.send("REGISTER", None, {"Contact": f"<{phone.uri}>"})
        assert challenge is not None
        phone.take_challenge(challenge)
    slow.is_slow = True
    authorization = phone.authorization("REGISTER", "sip:home1.test")
    phone.send("REGISTER", None, {"Contact": f"<{phone.uri}>", "Authorization": authorization}, seconds=0.01)
    assert len(slow.waiting) == 1

    assert push(world, PushProfile(PHONE, person(TOBIAS, "sip:new@home1.test").encode())) is Result.SUCCESS
    with world.scscf.shell.turn():
        slow.waiting.pop(0).answer()
    world.run()

    assert phone.responses[-1].status == 200
    assert phone.responses[-1].get("p-associated-uri") == f"<{TOBIAS}>, <sip:new@home1.test>"
    record = next(world.node.store.records())
    assert [each.aor for each in record.registrations] == [TOBIAS, "sip:new@home1.test"]


class TestANewSubscribersFile:
    def test_who_has_less_in_it_loses_that_alone(self) -> None:
        scene = Scene()

        less = SUBSCRIBERS.replace(f'"{TEL}", ', "").replace(f', "{TEL}"', "")

        scene.world.scscf.replace_subscribers(scene.world.subscribers(less))
        scene.world.run()

        for document in scene.last():
            assert document.registrations() == {TOBIAS: "active", GAMES: "active", TEL: "terminated"}
        assert len(scene.node.store) == 1

    def test_who_has_lost_the_whole_set_is_rejected_and_keeps_the_other(self) -> None:
        scene = Scene()
        scene.phone.aor = WORK
        assert scene.phone.register().status == 200
        less = SUBSCRIBERS.replace(f'      - ["{TOBIAS}", "{TEL}", "{GAMES}"]\n', "").replace(
            f'"{TOBIAS}", "{TEL}"]', f'"{WORK}"]'
        )

        scene.world.scscf.replace_subscribers(scene.world.subscribers(less))
        scene.world.run()

        for document in scene.last():
            assert {row[1:] for row in document.contacts()} == {("terminated", "rejected")}
        record = next(scene.node.store.records())
        assert [registration.aor for registration in record.registrations] == [WORK]

    def test_who_is_the_same_in_it_is_left_alone(self) -> None:
        scene = Scene()
        record = next(scene.node.store.records())

        scene.world.scscf.replace_subscribers(scene.world.subscribers(SUBSCRIBERS))
        scene.world.run()

        assert next(scene.node.store.records()) is record


def test_whose_subscription_has_another_name_stays_registered() -> None:
    world = World(subscribers=SUBSCRIBERS)
    phone, pager = world.client(username=PHONE), world.client(port=5072, username=PAGER)
    assert phone.register().status == 200

    world.scscf.replace_subscribers(world.subscribers(SUBSCRIBERS.replace("name: tobias", "name: toby")))

    assert phone.register().status == 200
    assert pager.register().status == 200
    (record,) = world.node.store.records()
    assert (record.name, len(record.contacts(TOBIAS))) == ("tobias", 2)
