"""Many registrations at once through a whole core of real programs: none is lost, and each has its watcher."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.interop import kamailio_ims, sipp
from tests.interop.capture import Capture
from tests.interop.chain import SCSCF_API, Chain
from tests.interop.programs import Finished, run
from tests.interop.server import until
from tests.patience import PATIENCE

SUBSCRIBERS = """\
subscriptions:
  - range: [1, 40000]
    private_identities:
      - {id: "load{n:05d}@home1.test", auth: {scheme: digest, password: secret, algorithms: [MD5]}}
    implicit_sets: [["sip:load{n:05d}@home1.test"]]
"""
PCSCF = f"{kamailio_ims.PCSCF}:{kamailio_ims.PCSCF_PORT}"


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Chain]:
    chain = Chain(tmp_path, SUBSCRIBERS)
    try:
        yield chain
    finally:
        chain.stop()


def register(folder: Path, rate: int, seconds: int, first: int = 1) -> Finished:
    """Have SIPp register so many users a second, each with its challenge and its digest."""
    numbers = range(first, first + rate * seconds)
    users = [(f"load{n:05d}", f"load{n:05d}@home1.test", "secret") for n in numbers]
    limit = seconds + PATIENCE
    arguments = sipp.arguments(folder, "register", users, port=5071, target=PCSCF, rate=rate, seconds=limit)
    quiet = [each for each in arguments if each not in ("-trace_msg", "-trace_logs")]
    return run("sipp", *quiet, "-buff_size", "4194304", folder=folder, seconds=limit + PATIENCE)


def again(done: Finished) -> int:
    """Return how many REGISTERs SIPp sent a second time."""
    last = done.output.rpartition("Scenario Screen")[2]
    return sum(int(count) for count in re.findall(r"REGISTER -+>\s+\d+\s+(\d+)", last))


def registered(core: Chain) -> int:
    """Return how many addresses of record our S-CSCF has."""
    found, after = 0, ""
    while True:
        _, page = core.call(SCSCF_API, "GET", f"/v1/registrations?limit=1000&after={quote(after, safe='')}")
        found += len(page["registrations"])
        after = page["next"] or ""
        if not after:
            return found


def told(core: Chain) -> int:
    """Return of how many addresses of record a watcher has answered a NOTIFY with 200."""
    subscriptions = core.call(SCSCF_API, "GET", "/v1/subscriptions")[1]["subscriptions"]
    return len({each["aor"] for each in subscriptions if (each["last_notify"] or {}).get("status") == 200})


@pytest.mark.interop
@pytest.mark.peer("kamailio", "sipp", "tshark")
def test_fifty_registrations_a_second_through_the_whole_core(core: Chain, capture: Capture, tmp_path: Path) -> None:
    done = register(tmp_path, 50, 5)
    assert done.status == 0, done.output[-3000:] + core.output()[-3000:]
    assert registered(core) == 250
    until(lambda: told(core) == 250, "each watcher's 200 to its NOTIFY")
    capture.judge(REGISTER=500, SUBSCRIBE=250, NOTIFY=250)
    capture.judge_diameter(uar=250, mar=250, sar=250, lir=250)


@pytest.mark.soak
@pytest.mark.peer("kamailio", "sipp")
def test_two_hundred_registrations_a_second_for_a_minute_and_none_is_lost(core: Chain, tmp_path: Path) -> None:
    done = register(tmp_path, 200, 60)
    assert done.status == 0, done.output[-3000:] + core.output()[-3000:]
    assert registered(core) == 12_000
    until(lambda: told(core) == 12_000, "each watcher's 200 to its NOTIFY")
    print(f"200 registrations/s for 60 s: 12000 of 12000, {again(done)} REGISTERs sent again")


@pytest.mark.soak
@pytest.mark.peer("kamailio", "sipp")
def test_the_most_that_this_machine_carries(core: Chain, tmp_path: Path) -> None:
    """Faster and faster for 5 s each, until a registration is lost or one in a hundred requests has to be repeated."""
    carried, first = 0, 1
    for rate in range(200, 1001, 100):
        done = register(tmp_path, rate, 5, first)
        first += rate * 5
        repeated = again(done)
        print(f"{rate} registrations/s for 5 s: exit {done.status}, {repeated} REGISTERs sent again")
        if done.status != 0 or repeated > rate * 5 * 2 // 100:
            break
        carried = rate
    assert carried >= 200
