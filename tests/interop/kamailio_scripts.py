"""What Kamailio's CSCFs run: configuration files with places to fill in, the modules of all, the Diameter peer."""

COMMON = """\
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
CORE = ("kex", "corex", "tm", "tmx", "pv", "sl", "rr", "textops", "siputils", "xlog", "cfg_rpc", "ctl")

DIAMETER = """\
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

PCSCF = """\
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

ICSCF = """\
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

SCSCF = """\
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
#!ifdef WATCHED
	if (is_method("SUBSCRIBE") && $hdr(Event) == "reg") {{
		route(SUBSCRIBE);
		exit;
	}}
#!endif
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

SCSCF_WATCHED = """\
modparam("ims_registrar_scscf", "subscription_default_expires", 3600)
modparam("ims_registrar_scscf", "subscription_min_expires", 60)
modparam("ims_registrar_scscf", "subscription_max_expires", 604800)
route[SUBSCRIBE] {{
	if (!t_newtran()) {{
		sl_reply_error();
		exit;
	}}
	if (!has_totag()) {{
		if (!term_impu_registered("location")) {{
			assign_server_unreg("UNREGISTERED", "location", "term");
			exit;
		}}
		if (!can_subscribe_to_reg("location")) {{
			t_reply("403", "Forbidden to Watch");
			exit;
		}}
	}}
	route(SAVE_WATCHER);
	exit;
}}
route[UNREGISTERED] {{
	if ($avp(s:saa_return_code) == 1 && can_subscribe_to_reg("location")) route(SAVE_WATCHER);
	else t_reply("403", "Forbidden to Watch");
	exit;
}}
route[SAVE_WATCHER] {{
	subscribe_to_reg("location");
	if ($? == -1) t_reply("500", "Watcher Not Saved");
}}
"""
"""What its S-CSCF runs besides, so that the registration state of its users can be watched."""
