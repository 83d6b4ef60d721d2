"""Kamailio's P-CSCF, I-CSCF and S-CSCF, each a process with a configuration of ours and a database of its own."""

import sqlite3
from pathlib import Path
from typing import NamedTuple

from tests.interop.programs import Running, find

DOMAIN = "home1.test"
HSS, HSS_PORT = "127.0.0.21", 3868
SCSCF, SCSCF_PORT = "127.0.0.22", 6060
ICSCF, ICSCF_PORT = "127.0.0.23", 4060
PCSCF, PCSCF_PORT = "127.0.0.24", 5060
SERVER_NAME = f"sip:{SCSCF}:{SCSCF_PORT}"
PRESENCE_SQL = Path("/usr/share/kamailio/db_sqlite/presence-create.sql")
STANDARD_SQL = Path("/usr/share/kamailio/db_sqlite/standard-create.sql")


class Core(NamedTuple):
    """What the programs call one another: addresses, or names that DNS knows."""

    domain: str
    pcscf: str
    icscf: str
    registrar: str
    """Where the P-CSCF sends a REGISTER: the I-CSCF's address, or the home domain."""
    server_name: str
    dns: str = "no"


BY_ADDRESS = Core(DOMAIN, PCSCF, f"{ICSCF}:{ICSCF_PORT}", f"sip:{ICSCF}:{ICSCF_PORT}", SERVER_NAME)

_COMMON = """\
#!KAMAILIO
debug=1
log_stderror=yes
children=2
disable_tcp=yes
auto_aliases=no
dns={dns}
rev_dns=no
check_via=no
listen=udp:{host}:{port}
alias="{host}"
alias="{name}"
"""
_CORE = ("kex", "corex", "tm", "tmx", "pv", "sl", "rr", "textops", "siputils", "xlog", "cfg_rpc", "ctl")

_DIAMETER = """\
<?xml version="1.0" encoding="UTF-8"?>
<DiameterPeer FQDN="{name}" Realm="{realm}" Vendor_Id="10415" Product_Name="CDiameterPeer" AcceptUnknownPeers="1"
 DropUnknownOnDisconnect="1" Tc="2" Workers="2" QueueLength="512" TransactionTimeout="5" SessionsHashSize="128"
 DefaultAuthSessionTimeout="3600" MaxAuthSessionTimeout="3600">
 <Peer FQDN="hss.{realm}" Realm="{realm}" port="{hss_port}"/>
 <Acceptor port="{acceptor}" bind="{host}"/>
 <Auth id="16777216" vendor="10415"/>
 <SupportedVendor vendor="10415"/>
 <DefaultRoute FQDN="hss.{realm}" metric="10"/>
</DiameterPeer>
"""

_PCSCF = """\
modparam("pua", "db_url", "sqlite:///{folder}/pcscf.db")
modparam("pua", "db_mode", 0)
modparam("pua", "hash_size", 11)
modparam("pua", "outbound_proxy", "sip:{icscf}")
modparam("ims_ipsec_pcscf", "ipsec_listen_addr", "{host}")
modparam("ims_ipsec_pcscf", "ipsec_client_port", 5062)
modparam("ims_ipsec_pcscf", "ipsec_server_port", 5063)
modparam("ims_usrloc_pcscf", "db_mode", 0)
modparam("ims_usrloc_pcscf", "enable_debug_file", 0)
modparam("ims_usrloc_pcscf", "match_contact_host_port", 1)
modparam("ims_registrar_pcscf", "is_registered_fallback2ip", 1)
modparam("ims_registrar_pcscf", "pending_reg_expires", 30)
modparam("ims_registrar_pcscf", "subscribe_to_reginfo", 1)
modparam("ims_registrar_pcscf", "publish_reginfo", 0)
modparam("ims_registrar_pcscf", "subscription_expires", 36000)
modparam("ims_registrar_pcscf", "pcscf_uri", "sip:{name}:{port}")
modparam("ims_registrar_pcscf", "force_icscf_uri", "sip:{icscf}")
modparam("tm", "fr_timer", 5000)
request_route {{
	if (is_method("NOTIFY") && uri == myself) {{
		if (!t_newtran()) {{
			sl_reply_error();
			exit;
		}}
		if (reginfo_handle_notify("location")) t_reply("200", "Taken");
		else t_reply("500", "Not Taken");
		exit;
	}}
	if (t_lookup_request()) exit;
	if (is_method("REGISTER")) {{
		pcscf_save_pending("location");
		append_hf("Path: <sip:term@{name}:{port};lr>\\r\\n");
		append_hf("Supported: path\\r\\n");
		append_hf("Require: path\\r\\n");
		append_hf("P-Visited-Network-ID: {domain}\\r\\n");
		append_hf("P-Charging-Vector: icid-value=$ci;icid-generated-at={name}\\r\\n");
		t_on_reply("REGISTERED");
		$du = "{registrar}";
		t_relay();
		exit;
	}}
	if (has_totag() && loose_route()) {{
		t_relay();
		exit;
	}}
	sl_send_reply("405", "Method Not Allowed");
}}
onreply_route[REGISTERED] {{
	if (t_check_status("200")) pcscf_save("location");
}}
"""

_ICSCF = """\
modparam("cdp", "config_file", "{folder}/icscf.xml")
modparam("ims_icscf", "cxdx_dest_realm", "{domain}")
modparam("ims_icscf", "db_url", "sqlite:///{folder}/icscf.db")
modparam("tm", "fr_timer", 5000)
modparam("tm", "failure_reply_mode", 3)
request_route {{
	if (t_lookup_request()) exit;
	if (is_method("REGISTER")) {{
		if (I_scscf_select("0")) {{
			t_on_reply("ANSWERED");
			if (!t_relay()) send_reply("500", "No S-CSCF");
		}} else {{
			I_scscf_drop();
			if (!I_perform_user_authorization_request("UAA", "0")) send_reply("500", "No UAR");
		}}
		exit;
	}}
	if (has_totag()) {{
		loose_route();
		t_relay();
		exit;
	}}
	if (is_method("NOTIFY")) {{
		t_relay();
		exit;
	}}
	if (!I_perform_location_information_request("LIA", "0")) send_reply("500", "No LIR");
	exit;
}}
route[UAA] {{
	if ($avp(s:uaa_return_code) == 1) {{
		if (I_scscf_select("0")) {{
			t_on_reply("ANSWERED");
			if (!t_relay()) t_reply("500", "No S-CSCF");
		}} else {{
			I_scscf_drop();
			t_reply("500", "No S-CSCF to Select");
		}}
	}} else {{
		if ($avp(s:uaa_return_code) == -2) t_reply("500", "No UAA");
	}}
	exit;
}}
route[LIA] {{
	if ($avp(s:lia_return_code) == 1) {{
		if (I_scscf_select("0")) {{
			if (!t_relay()) t_reply("500", "No S-CSCF");
			I_scscf_drop();
		}} else {{
			I_scscf_drop();
			t_reply("500", "No S-CSCF to Select");
		}}
	}} else {{
		if ($avp(s:lia_return_code) == -2) t_reply("500", "No LIA");
	}}
	exit;
}}
onreply_route[ANSWERED] {{
	if (!t_check_status("(408)|(480)|(401)")) I_scscf_drop();
}}
"""

_SCSCF = """\
modparam("tm", "failure_reply_mode", 3)
modparam("tm", "fr_timer", 5000)
modparam("rr", "enable_full_lr", 1)
modparam("cdp", "config_file", "{folder}/scscf.xml")
modparam("ims_usrloc_scscf", "enable_debug_file", 0)
modparam("ims_usrloc_scscf", "db_mode", 0)
modparam("ims_dialog", "dlg_flag", 2)
modparam("ims_auth", "name", "{server_name}")
modparam("ims_auth", "registration_default_algorithm", "{algorithm}")
modparam("ims_auth", "registration_qop", "auth")
modparam("ims_auth", "cxdx_dest_realm", "{domain}")
modparam("ims_auth", "av_request_at_once", 1)
modparam("ims_auth", "av_request_at_sync", 1)
modparam("ims_auth", "max_nonce_reuse", 0)
modparam("ims_registrar_scscf", "default_expires", 3600)
modparam("ims_registrar_scscf", "min_expires", 60)
modparam("ims_registrar_scscf", "max_expires", 604800)
modparam("ims_registrar_scscf", "scscf_name", "{server_name}")
modparam("ims_registrar_scscf", "cxdx_dest_realm", "{domain}")
request_route {{
	if (t_lookup_request()) exit;
	if (!is_method("REGISTER")) {{
		sl_send_reply("405", "Method Not Allowed");
		exit;
	}}
	if (!ims_www_authenticate("$td")) {{
		if ($? == -2) {{
			send_reply("403", "Authentication Failed");
			exit;
		}}
		if ($? == -9) {{
			ims_www_resync_auth("RESYNC", "$td");
			exit;
		}}
		ims_www_challenge("MAA", "$td", "{algorithm}");
		exit;
	}}
	save("SAA", "location", "0", "0");
	exit;
}}
route[MAA] {{
	if ($avp(s:maa_return_code) != 1) send_reply("500", "No MAA");
	exit;
}}
route[RESYNC] {{
	ims_www_challenge("MAA", "$td", "{algorithm}");
}}
route[SAA] {{
	exit;
}}
"""


def pcscf(folder: Path, core: Core = BY_ADDRESS) -> Running:
    """Start the P-CSCF in front of the I-CSCF."""
    _database(folder / "pcscf.db", STANDARD_SQL.read_text(), PRESENCE_SQL.read_text())
    modules = (*_CORE, "path", "db_sqlite", "pua", "ims_usrloc_pcscf", "ims_ipsec_pcscf", "ims_registrar_pcscf")
    text = _PCSCF.format(
        folder=folder,
        host=PCSCF,
        name=core.pcscf,
        port=PCSCF_PORT,
        icscf=core.icscf,
        registrar=core.registrar,
        domain=core.domain,
    )
    return _start(folder, "pcscf", PCSCF, PCSCF_PORT, modules, text, core)


def icscf(folder: Path, core: Core = BY_ADDRESS) -> Running:
    """Start the I-CSCF between P-CSCF, HSS and S-CSCF."""
    _database(
        folder / "icscf.db",
        f"""
        CREATE TABLE version (table_name VARCHAR(32), table_version INTEGER);
        CREATE TABLE nds_trusted_domains (id INTEGER PRIMARY KEY, trusted_domain VARCHAR(83));
        CREATE TABLE s_cscf (id INTEGER PRIMARY KEY, name VARCHAR(83), s_cscf_uri VARCHAR(83));
        CREATE TABLE s_cscf_capabilities (id INTEGER PRIMARY KEY, id_s_cscf INTEGER, capability INTEGER);
        INSERT INTO nds_trusted_domains VALUES (1, '{core.domain}');
        INSERT INTO s_cscf VALUES (1, 'scscf', '{core.server_name}');
        INSERT INTO s_cscf_capabilities VALUES (1, 1, 0), (2, 1, 1);
        """,
    )
    _diameter(folder, "icscf", ICSCF, core.domain)
    modules = (*_CORE, "db_sqlite", "cdp", "cdp_avp", "ims_icscf")
    text = _ICSCF.format(folder=folder, domain=core.domain)
    return _start(folder, "icscf", ICSCF, ICSCF_PORT, modules, text, core)


def scscf(folder: Path, algorithm: str = "MD5") -> Running:
    """Start Kamailio's own S-CSCF, in the place of ours."""
    _diameter(folder, "scscf", SCSCF)
    own = ("ims_dialog", "cdp", "cdp_avp", "presence", "ims_usrloc_scscf", "ims_registrar_scscf", "ims_auth")
    modules = (*_CORE, *own)
    text = _SCSCF.format(folder=folder, domain=DOMAIN, server_name=SERVER_NAME, algorithm=algorithm)
    return _start(folder, "scscf", SCSCF, SCSCF_PORT, modules, text)


def _start(
    folder: Path, name: str, host: str, port: int, modules: tuple[str, ...], text: str, core: Core = BY_ADDRESS
) -> Running:
    binary = find("kamailio")
    assert binary is not None
    own = folder / name
    own.mkdir()
    known_as = core.domain if core is BY_ADDRESS else f"{name}.{core.domain}"
    common = _COMMON.format(host=host, port=port, name=known_as, dns=core.dns)
    control = f'modparam("ctl", "binrpc", "unix:{own}/ctl")\n'
    (own / "kamailio.cfg").write_text(common + _modules(modules) + control + text)
    command = (binary, "-f", str(own / "kamailio.cfg"), "-DD", "-E", "-m", "512", "-M", "16", "-Y", str(own))
    return Running(command, folder, f"{name}.log")


def _modules(names: tuple[str, ...]) -> str:
    return "".join(f'loadmodule "{name}.so"\n' for name in names)


def _database(file: Path, *scripts: str) -> None:
    with sqlite3.connect(file) as connection:
        for script in scripts:
            connection.executescript(script)
    connection.close()


def _diameter(folder: Path, name: str, host: str, realm: str = DOMAIN) -> None:
    acceptor = 3870
    (folder / f"{name}.xml").write_text(
        _DIAMETER.format(name=f"{name}.{realm}", realm=realm, host=host, hss_port=HSS_PORT, acceptor=acceptor)
    )
