"""What a page of the API's lists finds: by text, by number, without the documents."""

from tests.control.browser import Browser
from tests.world import World


def registered(*users: str) -> Browser:
    world = World()
    for number, user in enumerate(users):
        assert world.client(port=5070 + number, user=user).register().status == 200
    return Browser(world)


def aors(browser: Browser, query: str) -> list[str]:
    reply = browser.get(f"/v1/registrations?{query}")
    assert reply.status == 200, reply.text
    return [each["aor"] for each in reply.json["registrations"]]


def test_registrations_are_found_by_identity_contact_and_private_identity() -> None:
    browser = registered("carol", "dave")

    assert aors(browser, "q=carol") == ["sip:carol@home1.test"]
    assert aors(browser, "q=CAROL%40HOME1") == ["sip:carol@home1.test"]
    assert aors(browser, "q=127.0.0.9:5071") == ["sip:dave@home1.test"]
    assert aors(browser, "q=dave%40home1.test") == ["sip:dave@home1.test"]
    assert aors(browser, "q=nobody") == []
    assert aors(browser, "q=") == ["sip:carol@home1.test", "sip:dave@home1.test"]
    assert aors(browser, "q=home1&state=terminated") == []


def test_a_page_tells_how_many_are_found_and_how_many_there_are() -> None:
    browser = registered("carol", "dave")

    page = browser.get("/v1/registrations?q=home1&limit=1").json
    assert (page["found"], page["total"], page["next"]) == (2, 2, "sip:carol@home1.test")
    page = browser.get("/v1/registrations?q=home1&limit=1&after=sip:carol%40home1.test").json
    assert (page["found"], page["next"]) == (2, None)
    page = browser.get("/v1/registrations?q=dave").json
    assert (page["found"], page["total"]) == (1, 2)


def test_the_text_is_bounded() -> None:
    assert Browser(World()).get(f"/v1/registrations?q={'a' * 201}").status == 400
    assert Browser(World()).get(f"/v1/subscriptions?q={'a' * 201}").status == 400


def test_subscriptions_are_found_and_counted_and_paged() -> None:
    world = World()
    for port, user in ((5070, "carol"), (5071, "dave")):
        phone = world.client(port=port, user=user)
        assert phone.register().status == 200
        assert phone.subscribe().status == 200
    browser = Browser(world)

    def watched(query: str) -> tuple[list[str], int]:
        reply = browser.get(f"/v1/subscriptions?{query}")
        assert reply.status == 200, reply.text
        return [each["aor"] for each in reply.json["subscriptions"]], reply.json["found"]

    assert watched("") == (["sip:carol@home1.test", "sip:dave@home1.test"], 2)
    assert watched("limit=1") == (["sip:carol@home1.test"], 2)
    assert watched("limit=1&skip=1") == (["sip:dave@home1.test"], 2)
    assert watched("skip=2") == ([], 2)
    assert watched("q=DAVE") == (["sip:dave@home1.test"], 1)
    assert browser.get("/v1/subscriptions?limit=0").status == 400
    assert browser.get("/v1/subscriptions?skip=-1").status == 400


def test_documents_are_left_out_where_nobody_wants_them() -> None:
    world = World()
    phone = world.client(user="carol")
    assert phone.register().status == 200
    assert phone.subscribe().status == 200
    browser = Browser(world)

    (with_body,) = browser.get("/v1/subscriptions").json["subscriptions"]
    (without,) = browser.get("/v1/subscriptions?bodies=false").json["subscriptions"]

    assert "<reginfo" in with_body["last_notify"]["body"]
    assert without["last_notify"]["body"] is None
    assert without["last_notify"]["version"] == with_body["last_notify"]["version"]
