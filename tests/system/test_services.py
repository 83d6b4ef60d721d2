"""Filter criteria at work: application servers between the caller and the called user."""

import pytest

from scscf.profile.filter_criteria import (
    DefaultHandling,
    ServiceProfile,
    SessionCase,
)
from scscf.sip.message import Request
from tests.system.phones import ORIG, Case, Phone, ServerPhone, criterion, registered, services, world
from tests.world import World

pytestmark = pytest.mark.clause("TS 24.229 §5.4.3.2", "TS 24.229 §5.4.3.3", "TS 24.229 §5.4.3.4")

ALICE, BOB, CAROL = "sip:alice@home1.test", "sip:bob@home1.test", "sip:carol@home1.test"
ONE, TWO = "127.0.0.50", "127.0.0.51"


ORIGINATING = Case(SessionCase.ORIGINATING_REGISTERED)
TERMINATING = Case(SessionCase.TERMINATING_REGISTERED, SessionCase.TERMINATING_UNREGISTERED)


def home(profiles: dict[str, ServiceProfile]) -> tuple[World, Phone, Phone]:
    made = world(profiles=profiles)
    return made, registered(made, "alice", "127.0.0.10"), registered(made, "bob", "127.0.0.11")


def test_each_matching_server_sees_the_request_in_order_and_then_the_callee() -> None:
    made, alice, bob = home(
        {
            ALICE: services(
                criterion(0, ONE, ORIGINATING), criterion(1, ONE, TERMINATING), criterion(2, TWO, ORIGINATING)
            ),
            BOB: services(criterion(0, TWO, TERMINATING)),
        }
    )
    one, two = ServerPhone(made, ONE), ServerPhone(made, TWO)

    answer = alice.ask("MESSAGE", BOB, {"Route": ORIG})

    assert answer.status == 200
    assert [via.host for via in answer.vias] == ["127.0.0.10"]
    assert [request.get("p-served-user") for request in one.got] == [f"<{ALICE}>;sescase=orig;regstate=reg"]
    assert [request.get("p-served-user") for request in two.got] == [
        f"<{ALICE}>;sescase=orig;regstate=reg",
        f"<{BOB}>;sescase=term;regstate=reg",
    ]
    assert [request.uri_text for request in (*one.got, *two.got)] == [BOB, BOB, BOB]
    assert one.got[0].get("p-asserted-identity") == f"<{ALICE}>, <tel:+15550001>"
    assert "orig-ioi=home1.test" in (one.got[0].get("p-charging-vector") or "")
    assert len(bob.got) == 1
    assert "p-served-user" not in bob.got[0]
    assert len(made.node.proxying) == 0


def test_the_way_to_a_server_and_back_is_in_the_route() -> None:
    made, alice, _ = home({ALICE: services(criterion(0, ONE, ORIGINATING))})
    one = ServerPhone(made, ONE)

    alice.ask("MESSAGE", BOB, {"Route": ORIG})

    first, back = one.got[0].values("route")
    assert first == f"<sip:{ONE}:5080;lr>"
    assert back.startswith("<sip:orig@127.0.0.1:5060;lr;odi=")


@pytest.mark.parametrize(
    ("handling", "status", "reached"), [(DefaultHandling.CONTINUE, 200, 1), (DefaultHandling.TERMINATE, 504, 0)]
)
def test_a_silent_server_is_passed_over_or_ends_it(handling: DefaultHandling, status: int, reached: int) -> None:
    made, alice, bob = home({ALICE: services(criterion(0, ONE, ORIGINATING, handling))})
    one = Phone(made, ONE, "one", 5080)
    one.answers = ()

    alice.start("MESSAGE", BOB, {"Route": ORIG})
    made.run(10)

    assert [answer for answer in alice.statuses() if answer != 100] == [status]
    assert len(bob.got) == reached


@pytest.mark.parametrize(
    ("answer", "handling", "status"),
    [
        (500, DefaultHandling.CONTINUE, 200),
        (408, DefaultHandling.CONTINUE, 200),
        (503, DefaultHandling.CONTINUE, 200),
        (500, DefaultHandling.TERMINATE, 500),
        (403, DefaultHandling.CONTINUE, 403),
        (302, DefaultHandling.CONTINUE, 302),
        (603, DefaultHandling.CONTINUE, 603),
        (200, DefaultHandling.TERMINATE, 200),
    ],
)
def test_what_a_server_answers_decides(answer: int, handling: DefaultHandling, status: int) -> None:
    made, alice, _ = home({ALICE: services(criterion(0, ONE, ORIGINATING, handling))})
    one = Phone(made, ONE, "one", 5080)
    one.answers = (answer,)

    assert alice.ask("MESSAGE", BOB, {"Route": ORIG}).status == status


@pytest.mark.parametrize("uri", ["tel:+1", "sip:server.nowhere.test", "sip:127.0.0.50:5080;transport=tcp"])
def test_a_server_that_cannot_be_reached_is_passed_over(uri: str) -> None:
    made, alice, bob = home({ALICE: services(criterion(0, ONE, ORIGINATING, uri=uri))})

    alice.start("MESSAGE", BOB, {"Route": ORIG})
    made.run(20)

    assert [answer for answer in alice.statuses() if answer != 100] == [200]
    assert bob.methods == ["MESSAGE"]


def test_an_unregistered_user_has_services_too() -> None:
    made, alice, _ = home({CAROL: services(criterion(0, ONE, TERMINATING))})
    one = ServerPhone(made, ONE)

    assert alice.ask("MESSAGE", CAROL).status == 480
    assert one.got[0].get("p-served-user") == f"<{CAROL}>;sescase=term;regstate=unreg"


def test_a_criterion_for_registered_users_is_not_for_others() -> None:
    for_registered = criterion(0, ONE, TERMINATING)._replace(registered_part=True)
    made, alice, _ = home({CAROL: services(for_registered)})
    one = ServerPhone(made, ONE)

    assert alice.ask("MESSAGE", CAROL).status == 480
    assert one.got == []


def test_a_server_may_send_a_called_user_s_request_to_somebody_else() -> None:
    made, alice, bob = home({CAROL: services(criterion(0, ONE, TERMINATING), criterion(1, TWO, TERMINATING))})
    registered(made, "carol", "127.0.0.13")
    one, two = ServerPhone(made, ONE), ServerPhone(made, TWO)

    def divert(request: Request) -> None:
        sent = one.proxies(request)
        sent.uri_text = BOB
        one.send_on(sent)

    one.on_request = divert

    assert alice.ask("MESSAGE", CAROL).status == 200
    assert bob.methods == ["MESSAGE"]
    assert two.got == []


def test_an_original_dialog_that_is_over_is_refused() -> None:
    made, alice, bob = home({ALICE: services(criterion(0, ONE, ORIGINATING))})
    one = Phone(made, ONE, "one", 5080)
    alice.ask("MESSAGE", BOB, {"Route": ORIG})

    again = one.proxies(one.got[0])
    again.set("Call-ID", "another")
    one.send_on(again)
    made.run()

    assert one.statuses() == [403]
    assert bob.got == []


def test_a_trusted_server_may_send_for_a_user_who_is_not_registered() -> None:
    made, _, bob = home({CAROL: services(criterion(0, ONE, Case(SessionCase.ORIGINATING_UNREGISTERED)))})
    one = ServerPhone(made, ONE)
    trusted = Phone(made, "127.0.0.4", "server", 5080)
    headers = {"Route": ORIG, "From": f"<{CAROL}>;tag=1", "P-Asserted-Identity": f"<{CAROL}>"}

    assert trusted.ask("MESSAGE", BOB, headers).status == 403
    assert trusted.ask("MESSAGE", BOB, headers | {"P-Served-User": f"<{CAROL}>", "Call-ID": "2"}).status == 200
    assert len(one.got) == len(bob.got) == 1


def test_the_plain_dialect_asks_no_server() -> None:
    made = world({"dialect": "rfc3261"}, {BOB: services(criterion(0, ONE, TERMINATING))})
    alice, bob = registered(made, "alice", "127.0.0.10"), registered(made, "bob", "127.0.0.11")
    one = ServerPhone(made, ONE)

    assert alice.ask("MESSAGE", BOB).status == 200
    assert one.got == []
    assert bob.methods == ["MESSAGE"]
