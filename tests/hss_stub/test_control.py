"""The HSS stub's API: of a process of its own, and of the one in the S-CSCF's process."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from hss_stub.process import api_of
from tests.control.browser import Browser, Reply, error
from tests.cx_world import SERVER_NAME, CxWorld
from tests.usim import Usim
from tests.world import World

TOBIAS, PHONE, CAROL = "sip:tobias@home1.test", "phone@home1.test", "carol@home1.test"
K, OPC = "465b5ce8b199b49faa5f0a2ee238a6bc", "cd63cb71954a9f4e48a5994e37a02baf"
SECRET = "a long secret"
XML = """<?xml version="1.0" encoding="ISO-8859-1"?><IMSSubscription><PrivateID>zoe@home1.test</PrivateID>
<ServiceProfile><PublicIdentity><Identity>sip:zoe@home1.test</Identity></PublicIdentity></ServiceProfile>
</IMSSubscription>"""


def over_cx() -> Browser:
    world = CxWorld()
    return Browser(world, resource=api_of(world.stub))


def embedded() -> Browser:
    return Browser(World())


BOTH = pytest.mark.parametrize("made", [over_cx, embedded])
Made = Callable[[], Browser]


def subscription(user: str, auth: dict[str, Any] | None = None, **more: object) -> dict[str, Any]:
    return {
        "private_identities": [{"id": f"{user}@home1.test", "auth": auth or {"scheme": "none"}}],
        "implicit_sets": [[f"sip:{user}@home1.test"]],
        **more,
    }


def at(impi: str) -> str:
    return f"/v1/subscribers/{quote(impi, safe='')}"


def pushes(reply: Reply) -> list[tuple[str, str, str]]:
    return [(push["command"], push["impi"], push["result"]) for push in reply.json["pushes"]]


def status(browser: Browser, username: str = PHONE, user: str = "tobias", usim: Usim | None = None) -> int:
    """Register from an address of its own and return the last answer."""
    port = 6000 + len(browser.world.network._sockets)
    return browser.world.client(port=port, username=username, user=user, usim=usim).register().status


def register(browser: Browser, username: str = PHONE, user: str = "tobias") -> None:
    assert status(browser, username, user) == 200


def bindings(browser: Browser, aor: str = TOBIAS) -> int:
    return sum(len(record.contacts(aor)) for record in browser.world.node.store.records())


def test_health_tells_what_runs_and_who_is_connected() -> None:
    browser = over_cx()
    register(browser)

    health = browser.get("/v1/health").json

    assert (health["status"], health["origin_host"], health["origin_realm"]) == ("up", "hss.home1.test", "home1.test")
    assert health["listeners"] == ["diameter://127.0.0.7:3868"]
    assert [(peer["host"], peer["state"]) for peer in health["peers"]] == [("scscf.home1.test", "R-Open")]
    assert (health["subscribers"], health["served"], health["store"]) == (6, 1, "memory")


def test_who_is_served_where_is_a_page() -> None:
    browser = over_cx()
    register(browser)
    register(browser, CAROL, "carol")

    first = browser.get("/v1/assignments?limit=1").json
    second = browser.get(f"/v1/assignments?limit=1&after={first['next']}").json

    assert first["assignments"] == [
        {"subscription": "carol", "server": SERVER_NAME, "host": "scscf.home1.test", "pending": False}
    ]
    assert [each["subscription"] for each in second["assignments"]] == ["tobias"]
    assert (first["total"], second["next"]) == (2, None)


@BOTH
def test_subscribers_are_a_page(made: Made) -> None:
    browser = made()

    first = browser.get("/v1/subscribers?limit=4").json
    second = browser.get(f"/v1/subscribers?limit=4&after={first['next']}").json

    assert first["subscribers"] == [PHONE, "pager@home1.test", CAROL, "dave@home1.test"]
    assert second["subscribers"] == ["dora@home1.test", "bob@biloxi.example.com"]
    assert (first["total"], second["next"]) == (6, None)


@BOTH
@pytest.mark.parametrize(
    "auth",
    [
        {"scheme": "digest", "password": SECRET},
        {"scheme": "digest", "ha1": "ab" * 16},
        {"scheme": "aka", "k": K, "opc": OPC, "sqn": "000000000020"},
        {"scheme": "aka", "k": K, "op": OPC},
        {"scheme": "aka", "algorithm": "tuak", "k": K, "topc": OPC * 2},
        {"scheme": "ntlm", "password": SECRET, "username": "zz", "domain": "HOME1"},
        {"scheme": "ntlm", "nt_hash": "ab" * 16},
    ],
)
def test_secrets_are_taken_and_never_shown(made: Made, auth: dict[str, Any]) -> None:
    browser = made()

    added = browser.post("/v1/subscribers", subscription("zoe", auth))
    shown = browser.get(at("zoe@home1.test"))

    assert (added.status, added.json["subscribers"], shown.status) == (201, ["zoe@home1.test"], 200)
    for secret in (SECRET, "ab" * 16, K, OPC):
        assert secret not in added.text + shown.text
    assert shown.json["auth"]["scheme"] == auth["scheme"]
    assert shown.json["auth"]["username"] == auth.get("username", "zoe@home1.test")
    assert shown.json["auth"]["domain"] == auth.get("domain")
    assert (shown.json["auth"]["sqn"] is not None) == (auth["scheme"] == "aka")
    assert "sqn" not in auth or shown.json["auth"]["sqn"] == auth["sqn"]


@BOTH
def test_the_sequence_number_that_is_shown_is_the_highest_used(made: Made) -> None:
    browser = made()
    auth = {"scheme": "aka", "k": K, "opc": OPC, "sqn": "000000000000"}
    browser.post("/v1/subscribers", subscription("zoe", auth))

    assert status(browser, "zoe@home1.test", "zoe", Usim(bytes.fromhex(K), bytes.fromhex(OPC))) == 200

    assert int(browser.get(at("zoe@home1.test")).json["auth"]["sqn"], 16) > 0


@BOTH
def test_a_subscriber_who_is_added_registers_at_once(made: Made) -> None:
    browser = made()
    assert status(browser, "zoe@home1.test", "zoe") == 403

    added = browser.post("/v1/subscribers", subscription("zoe"))
    assert added.json == {"subscribers": ["zoe@home1.test"], "pushes": []}

    register(browser, "zoe@home1.test", "zoe")
    assert browser.get(at("zoe@home1.test")).json["implicit_sets"][0]["state"] == "registered"


@BOTH
def test_user_data_are_taken_as_they_are(made: Made) -> None:
    browser = made()
    entry = {"private_identities": [{"id": "zoe@home1.test", "auth": {"scheme": "none"}}], "user_data": XML}

    assert browser.post("/v1/subscribers", entry).status == 201

    assert browser.get(at("zoe@home1.test")).json["implicit_sets"][0]["identities"][0]["id"] == "sip:zoe@home1.test"


@BOTH
@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ({}, "bad_subscription", "private_identities: missing"),
        (subscription("zoe", colour="red"), "bad_subscription", "colour: unknown key"),
        (subscription("zoe", {"scheme": "digest"}), "bad_subscription", "private_identities[0].auth: "),
        (subscription("zoe", {"scheme": "digst"}), "bad_subscription", "scheme must be one of"),
        (subscription("carol"), "bad_subscription", "sip:carol@home1.test: carol@home1.test has this identity already"),
        (subscription("zoe", name="carol"), "bad_subscription", "name: carol: this subscription name is there"),
        (subscription("zoe", range=[1, 10_000_000]), "bad_subscription", "range: one subscription at a time"),
        (
            {**subscription("zoe"), "implicit_sets": [], "user_data": "/etc/hostname"},
            "bad_subscription",
            "no name of a",
        ),
        ({**subscription("zoe"), "implicit_sets": [], "user_data": "<x/>"}, "bad_subscription", "an IMSSubscription"),
        ({**subscription("zoe"), "implicit_sets": [["sip:z@h", "sip:z@h"]]}, "bad_subscription", "there already"),
        ([], "bad_body", "must be a JSON object"),
    ],
)
def test_a_subscription_that_is_wrong_is_refused_whole(made: Made, body: object, code: str, said: str) -> None:
    browser = made()

    reply = browser.post("/v1/subscribers", body)

    assert error(reply) == (400, code)
    assert said in reply.json["error"]["message"]
    assert browser.get("/v1/subscribers").json["total"] == 6


@pytest.mark.clause("TS 29.228 §6.2.2")
@BOTH
def test_another_profile_is_told_to_the_s_cscf_and_served(made: Made) -> None:
    browser = made()
    register(browser, CAROL, "carol")
    entry = subscription("carol", name="carol")
    entry["implicit_sets"] = [["sip:carol@home1.test", "tel:+4912345"]]

    reply = browser.call("PUT", at(CAROL), entry)

    assert reply.status == 200
    assert pushes(reply) == [("PPR", CAROL, "SUCCESS")]
    assert bindings(browser, "tel:+4912345") == bindings(browser, "sip:carol@home1.test") == 1


@BOTH
def test_what_changes_neither_profile_nor_password_is_told_to_nobody(made: Made) -> None:
    browser = made()
    register(browser, CAROL, "carol")

    reply = browser.call("PUT", at(CAROL), {**subscription("carol", name="carol"), "roaming": ["visited.test"]})

    assert (reply.status, reply.json["pushes"]) == (200, [])
    assert browser.get(at(CAROL)).json["roaming"] == ["visited.test"]


@BOTH
@pytest.mark.clause("TS 29.228 §6.5.2.4")
def test_another_password_is_told_to_the_s_cscf_once(made: Made) -> None:
    browser = made()
    register(browser, CAROL, "carol")
    entry = subscription("carol", {"scheme": "digest", "password": "x"}, name="carol")

    first, again = browser.call("PUT", at(CAROL), entry), browser.call("PUT", at(CAROL), entry)

    assert (first.status, again.status) == (200, 200)
    assert pushes(first) == [("PPR", CAROL, "SUCCESS")]
    assert pushes(again) == []
    assert browser.get(at(CAROL)).json["auth"]["scheme"] == "digest"


@BOTH
def test_a_subscriber_can_be_put_who_was_not_there(made: Made) -> None:
    browser = made()

    assert browser.call("PUT", at("zoe@home1.test"), subscription("zoe")).status == 200
    assert error(browser.call("PUT", at("zed@home1.test"), subscription("zap"))) == (400, "bad_subscription")
    assert browser.get("/v1/subscribers").json["total"] == 7


@pytest.mark.clause("TS 29.228 §6.1.3")
@BOTH
def test_who_is_taken_out_is_de_registered(made: Made) -> None:
    browser = made()
    register(browser)

    reply = browser.call("DELETE", at(PHONE))

    assert reply.json["subscribers"] == [PHONE, "pager@home1.test"]
    assert pushes(reply) == [("RTR", PHONE, "SUCCESS")]
    assert bindings(browser) == 0
    assert error(browser.get(at("pager@home1.test"))) == (404, "no_subscriber")
    assert error(browser.call("DELETE", at(PHONE))) == (404, "no_subscriber")


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_one_of_a_range_is_not_changed_alone(method: str) -> None:
    world = World(
        subscribers="""
subscriptions:
  - range: [1, 7]
    private_identities: [{id: "u{n}@home1.test", auth: {scheme: none}}]
    implicit_sets: [["sip:u{n}@home1.test"]]
"""
    )

    reply = Browser(world).call(method, at("u3@home1.test"), subscription("u3") if method == "PUT" else None)

    assert error(reply) == (400, "in_range")


@BOTH
@pytest.mark.parametrize(
    ("given", "shown"),
    [(5012, "UNABLE_TO_COMPLY"), (5001, "USER_UNKNOWN"), (3004, "TOO_BUSY"), ("error_not_supported", None)],
)
def test_a_result_code_is_a_number_or_a_name(made: Made, given: object, shown: str | None) -> None:
    browser = made()

    reply = browser.call("PUT", "/v1/faults/sar", {"result_code": given})

    assert reply.status == (400 if shown is None else 200)
    assert shown is None or browser.get("/v1/faults/SAR").json["result_code"] == shown


@BOTH
def test_a_fault_counts_what_it_was_done_to(made: Made) -> None:
    browser = made()
    assert browser.call("PUT", "/v1/faults/SAR", {"result_code": 5012, "after": 1, "count": 1}).status == 200
    users = ["carol", "dave", "carol"]

    answers = [status(browser, f"{user}@home1.test", user) for user in users]

    assert [answer == 200 for answer in answers] == [True, False, True]
    shown = browser.get("/v1/faults").json["faults"]
    assert [(fault["command"], fault["seen"], fault["hits"]) for fault in shown] == [("SAR", len(users), 1)]


@BOTH
def test_faults_are_taken_back(made: Made) -> None:
    browser = made()
    for command in ("MAR", "SAR", "LIR"):
        browser.call("PUT", f"/v1/faults/{command}", {"delay": 1})

    assert browser.call("DELETE", "/v1/faults/MAR").json == {"removed": 1}
    assert browser.call("DELETE", "/v1/faults/MAR").json == {"removed": 0}
    assert browser.call("DELETE", "/v1/faults").json == {"removed": 2}
    assert browser.get("/v1/faults").json == {"faults": []}
    assert error(browser.get("/v1/faults/MAR")) == (404, "no_fault")


@BOTH
@pytest.mark.parametrize(
    ("command", "body", "code"),
    [
        ("XYZ", {"delay": 1}, (404, "no_command")),
        ("SAR", {}, (400, "bad_body")),
        ("SAR", {"delay": -1}, (400, "bad_body")),
        ("SAR", {"delai": 1}, (400, "bad_body")),
        ("SAR", {"result_code": 4711}, (400, "bad_body")),
        ("SAR", {"corrupt": "mac"}, (400, "bad_fault")),
        ("LIR", {"sqn": 5}, (400, "bad_fault")),
        ("RTR", {"result_code": 5012}, (400, "bad_fault")),
        ("PPR", {"result_code": 5012}, (400, "bad_fault")),
        ("RTR", {"corrupt": "garbage"}, (400, "bad_fault")),
    ],
)
def test_a_fault_that_cannot_be_is_refused(
    made: Made, command: str, body: dict[str, Any], code: tuple[int, str]
) -> None:
    assert error(made().call("PUT", f"/v1/faults/{command}", body)) == code


@pytest.mark.clause("TS 29.228 §6.1.3")
@BOTH
@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"impi": PHONE}, [(PHONE, [])]),
        ({"impi": PHONE, "impus": [TOBIAS]}, [(PHONE, [TOBIAS])]),
        ({"impus": [TOBIAS]}, [(PHONE, [TOBIAS]), ("pager@home1.test", [TOBIAS])]),
        ({"impi": PHONE, "impus": ["SIP:tobias@HOME1.test;x=y"]}, [(PHONE, [TOBIAS])]),
    ],
)
def test_a_termination_names_whom_it_ends(made: Made, body: dict[str, Any], told: list[tuple[str, list[str]]]) -> None:
    browser = made()
    register(browser)
    register(browser, "pager@home1.test")

    reply = browser.post("/v1/terminations", {**body, "reason": "server_change", "reason_info": "moved"})

    assert reply.status == 201
    assert [(push["impi"], push["impus"]) for push in reply.json["pushes"]] == told
    assert {push["result"] for push in reply.json["pushes"]} == {"SUCCESS"}
    assert bindings(browser) == 2 - len(told)


@BOTH
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"impi": PHONE}, (400, "bad_body")),
        ({"reason": "server_change"}, (400, "bad_body")),
        ({"impi": PHONE, "reason": "boredom"}, (400, "bad_body")),
        ({"impi": PHONE, "reason": "server_change"}, (404, "nobody")),
        ({"impi": "zoe@home1.test", "reason": "server_change"}, (404, "nobody")),
        ({"impus": ["sip:zoe@home1.test"], "reason": "server_change"}, (404, "nobody")),
        ({"impus": [TOBIAS], "reason": "server_change"}, (404, "nobody")),
    ],
)
def test_a_termination_of_nobody_is_refused(made: Made, body: dict[str, Any], code: tuple[int, str]) -> None:
    assert error(made().post("/v1/terminations", body)) == code


def test_an_rta_that_does_not_come_is_waited_for_so_long() -> None:
    browser = over_cx()
    register(browser)
    body = {"impi": PHONE, "reason": "server_change", "wait": 2}
    browser.world.scscf.hss_commands.registration_termination = never  # type: ignore[method-assign]

    reply = browser.post("/v1/terminations", body, seconds=2.1)

    assert pushes(reply) == [("RTR", PHONE, "TIMEOUT")]


async def never(_request: object) -> Any:
    from scscf.promise import Promise

    return await Promise[Any]()


@pytest.mark.clause("TS 29.228 §6.2.2")
@BOTH
@pytest.mark.parametrize("what", [[], ["user_data"], ["charging"], ["digest"], ["user_data", "charging", "digest"]])
def test_a_profile_is_pushed_on_demand(made: Made, what: list[str]) -> None:
    browser = made()
    register(browser)

    reply = browser.post("/v1/pushes", {"impi": PHONE, "what": what})

    assert reply.status == 201
    assert pushes(reply) == [("PPR", PHONE, "SUCCESS")]
    assert bindings(browser) == 1


@BOTH
def test_a_push_to_nobody_is_refused(made: Made) -> None:
    browser = made()

    assert error(browser.post("/v1/pushes", {"impi": PHONE})) == (404, "nobody")
    assert error(browser.post("/v1/pushes", {"impi": PHONE, "what": ["everything"]})) == (400, "bad_body")


@BOTH
def test_user_data_that_cannot_be_read_are_pushed_on_demand(made: Made) -> None:
    browser = made()
    register(browser)
    browser.call("PUT", "/v1/faults/PPR", {"corrupt": "garbage", "count": 1})

    reply = browser.post("/v1/pushes", {"impi": PHONE})

    assert pushes(reply) == [("PPR", PHONE, "NOT_SUPPORTED_USER_DATA")]


@pytest.mark.parametrize("path", ["/v1/subscribers", "/v1/faults", at(PHONE), "/v1/faults/SAR"])
def test_where_the_hss_is_another_one_the_s_cscf_says_whose_call_it_is(path: str) -> None:
    reply = Browser(CxWorld()).get(path)

    assert error(reply) == (404, "other_hss")
    assert "hss-stub" in reply.json["error"]["message"]


def test_the_stub_s_own_document_is_served() -> None:
    assert "/v1/assignments" in over_cx().get("/openapi.json").json["paths"]
