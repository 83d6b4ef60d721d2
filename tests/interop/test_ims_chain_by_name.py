"""The whole core of a mobile network by names alone, as DNS has them: its 3GPP domain, NAPTR, SRV and A records."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hss_stub.milenage import opc_of
from tests.interop import kamailio_ims
from tests.interop.capture import Capture
from tests.interop.chain import HSS_API, HSS_STUB, SCSCF_API, Chain, Ours
from tests.interop.programs import Running
from tests.interop.server import SCSCF, until
from tests.interop.ue import Ue
from tests.usim import Usim

pytestmark = [pytest.mark.interop, pytest.mark.peer("kamailio", "tshark")]

DOMAIN = "ims.mnc001.mcc001.3gppnetwork.org"
SERVER_NAME = f"sip:scscf.{DOMAIN}:6060"
CORE = kamailio_ims.Core(DOMAIN, f"pcscf.{DOMAIN}", f"icscf.{DOMAIN}:4060", f"sip:{DOMAIN}", SERVER_NAME, dns="yes")
IMSI = "001010000000001"
KEY = bytes.fromhex("4572696e735375627363726962657231")
OPC = opc_of(KEY, bytes.fromhex("4f70657261746f7256617269616e7437"))
SUBSCRIBERS = f"""\
subscriptions:
  - private_identities:
      - {{id: "{IMSI}@{DOMAIN}", auth: {{scheme: aka, k: {KEY.hex()}, opc: {OPC.hex()}}}}}
    implicit_sets:
      - - {{id: "sip:{IMSI}@{DOMAIN}", barred: true}}
        - "sip:+15550002@{DOMAIN}"
        - "tel:+15550002"
"""
AOR = f"sip:+15550002@{DOMAIN}"


class NamedChain(Chain):
    """The core with a DNS server of its own; no address is configured but those to listen on."""

    def __init__(self, folder: Path) -> None:
        self._ours: list[Ours] = []
        self._peers: list[Running] = []
        (folder / "subscribers.yaml").write_text(SUBSCRIBERS)
        try:
            self._start_dns(folder)
            self._start(folder)
            self._await_kamailio(folder)
        except BaseException:
            self.stop()
            raise

    def _start_dns(self, folder: Path) -> None:
        places = (
            f"pcscf={kamailio_ims.PCSCF}:{kamailio_ims.PCSCF_PORT}",
            f"icscf={kamailio_ims.ICSCF}:{kamailio_ims.ICSCF_PORT}",
            f"scscf={kamailio_ims.SCSCF}:{kamailio_ims.SCSCF_PORT}",
            f"hss={kamailio_ims.HSS}:{kamailio_ims.HSS_PORT}",
        )
        script = Path(__file__).with_name("zone.py")
        zone = Running((sys.executable, str(script), DOMAIN, *places), folder, "zone.log")
        self._peers.append(zone)
        until(lambda: "up" in zone.output(), "the DNS server")

    def _start(self, folder: Path) -> None:
        self._ours.append(
            Ours(
                folder,
                "hss",
                HSS_STUB,
                {
                    "listen": [f"diameter://{kamailio_ims.HSS}:{kamailio_ims.HSS_PORT}"],
                    "api": HSS_API,
                    "origin_realm": DOMAIN,
                    "subscribers": "subscribers.yaml",
                    "servers": [SERVER_NAME],
                },
            )
        )
        self._ours.append(
            Ours(
                folder,
                "scscf",
                SCSCF,
                {
                    "listen": [f"udp://{kamailio_ims.SCSCF}:6060"],
                    "api": SCSCF_API,
                    "trusted_peers": [kamailio_ims.ICSCF, kamailio_ims.PCSCF],
                },
                "--plmn",
                "001-01",
                "--hss",
                f"diameter://hss.{DOMAIN}",
            )
        )
        self._await_scscf()
        self._peers += [kamailio_ims.icscf(folder, CORE), kamailio_ims.pcscf(folder, CORE)]


@pytest.fixture
def core(capture: Capture, tmp_path: Path) -> Iterator[NamedChain]:
    assert capture.process is not None, "the names of the start are to be seen too"
    chain = NamedChain(tmp_path)
    try:
        yield chain
    finally:
        chain.stop()


def test_a_phone_of_a_mobile_network_registers_where_everybody_has_a_name(core: NamedChain, capture: Capture) -> None:
    usim = Usim(KEY, OPC)
    with Ue(IMSI, f"{IMSI}@{DOMAIN}", usim=usim, domain=DOMAIN) as ue:
        first = ue.register()
        assert first.status == 200, core.output()
        assert first.get_all("service-route") == [f"<sip:orig@scscf.{DOMAIN}:6060;lr>"]
        assert first.get("p-associated-uri") == f"<{AOR}>, <tel:+15550002>"
        (contact,) = core.contacts(AOR)
        assert contact["path"] == [f"<sip:term@pcscf.{DOMAIN}:5060;lr>"]
        until(lambda: core.answers(AOR) == [200], "the P-CSCF's subscription")
        assert core.subscriptions(AOR)[0]["watcher"] == f"sip:pcscf.{DOMAIN}:5060"

        assert ue.register().status == 200
        until(lambda: core.answers(AOR) == [200, 200], "a subscription of its own for the refresh")
        assert ue.register(0).status == 200
        assert core.contacts(AOR) == []
        until(lambda: set(core.answers(AOR)) == {200}, "the P-CSCF's 200 to the last NOTIFYs")
    capture.judge(REGISTER=6, SUBSCRIBE=2, NOTIFY=4)
    capture.judge_diameter(uar=3, mar=3, sar=3, lir=1)
    asked = {row[0] for row in capture.read("dns.flags.response == 0", "dns.qry.name")}
    assert asked >= {f"hss.{DOMAIN}", f"pcscf.{DOMAIN}", f"scscf.{DOMAIN}"}
