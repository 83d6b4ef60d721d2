"""RTR at a whole node: whom it ends, what it is answered, what two watchers hear of it (TS 29.228 §6.1.3)."""

from collections.abc import Sequence

import pytest

from scscf.cx import DeregistrationReason, RegistrationTermination, RegistrationTerminationAnswer, Result
from scscf.procedures.unregistered import Served
from tests.fakes import SlowHss
from tests.world import Client, Document, World

pytestmark = pytest.mark.clause("TS 29.228 §6.1.3")

TOBIAS, TEL, GAMES = "sip:tobias@home1.test", "tel:+44123456789", "sip:gameMaster@home1.test"
WORK = "sip:work@home1.test"
PHONE, PAGER = "phone@home1.test", "pager@home1.test"

SUBSCRIBERS = """
subscriptions:
  - name: tobias
    private_identities:
      - {id: phone@home1.test, auth: {scheme: digest, password: secret}}
      - {id: pager@home1.test, auth: {scheme: digest, password: secret}, identities: ["sip:tobias@home1.test"]}
    implicit_sets:
      - ["sip:tobias@home1.test", "tel:+44123456789", "sip:gameMaster@home1.test"]
      - ["sip:work@home1.test"]
"""


class Scene:
    """A registered phone that watches itself, and a P-CSCF that watches it."""

    def __init__(self, **config: object) -> None:
        self.world = World(config, SUBSCRIBERS)
        self.phone = self.world.client(username=PHONE)
        self.pager = self.world.client("127.0.0.10", username=PAGER)
        self.pcscf = self.world.client("127.0.0.4", 5060)
        assert self.phone.register().status == 200
        assert self.phone.subscribe().status == 200
        assert self.pcscf.subscribe(P_Asserted_Identity=f"<{TOBIAS}>").status == 200

    def terminate(
        self,
        reason: DeregistrationReason = DeregistrationReason.PERMANENT_TERMINATION,
        private_identity: str = PHONE,
        public: Sequence[str] = (),
        associated: Sequence[str] = (),
    ) -> RegistrationTerminationAnswer:
        """Send an RTR; its answer has to be there at once."""
        request = RegistrationTermination(private_identity, reason, tuple(public), tuple(associated))
        return terminate(self.world, request)

    def last(self) -> tuple[Document, Document]:
        """Return the latest document of the UE and of the P-CSCF."""
        return self.phone.documents()[-1], self.pcscf.documents()[-1]


def terminate(world: World, request: RegistrationTermination) -> RegistrationTerminationAnswer:
    promise = world.perform(world.scscf.hss_commands.registration_termination(request))
    assert promise.done, "an RTR waits for somebody"  # type: ignore[attr-defined]
    world.run()
    answer: RegistrationTerminationAnswer = promise.result()  # type: ignore[attr-defined]
    return answer


@pytest.mark.clause("TS 24.229 §5.4.1.5", "TS 29.229 §6.3.17")
@pytest.mark.parametrize(
    ("reason", "event"),
    [
        (DeregistrationReason.PERMANENT_TERMINATION, "rejected"),
        (DeregistrationReason.SERVER_CHANGE, "deactivated"),
        (DeregistrationReason.NEW_SERVER_ASSIGNED, None),
        (DeregistrationReason.REMOVE_SCSCF, None),
    ],
)
def test_what_both_watchers_hear_of_each_reason(reason: DeregistrationReason, event: str | None) -> None:
    scene = Scene()

    assert scene.terminate(reason) == RegistrationTerminationAnswer(Result.SUCCESS)

    assert len(scene.world.node.store) == 0
    assert scene.world.node.notifier.subscriptions == {}
    if event is None:
        assert (len(scene.phone.notifies), len(scene.pcscf.notifies)) == (1, 1)
        return
    for document in scene.last():
        assert document.registrations() == {TOBIAS: "terminated", TEL: "terminated", GAMES: "terminated"}
        assert {row[1:] for row in document.contacts()} == {("terminated", event)}
        assert document.subscription_state == "terminated;reason=noresource"


def test_an_identity_stands_for_its_set_and_the_other_set_stays() -> None:
    scene = Scene()
    scene.phone.aor = WORK
    assert scene.phone.register().status == 200

    assert scene.terminate(public=[TEL]).result is Result.SUCCESS

    record = next(scene.world.node.store.records())
    assert [registration.aor for registration in record.registrations] == [WORK]
    assert set(scene.last()[1].registrations().values()) == {"terminated"}


def test_the_other_device_of_the_subscription_stays() -> None:
    scene = Scene()
    assert scene.pager.register().status == 200

    assert scene.terminate().result is Result.SUCCESS

    assert [row for row in scene.last()[1].contacts(TOBIAS) if row[1] == "active"] == [
        (scene.pager.uri, "active", "registered")
    ]


@pytest.mark.clause("TS 29.229 §6.3.33")
def test_associated_identities_are_ended_and_listed_in_the_answer() -> None:
    scene = Scene()
    assert scene.pager.register().status == 200

    answer = scene.terminate(associated=[PAGER, "stranger@home1.test"])

    assert answer == RegistrationTerminationAnswer(Result.SUCCESS, (PAGER,))
    assert len(scene.world.node.store) == 0


@pytest.mark.parametrize(
    ("private_identity", "public"),
    [("stranger@home1.test", ()), (PAGER, ()), (PHONE, (WORK,)), (PHONE, ("sip:nobody@home1.test", "no uri at all"))],
)
def test_who_is_not_registered_here_is_unknown(private_identity: str, public: tuple[str, ...]) -> None:
    scene = Scene()

    assert scene.terminate(private_identity=private_identity, public=public).result is Result.USER_UNKNOWN

    assert len(scene.phone.notifies) == 1
    assert len(scene.world.node.store) == 1


def test_of_a_mixture_what_is_known_is_ended() -> None:
    scene = Scene()

    assert scene.terminate(public=["sip:nobody@home1.test", TEL]).result is Result.SUCCESS
    assert len(scene.world.node.store) == 0


def test_the_hss_is_not_told_of_what_it_has_ended_itself() -> None:
    scene = Scene()
    slow = SlowHss(scene.world.node.cx)
    scene.world.node.cx = slow

    scene.terminate()

    assert slow.waiting == []


def test_too_many_identities_are_not_complied_with() -> None:
    scene = Scene()

    answer = scene.terminate(associated=[f"u{n}@home1.test" for n in range(1000)])

    assert answer.result is Result.UNABLE_TO_COMPLY
    assert len(scene.world.node.store) == 1


@pytest.mark.parametrize("reason", list(DeregistrationReason))
def test_who_is_served_unregistered_is_let_go(reason: DeregistrationReason) -> None:
    world = World(subscribers=SUBSCRIBERS)
    profile = world.subscribers(SUBSCRIBERS).profile_of(PHONE)
    assert profile is not None
    world.node.unregistered.keep(Served(profile, TOBIAS, "home1.test"), 60)

    assert terminate(world, RegistrationTermination(PHONE, reason, (TEL,))).result is Result.SUCCESS
    assert len(world.node.unregistered) == 0
    assert terminate(world, RegistrationTermination(PHONE, reason, (TEL,))).result is Result.USER_UNKNOWN


@pytest.mark.clause("TS 24.229 §5.4.8.2", "TS 29.229 §6.3.57")
def test_an_emergency_registration_stays_and_is_listed() -> None:
    scene = Scene()
    assert scene.phone.register(contact="<sip:tobias@127.0.0.9:5070;sos>").status == 200

    answer = scene.terminate()

    assert answer.result is Result.SUCCESS
    assert set(answer.emergency) == {(PHONE, TOBIAS), (PHONE, TEL), (PHONE, GAMES)}
    record = next(scene.world.node.store.records())
    assert all(contact.binding.emergency for each in record.registrations for contact in each.contacts)


@pytest.mark.clause("TS 29.228 §6.3")
def test_an_answer_to_a_challenge_of_before_counts_no_more() -> None:
    scene = Scene()
    scene.terminate(DeregistrationReason.SERVER_CHANGE)
    fields = {
        "Contact": f"<{scene.phone.uri}>",
        "Authorization": scene.phone.authorization("REGISTER", "sip:home1.test"),
    }

    answer = scene.phone.send("REGISTER", None, fields)

    assert answer is not None
    assert answer.status == 401
    assert scene.phone.register().status == 200


def test_a_first_register_in_flight_is_known_and_refused() -> None:
    world = World(subscribers=SUBSCRIBERS)
    slow = SlowHss(world.node.cx)
    world.node.cx = slow
    slow.is_slow = False
    phone: Client = world.client(username=PHONE)
    challenge = phone.send("REGISTER", None, {"Contact": f"<{phone.uri}>"})
    assert challenge is not None
    phone.take_challenge(challenge)
    slow.is_slow = True
    authorization = phone.authorization("REGISTER", "sip:home1.test")
    phone.send("REGISTER", None, {"Contact": f"<{phone.uri}>", "Authorization": authorization}, seconds=0.01)
    assert [question.command for question in slow.waiting] == ["SAR REGISTRATION"]

    answer = terminate(world, RegistrationTermination(PHONE, DeregistrationReason.PERMANENT_TERMINATION))
    with world.scscf.shell.turn():
        slow.waiting.pop(0).answer()
    slow.is_slow = False
    while slow.waiting:
        with world.scscf.shell.turn():
            slow.waiting.pop(0).answer()
    world.run()

    assert answer.result is Result.SUCCESS
    assert phone.responses[-1].status == 403
    assert len(world.node.store) == 0
