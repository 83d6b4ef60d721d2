"""GET /metrics, read by a parser that is not ours."""

import platform

import pytest
from prometheus_client.parser import text_string_to_metric_families

from scscf.metrics.table import METRICS
from tests.control.browser import Browser, Reply
from tests.world import World

CONTACT = {"Contact": "<sip:tobias@127.0.0.9:5070>"}
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


class Connection:
    """A connection that nothing is said on."""

    def opened(self, raw: object) -> None: ...

    def failed(self, detail: str) -> None: ...

    def received(self, data: bytes) -> None: ...

    def congested(self, congested: bool) -> None: ...

    def lost(self, detail: str) -> None: ...


def read(reply: Reply) -> Samples:
    """Return every sample by name and labels."""
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    samples = [sample for family in text_string_to_metric_families(reply.text) for sample in family.samples]
    found = {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in samples}
    assert len(found) == len(samples), "no sample is there twice"
    return found


def scrape(world: World) -> Samples:
    return read(Browser(world).get("/metrics"))


def value(samples: Samples, name: str, **labels: str) -> float | None:
    return samples.get((name, tuple(sorted(labels.items()))))


@pytest.fixture
def world() -> World:
    return World()


def test_a_fresh_server_has_every_metric_and_nothing_to_count(world: World) -> None:
    samples = scrape(world)
    text = Browser(world).get("/metrics").text

    assert [metric.name for metric in METRICS if f"# TYPE {metric.name} {metric.kind.value}\n" not in text] == [
        "scscf_diameter_events_total",
        "scscf_hep_total",
    ], "those of Diameter and HEP are there where these are"
    assert value(samples, "scscf_registrations", state="active") == 0
    assert value(samples, "scscf_sip_events_total", event="requests_sent_again") == 0
    assert value(samples, "scscf_hss_up") == 1
    assert value(samples, "scscf_build_info", version="1.2.3", commit="abc", python=platform.python_version()) == 1
    assert (value(samples, "process_resident_memory_bytes") or 0) > 1e6


def test_a_registration_and_its_watcher_are_counted(world: World) -> None:
    phone = world.client(username="phone@home1.test")
    assert phone.register().status == 200
    assert world.client("127.0.0.4", 5060).subscribe(P_Asserted_Identity="<sip:tobias@home1.test>").status == 200

    samples = scrape(world)

    assert value(samples, "scscf_register_total", status="401") == 1
    assert value(samples, "scscf_register_total", status="200") == 1
    assert value(samples, "scscf_register_seconds_count", status="200") == 1
    assert value(samples, "scscf_subscribe_total", status="200") == 1
    assert value(samples, "scscf_requests_total", method="REGISTER", status="200") == 1
    assert value(samples, "scscf_requests_total", method="SUBSCRIBE", status="200") == 1
    assert value(samples, "scscf_notify_total", status="200") == 1
    assert value(samples, "scscf_users") == 1
    assert value(samples, "scscf_registrations", state="active") == 3
    assert value(samples, "scscf_contacts", event="registered") == 1
    assert value(samples, "scscf_contacts", event="created") == 2
    assert value(samples, "scscf_subscriptions", state="active") == 1
    assert value(samples, "scscf_notify_outstanding") == 0
    assert value(samples, "scscf_challenges", scheme="digest") == 1
    for command in ("UAR", "MAR", "SAR"):
        assert value(samples, "scscf_cx_seconds_count", command=command, result="SUCCESS") == 1


def test_a_watcher_that_does_not_answer_is_counted_when_64_t1_are_over(world: World) -> None:
    assert world.client(username="phone@home1.test").register().status == 200
    watcher = world.client("127.0.0.4", 5060)
    watcher.answer = None
    assert watcher.subscribe(P_Asserted_Identity="<sip:tobias@home1.test>").status == 200

    waiting = scrape(world)
    world.run(40)
    over = scrape(world)

    assert value(waiting, "scscf_notify_outstanding") == 1
    assert value(waiting, "scscf_notify_total", status="timeout") is None
    assert value(over, "scscf_notify_total", status="timeout") == 1
    assert value(over, "scscf_notify_seconds_bucket", status="timeout", le="10") == 0
    assert value(over, "scscf_notify_seconds_bucket", status="timeout", le="35") == 1
    assert (value(over, "scscf_sip_events_total", event="requests_sent_again") or 0) >= 6
    assert value(over, "scscf_subscriptions", state="active") == 0


def test_the_news_that_waits_for_an_answer_is_a_queue(world: World) -> None:
    phone = world.client(username="phone@home1.test")
    assert phone.register().status == 200
    watcher = world.client("127.0.0.4", 5060)
    watcher.answer = None
    assert watcher.subscribe(P_Asserted_Identity="<sip:tobias@home1.test>").status == 200
    assert phone.register().status == 200

    assert value(scrape(world), "scscf_queue_length", queue="notify") == 1


def test_what_the_hss_refuses_is_counted_by_its_result_and_an_answer_that_is_late_by_its_time(world: World) -> None:
    browser = Browser(world)
    browser.call("PUT", "/v1/faults/MAR", {"result_code": 5012, "delay": 2})
    world.client(username="phone@home1.test").send("REGISTER", "sip:home1.test", CONTACT)
    world.run(5)

    samples = scrape(world)

    assert value(samples, "scscf_cx_seconds_count", command="MAR", result="UNABLE_TO_COMPLY") == 1
    assert value(samples, "scscf_cx_seconds_sum", command="MAR", result="UNABLE_TO_COMPLY") == pytest.approx(2.0)


def test_a_procedure_that_waits_for_the_hss_is_seen_to_wait(world: World) -> None:
    Browser(world).call("PUT", "/v1/faults/MAR", {"delay": 3})
    phone = world.client(username="phone@home1.test")
    assert phone.send("REGISTER", "sip:home1.test", CONTACT) is None

    assert value(scrape(world), "scscf_queue_length", queue="procedures") == 1


def test_how_long_a_register_takes_includes_what_the_hss_takes(world: World) -> None:
    Browser(world).call("PUT", "/v1/faults/MAR", {"delay": 3})
    world.client(username="phone@home1.test").send("REGISTER", "sip:home1.test", CONTACT)
    world.run(5)

    samples = scrape(world)

    assert value(samples, "scscf_register_seconds_sum", status="401") == pytest.approx(3.0)
    assert value(samples, "scscf_register_seconds_bucket", status="401", le="2.5") == 0
    assert value(samples, "scscf_register_seconds_bucket", status="401", le="5") == 1


def test_a_request_that_is_sent_again_is_counted_once(world: World) -> None:
    phone = world.client(username="phone@home1.test")
    assert phone.register().status == 200
    before = scrape(world)
    for seen in list(world.node.messages):
        if seen.direction == "in" and seen.data.startswith(b"REGISTER "):
            phone.socket.send(seen.data, ("127.0.0.1", 5060))
    world.run()

    assert value(scrape(world), "scscf_register_total", status="200") == 1
    assert value(before, "scscf_register_total", status="200") == 1


def test_connections_are_counted_by_transport(world: World) -> None:
    before = scrape(world)
    world.network.connect("tcp", "127.0.0.1", 5060, "", 1.0, Connection())
    world.run()

    assert value(before, "scscf_connections", transport="tcp") == 0
    assert value(scrape(world), "scscf_connections", transport="tcp") == 1


def test_an_rtr_is_counted_with_what_came_of_it(world: World) -> None:
    assert world.client(username="phone@home1.test").register().status == 200
    browser = Browser(world)
    told = browser.post("/v1/terminations", {"impi": "phone@home1.test", "reason": "permanent_termination"})
    assert told.status == 201

    samples = scrape(world)

    assert value(samples, "scscf_cx_seconds_count", command="RTR", result="SUCCESS") == 1
    assert value(samples, "scscf_registrations", state="active") == 0


def test_a_method_that_nobody_knows_is_counted_as_other(world: World) -> None:
    client = world.client()
    for name in ("HACK1", "HACK2"):
        client.send(name, "sip:home1.test")
    world.run(1)

    samples = scrape(world)

    assert value(samples, "scscf_requests_total", method="other", status="501") == 2
    assert not [labels for _, labels in samples if ("method", "HACK1") in labels]


def test_rules_are_counted_by_name(world: World) -> None:
    rule = {"match": {"method": "REGISTER"}, "do": {"answer": {"status": 480}}}
    assert Browser(world).call("PUT", "/v1/rules/say-no", rule).status == 200
    assert world.client(username="phone@home1.test").register().status == 480

    samples = scrape(world)

    assert value(samples, "scscf_rule_hits_total", rule="say-no") == 1
    assert value(samples, "scscf_rules") == 1
    assert value(samples, "scscf_register_total", status="480") == 1


def test_a_quirk_that_is_on_is_told_of(world: World) -> None:
    assert Browser(world).call("PUT", "/v1/quirks/aor-aor").status == 200

    assert value(scrape(world), "scscf_quirks", quirk="aor-aor") == 1


def test_thousands_are_counted_in_several_turns(world: World) -> None:
    assert world.client(username="phone@home1.test").register().status == 200
    (record,) = world.node.store.records()
    for n in range(4500):
        copy = record._replace(name=f"n{n}", devices=())
        world.node.store._records[copy.name] = copy

    samples = scrape(world)

    assert value(samples, "scscf_users") == 4501
    assert value(samples, "scscf_registrations", state="active") == 3 * 4501


def test_it_obeys_the_token_of_the_api(world: World) -> None:
    browser = Browser(world, token="0123456789abcdef")

    assert browser.get("/metrics").status == 401
    assert browser.get("/metrics", Authorization="Bearer 0123456789abcdef").status == 200
    assert browser.get("/metrics", Authorization="Bearer 0123456789abcdeg").status == 401


def test_it_has_no_other_method_than_get_and_head(world: World) -> None:
    browser = Browser(world)

    assert browser.call("HEAD", "/metrics").status == 200
    assert browser.post("/metrics").status == 405


def test_where_nothing_is_measured_there_is_a_refusal(world: World) -> None:
    browser = Browser(world)
    api = next(service.api for service in browser.resource._services if hasattr(service.api, "measures"))
    api.measures = None

    assert browser.get("/metrics").status == 404
