"""Full registrations with an HSS over Diameter, beside Kamailio's S-CSCF with the same HSS; and what the stub costs."""

import json
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from bench import kamailio
from bench.figures import RUNS, Figure, folder
from bench.loader import Loader, LoadError, no_credentials, register
from bench.node import KEY, LOADER_CORE, OPC, SCSCF, Node, free_port
from bench.register import private, registrations
from scscf.cx import Assignment, MultimediaAuth, ServerAssignment
from scscf.diameter.answers import capabilities_request
from scscf.diameter.cx_requests import CxRequest, request_message
from scscf.diameter.framing import Framing
from scscf.diameter.identity import Identity
from scscf.diameter.message import encode

DOMAIN = "home1.test"
USERS = 2000
HSS_STUB = (sys.executable, "-c", "from hss_stub.__main__ import main; main()")
SUBSCRIBERS = f"""\
subscriptions:
  - range: [1, 200000]
    private_identities: [{{id: "pair{{n:06d}}@home1.test", auth: {{scheme: digest, password: secret}}}}]
    implicit_sets: [["sip:pair{{n:06d}}@home1.test", "sip:alias{{n:06d}}@home1.test"]]
  - range: [1, 200000]
    private_identities: [{{id: "usim{{n:06d}}@home1.test", auth: {{scheme: aka, k: "{KEY}{{n:08d}}", opc: {OPC}}}}}]
    implicit_sets: [["sip:usim{{n:06d}}@home1.test", "sip:card{{n:06d}}@home1.test", "tel:+46{{n:06d}}"]]
"""

DIAMETER = """\
<?xml version="1.0" encoding="UTF-8"?>
<DiameterPeer FQDN="scscf.{domain}" Realm="{domain}" Vendor_Id="10415" Product_Name="CDiameterPeer"
 AcceptUnknownPeers="1" DropUnknownOnDisconnect="1" Tc="2" Workers="2" QueueLength="4096" TransactionTimeout="5"
 SessionsHashSize="128" DefaultAuthSessionTimeout="3600" MaxAuthSessionTimeout="3600">
 <Peer FQDN="127.0.0.1" Realm="{domain}" port="{hss}"/>
 <Acceptor port="{acceptor}" bind="127.0.0.1"/>
 <Auth id="16777216" vendor="10415"/>
 <SupportedVendor vendor="10415"/>
 <DefaultRoute FQDN="127.0.0.1" metric="10"/>
</DiameterPeer>
"""
CONFIGURATION = """\
#!KAMAILIO
debug=0
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
dns=no
rev_dns=no
check_via=no
listen=udp:127.0.0.1:{port}
alias="{domain}"
{modules}
modparam("tm", "failure_reply_mode", 3)
modparam("tm", "fr_timer", 5000)
modparam("cdp", "config_file", "{folder}/scscf.xml")
modparam("ims_usrloc_scscf", "enable_debug_file", 0)
modparam("ims_usrloc_scscf", "db_mode", 0)
modparam("ims_usrloc_scscf", "hash_size", 14)
modparam("ims_usrloc_scscf", "subs_hash_size", 14)
modparam("ims_usrloc_scscf", "contacts_hash_size", 14)
modparam("ims_dialog", "dlg_flag", 2)
modparam("ims_auth", "name", "sip:127.0.0.1:{port}")
modparam("ims_auth", "registration_default_algorithm", "MD5")
modparam("ims_auth", "registration_qop", "auth")
modparam("ims_auth", "cxdx_dest_realm", "{domain}")
modparam("ims_auth", "av_request_at_once", 1)
modparam("ims_auth", "auth_data_hash_size", 16384)
modparam("ims_registrar_scscf", "scscf_name", "sip:127.0.0.1:{port}")
modparam("ims_registrar_scscf", "cxdx_dest_realm", "{domain}")
request_route {{
	if (t_lookup_request()) exit;
	if (!ims_www_authenticate("$td")) {{
		if ($? == -2) {{
			send_reply("403", "Authentication Failed");
			exit;
		}}
		ims_www_challenge("MAA", "$td", "MD5");
		exit;
	}}
	save("SAA", "location", "0", "0");
	exit;
}}
route[MAA] {{
	if ($avp(s:maa_return_code) != 1) send_reply("500", "No MAA");
	exit;
}}
route[SAA] {{
	exit;
}}
"""
MODULES = (
    *("kex", "corex", "tm", "tmx", "pv", "sl", "rr", "textops", "siputils", "ims_dialog", "cdp", "cdp_avp"),
    *("presence", "ims_usrloc_scscf", "ims_registrar_scscf", "ims_auth"),
)


class Hss(Node):
    """The HSS stub, on the loader's core unless it is what is measured."""

    def __init__(self, place: Path, server_name: str, core: int | None = LOADER_CORE) -> None:
        self.port = free_port()
        ready = place / "hss.ready"
        (place / "hss-subscribers.yaml").write_text(SUBSCRIBERS)
        configuration = {
            "listen": [f"diameter://127.0.0.1:{self.port}"],
            "api": f"http://127.0.0.1:{free_port()}",
            "origin_host": "127.0.0.1",
            "origin_realm": DOMAIN,
            "subscribers": "hss-subscribers.yaml",
            "servers": [server_name],
        }
        (place / "hss.yaml").write_text(json.dumps(configuration))
        super().__init__((*HSS_STUB, "run", "--config", "hss.yaml", "--ready-file", str(ready)), place)
        if core is not None:
            self.pin(core)
        self.wait_for(ready)


class Ours(Node):
    """Our S-CSCF, with that HSS."""

    def __init__(self, place: Path, hss: int) -> None:
        self.port = free_port()
        ready = place / "scscf.ready"
        configuration = {
            "home_domain": DOMAIN,
            "listen": [f"udp://127.0.0.1:{self.port}"],
            "api": f"http://127.0.0.1:{free_port()}",
            "hss": [f"diameter://127.0.0.1:{hss}"],
            "diameter": {"origin_host": "ours.home1.test", "user_authorization": "never"},
            "trusted_peers": ["127.0.0.1"],
        }
        (place / "scscf.yaml").write_text(json.dumps(configuration))
        command = (*SCSCF, "run", "--config", "scscf.yaml", "--ready-file", str(ready), "--log-level", "warning")
        super().__init__(command, place)
        self.wait_for(ready)


class KamailioScscf(Node):
    """Kamailio's S-CSCF, with that HSS: one process reads the socket, two are Diameter workers."""

    def __init__(self, binary: str, place: Path, hss: int) -> None:
        self.port = free_port()
        modules = "".join(f'loadmodule "{name}.so"\n' for name in MODULES)
        text = CONFIGURATION.format(port=self.port, domain=DOMAIN, folder=place, modules=modules)
        (place / "kamailio.cfg").write_text(text)
        (place / "scscf.xml").write_text(DIAMETER.format(domain=DOMAIN, hss=hss, acceptor=free_port()))
        super().__init__((binary, "-f", "kamailio.cfg", "-DD", "-E", "-m", "512", "-M", "16", "-Y", str(place)), place)


def figures(messages: int) -> list[Figure]:
    """Measure full digest registrations with a set of two, in alternating runs, and the HSS stub by itself."""
    found = [*_hss(messages)]
    with folder() as place, folder() as other:
        hss = Hss(place, "sip:127.0.0.1:5060")
        nodes: list[Node] = [hss]
        try:
            ours = Ours(place, hss.port)
            nodes.append(ours)
            measured = {"": _measure(ours, ours.port, messages // 4)}
            binary = kamailio.program()
            if binary is not None and Path(place).exists():
                theirs = KamailioScscf(binary, other, hss.port)
                nodes.append(theirs)
                measured["Kamailio: "] = _measure(theirs, theirs.port, messages // 4)
            values: dict[str, list[float]] = {name: [] for name in measured}
            for run in range(RUNS + 1):
                for name, measure in measured.items():
                    value = measure()
                    if run:
                        values[name].append(value)
        finally:
            for node in reversed(nodes):
                node.stop()
    medians = [median(each) for each in values.values()]
    for name, each in values.items():
        found.append(Figure(f"{name}full digest registration, HSS over Diameter, set of 2", "us", tuple(each)))
    if len(medians) > 1:
        found.append(Figure("ratio to Kamailio's S-CSCF, alternating runs", "", (medians[0] / medians[1],), 1.0))
    return found


def _measure(node: Node, port: int, calls: int) -> Callable[[], float]:
    loader = Loader(port, busy=False)
    users = [f"pair{n:06d}" for n in range(1, USERS + 1)]
    loader.wait(register(loader, users[0], 1, DOMAIN, no_credentials(private(users[0], DOMAIN), DOMAIN))[1])
    return registrations(
        node,
        loader,
        users,
        calls,
        DOMAIN,
        first=lambda user: no_credentials(private(user, DOMAIN), DOMAIN),
    )


def _hss(messages: int) -> Iterator[Figure]:
    """Measure the HSS stub's CPU per MAR with AKA and per SAR, 64 in flight."""
    identity = Identity("bench.home1.test", DOMAIN)
    name = "sip:127.0.0.1:5060"
    users = [f"usim{n:06d}" for n in range(1, 1001)]
    questions: dict[str, tuple[list[CxRequest], float | None]] = {
        "MAR with AKA": ([MultimediaAuth(f"{user}@{DOMAIN}", f"sip:{user}@{DOMAIN}", name) for user in users], 60.0),
        "SAR with the profile of a set of three": (
            [
                Assignment(ServerAssignment.REGISTRATION, name, f"{user}@{DOMAIN}", (f"sip:{user}@{DOMAIN}",))
                for user in users
            ],
            None,
        ),
    }
    with folder() as place:
        hss = Hss(place, name, core=None)
        try:
            for what, (requests, target) in questions.items():
                messages_out = []
                for number, request in enumerate(requests):
                    message = request_message(request, f"bench;1;{number}", identity, DOMAIN)
                    message.hop_by_hop = message.end_to_end = number
                    messages_out.append(encode(message))
                values = []
                for run in range(RUNS + 1):
                    before = hss.cpu()
                    count = _ask(hss.port, identity, messages_out, messages)
                    if run:
                        values.append((hss.cpu() - before) / count * 1e6)
                yield Figure(f"HSS stub: {what}, 64 in flight", "us", tuple(values), target)
        finally:
            hss.stop()


def _ask(port: int, identity: Identity, requests: list[bytes], count: int, in_flight: int = 64) -> int:
    """Ask so many questions on one connection; return how many were answered."""
    framing = Framing()
    with socket.create_connection(("127.0.0.1", port), 10) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer.sendall(encode(capabilities_request(identity)))
        while not framing.feed(peer.recv(65535)):
            pass
        sent = done = 0
        while done < count:
            if sent < count and sent - done < in_flight:
                batch = min(in_flight - (sent - done), count - sent)
                peer.sendall(b"".join(requests[(sent + n) % len(requests)] for n in range(batch)))
                sent += batch
            data = peer.recv(1 << 18)
            if not data:
                raise LoadError("the HSS stub has cut the connection")
            done += len(framing.feed(data))
    return done
