"""GET /metrics of the HSS stub, and of an S-CSCF that asks one, read by a parser that is not ours."""

from prometheus_client.parser import text_string_to_metric_families

from hss_stub.measures import METRICS
from hss_stub.process import api_of
from tests.control.browser import Browser
from tests.cx_world import CxWorld

PHONE = "phone@home1.test"


def scrape(browser: Browser) -> dict[str, float]:
    """Return the samples by their names and labels, as the format writes them."""
    reply = browser.get("/metrics")
    assert reply.status == 200
    return {
        f"{sample.name}{{{','.join(f'{name}={value}' for name, value in sorted(sample.labels.items()))}}}": sample.value
        for family in text_string_to_metric_families(reply.text)
        for sample in family.samples
    }


def register(world: CxWorld, port: int) -> None:
    """Send a REGISTER that the HSS is asked about, and wait for whatever comes of it."""
    phone = world.client(port=port, username=PHONE)
    fields = {"Contact": f"<sip:tobias@127.0.0.9:{port}>", "Authorization": phone.nameless("sip:home1.test")}
    phone.send("REGISTER", "sip:home1.test", fields)
    world.run(10)


def test_a_fresh_stub_has_every_metric() -> None:
    world = CxWorld()
    text = Browser(world, resource=api_of(world.stub)).get("/metrics").text

    assert [metric.name for metric in METRICS if f"# TYPE {metric.name} {metric.kind.value}\n" not in text] == []


def test_the_stub_counts_commands_users_and_peers() -> None:
    world = CxWorld()
    assert world.client(username=PHONE).register().status == 200
    samples = scrape(Browser(world, resource=api_of(world.stub)))

    assert samples["hss_cx_seconds_count{command=UAR,result=FIRST_REGISTRATION}"] == 1
    for command in ("MAR", "SAR"):
        assert samples[f"hss_cx_seconds_count{{command={command},result=SUCCESS}}"] == 1, command
    assert samples["hss_served{}"] == 1
    assert samples["hss_subscribers{}"] == len(world.stub.hss.core.subscribers)
    assert sum(value for name, value in samples.items() if name.startswith("hss_peers{")) == 1
    assert samples["hss_diameter_events_total{event=timeouts}"] == 0


def test_both_ends_count_an_rtr() -> None:
    world = CxWorld()
    assert world.client(username=PHONE).register().status == 200
    stub = Browser(world, resource=api_of(world.stub))
    assert stub.post("/v1/terminations", {"impi": PHONE, "reason": "permanent_termination"}).status == 201

    assert scrape(stub)["hss_cx_seconds_count{command=RTR,result=SUCCESS}"] == 1
    assert scrape(Browser(world))["scscf_cx_seconds_count{command=RTR,result=SUCCESS}"] == 1


def test_a_fault_is_counted_and_its_delay_is_in_the_durations_of_both_ends() -> None:
    world = CxWorld()
    stub = Browser(world, resource=api_of(world.stub))
    assert stub.call("PUT", "/v1/faults/MAR", {"result_code": 5012, "delay": 2}).status == 200
    register(world, 5070)
    there, here = scrape(stub), scrape(Browser(world))

    assert there["hss_fault_hits{command=MAR}"] == 1
    assert there["hss_cx_seconds_sum{command=MAR,result=UNABLE_TO_COMPLY}"] == 2
    assert 2 < here["scscf_cx_seconds_sum{command=MAR,result=UNABLE_TO_COMPLY}"] < 2.1


def test_an_hss_that_is_silent_is_a_timeout_and_one_that_is_gone_a_disconnect() -> None:
    world = CxWorld()
    stub = Browser(world, resource=api_of(world.stub))
    assert stub.call("PUT", "/v1/faults/UAR", {"silent": True}).status == 200
    register(world, 5070)
    silent = scrape(Browser(world))
    world.stub.stop()
    world.run(5)
    register(world, 5071)
    gone = scrape(Browser(world))

    assert silent["scscf_cx_seconds_count{command=UAR,result=TIMEOUT}"] == 1
    assert silent["scscf_diameter_events_total{event=timeouts}"] == 1
    assert silent["scscf_hss_up{}"] == 1
    assert gone["scscf_cx_seconds_count{command=UAR,result=DISCONNECTED}"] == 1
    assert gone["scscf_hss_up{}"] == 0


def test_it_obeys_the_token_of_the_stubs_api() -> None:
    world = CxWorld()
    browser = Browser(world, resource=api_of(world.stub, "0123456789abcdef"))

    assert browser.get("/metrics").status == 401
    assert browser.get("/metrics", Authorization="Bearer 0123456789abcdef").status == 200
