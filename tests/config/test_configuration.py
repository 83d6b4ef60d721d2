from ipaddress import ip_network
from typing import get_args

import pytest

from scscf.config import Listen, Siprege, load_config
from scscf.config.values import CauseName, EndingEvent
from scscf.errors import InputError
from scscf.registration.change import CauseKind
from scscf.registration.registration import TERMINAL_EVENTS


@pytest.fixture
def load(tmp_path):
    def load(text, **overrides):
        path = tmp_path / "scscf.yaml"
        path.write_text(text, encoding="utf-8")
        return load_config(path, overrides)

    return load


@pytest.fixture
def problems(load, tmp_path):
    def problems(text, **overrides):
        with pytest.raises(InputError) as caught:
            load(text, **overrides)
        return [str(problem).removeprefix(f"{tmp_path}/scscf.yaml:") for problem in caught.value.problems]

    return problems


def test_without_a_file_everything_has_its_default():
    config = load_config(None)
    (domain,) = config.domains
    assert (domain.name, domain.realm, domain.aliases, domain.dialect) == ("home1.test", "home1.test", (), "ims")
    assert domain.registrar.model_dump() == {
        "default_expires": 3600,
        "min_expires": 60,
        "max_expires": 600000,
        "cseq_order": "enforced",
        "flow_timer": 120,
        "max_flows": 4,
        "non_sip_expires": 4294967295,
        "max_contacts": 10,
        "on_max_contacts": "refuse",
        "unregistered": 300,
        "keep_server_name": False,
        "restoration": False,
    }
    assert domain.reg_event.model_dump() == {
        "default_expires": 3761,
        "min_expires": 0,
        "max_expires": 600000,
        "documents": "full",
        "without_binding": 480,
        "terminated_reason": "noresource",
        "end_with_own_contact": True,
        "min_interval": 0,
    }
    assert config.auth.model_dump() == {
        "nonce_lifetime": 300,
        "unknown_user": 403,
        "failures": 3,
        "reg_await_auth": 240,
        "session_keys": {"to": "trusted", "ck": True, "ik": True},
        "aka_qop": "auth",
    }
    assert config.timers.model_dump() == {"t1": 0.5, "t2": 4, "t4": 5}
    assert config.listen == (Listen("udp", "127.0.0.1", 5060), Listen("tcp", "127.0.0.1", 5060))
    assert config.api == Listen("http", "127.0.0.1", 8060)
    assert (config.direct_ues, config.strict, config.store, config.trusted_peers) == ("challenge", False, "memory", ())
    assert config.sec_agree == "off"
    assert (config.api_token, config.subscribers, config.server_name, config.service_route) == (None,) * 4


def test_the_contract_s_own_example_is_a_configuration(load):
    config = load("""
domains:
  - {name: Biloxi.example.com, realm: atlanta.example.com, aliases: [ss2.biloxi.example.com], dialect: rfc3261}
listen: [udp://127.0.0.1:5060, tcp://127.0.0.1:5060]
hosts: {client.biloxi.example.com: 127.0.0.1}
api: http://127.0.0.1:8060
server_name: sip:scscf.home1.test:5060
service_route: ["<sip:orig@scscf.home1.test:5060;lr>"]
dialect: ims
trusted_peers: [127.0.0.2, 10.0.0.0/8]
direct_ues: challenge
sec_agree: off
auth: {nonce_lifetime: 300, unknown_user: 403, failures: 3, reg_await_auth: 240}
timers: {t1: 0.5, t2: 4, t4: 5}
causes: {}
quirks: []
strict: false
store: memory
""")
    (domain,) = config.domains
    assert (domain.name, domain.realm, domain.aliases) == (
        "biloxi.example.com",
        "atlanta.example.com",
        ("ss2.biloxi.example.com",),
    )
    assert config.trusted_peers == (ip_network("127.0.0.2/32"), ip_network("10.0.0.0/8"))
    assert config.service_route == ("<sip:orig@scscf.home1.test:5060;lr>",)


def test_a_domain_s_keys_go_before_the_general_ones_key_by_key(load):
    config = load("""
registrar: {min_expires: 30, max_expires: 7200}
reg_event: {min_interval: 2}
domains:
  - {name: a.test, registrar: {max_expires: 600}}
  - {name: b.test, dialect: rfc3261, reg_event: {min_expires: 10}}
""")
    first, second = config.domains
    assert (first.registrar.min_expires, first.registrar.default_expires, first.registrar.max_expires) == (30, 600, 600)
    assert (second.registrar.default_expires, second.registrar.max_expires) == (3600, 7200)
    assert (second.reg_event.min_interval, second.reg_event.min_expires) == (2, 10)


def test_the_dialect_gives_reg_event_its_defaults(load):
    first, second = load("""
domains: [{name: a.test, dialect: rfc3261}, {name: b.test, dialect: rfc3261, reg_event: {documents: full}}]
reg_event: {without_binding: 480}
""").domains
    assert (first.reg_event.documents, first.reg_event.without_binding) == ("delta", 480)
    assert second.reg_event.documents == "full"


@pytest.mark.clause("MS-SIPREGE §3.2")
def test_microsoft_s_registrar_puts_out_the_oldest_endpoint_and_gives_two_hours(load):
    first, second, third = load("""
dialect: siprege
domains: [{name: a.test}, {name: b.test, dialect: ims}, {name: c.test, registrar: {on_max_contacts: refuse}}]
""").domains
    assert (first.dialect, second.dialect) == ("siprege", "ims")
    assert (first.registrar.default_expires, first.registrar.on_max_contacts) == (7200, "replace_oldest")
    assert (first.reg_event.documents, first.reg_event.without_binding) == ("full", "init")
    assert (second.registrar.default_expires, second.registrar.on_max_contacts) == (3600, "refuse")
    assert second.reg_event.without_binding == 480
    assert (third.registrar.default_expires, third.registrar.on_max_contacts) == (7200, "refuse")


def test_a_dialect_s_defaults_give_way_to_what_is_written(load):
    text = "dialect: siprege\nregistrar: {max_expires: 600, max_contacts: 3}\nreg_event: {without_binding: 480}"
    (domain,) = load(text).domains
    assert (domain.registrar.default_expires, domain.registrar.max_contacts) == (600, 3)
    assert domain.registrar.on_max_contacts == "replace_oldest"
    assert domain.reg_event.without_binding == 480
    assert load("dialect: siprege\nregistrar: {default_expires: 60}").domains[0].registrar.default_expires == 60


def test_microsoft_s_registrar_has_its_own_section(load):
    assert load("").siprege == Siprege()
    siprege = load("""
siprege:
  {realm: SIP, target_name: OCS.fabrikam.com, version: 3, sa_lifetime: 60, ntlm: off, ntlm_min_version: 2,
   keep_alive: 0, allow_events: [reg], supported: [], server: RTC/3.0, diagnostics: full,
   preferred_registrar: sip:b.fabrikam.com}
""").siprege
    assert siprege == Siprege(
        "SIP", "ocs.fabrikam.com", 3, 60, "off", 2, 0, ("reg",), (), "RTC/3.0", "full", "sip:b.fabrikam.com"
    )


def test_a_limit_that_is_not_written_gives_way_to_one_that_is(load):
    registrar = load("registrar: {max_expires: 30}").domains[0].registrar
    assert (registrar.min_expires, registrar.default_expires, registrar.max_expires) == (30, 30, 30)
    registrar = load("registrar: {min_expires: 7200}").domains[0].registrar
    assert (registrar.min_expires, registrar.default_expires, registrar.max_expires) == (7200, 7200, 600000)
    registrar = load("registrar: {min_expires: 700000}").domains[0].registrar
    assert (registrar.min_expires, registrar.default_expires, registrar.max_expires) == (700000, 700000, 700000)


def test_security_agreements_and_what_an_aka_challenge_has(load):
    config = load("sec_agree: headers\nauth: {aka_qop: none, session_keys: {to: always, ik: false}}")
    assert config.sec_agree == "headers"
    assert config.auth.aka_qop == "none"
    assert config.auth.session_keys.model_dump() == {"to": "always", "ck": True, "ik": False}


def test_limits_out_of_order_are_refused(problems):
    assert problems("registrar: {min_expires: 100, default_expires: 50}") == [
        "1:12: registrar: min_expires (100) must not be more than default_expires (50)"
    ]
    text = "registrar: {min_expires: 100}\ndomains: [{name: a.test, registrar: {max_expires: 50}}]"
    assert problems(text) == [
        "2:37: domains[0].registrar: together with the general keys: min_expires (100) must not be more than "
        "max_expires (50)"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("hss: sctp://127.0.0.1:3868", "1:6: hss: sctp://127.0.0.1:3868: must be diameter://HOST:PORT or diameters://H"),
        ("hss: diameter://a:0", "1:6: hss: diameter://a:0: the port must be a number from 1 to 65535"),
        ("hss: diameter://a?x=1", "1:6: hss: x: unknown option of diameter://; it has none"),
        ("diameter: {timeout: 5}", "1:1: diameter: needs hss, the HSS to speak with"),
        ("subscribers: s.yaml\nhss: diameter://a", "1:1: subscribers: these are the embedded HSS stub's, and with hss"),
        ("hss: diameter://a\ndiameter: {listen: diameter://b}", "2:20: diameter.listen: b: must be an IP address of"),
        ("hss: diameter://a\ndiameter: {listen: diameters://127.0.0.1}", "2:20: diameter.listen: TLS needs ?certifi"),
        ("quirks: [no_to_tag]", "1:10: quirks[0]: must be version-starts-at-2, "),
        ("siprege: {version: 2}", "1:20: siprege.version: must be 3 or 4"),
        ("siprege: {realm: 'a\"b'}", "1:18: siprege.realm: "),
        ("siprege: {server: ' RTC'}", "1:19: siprege.server: "),
        ("siprege: {sa_lifetime: 0}", "1:24: siprege.sa_lifetime: "),
        ("siprege: {keep_alive: 86401}", "1:23: siprege.keep_alive: "),
        ("siprege: {ntlm: on}", "1:17: siprege.ntlm: must be auto or off"),
        ("siprege: {diagnostics: none}", "1:24: siprege.diagnostics: must be public or full"),
        ("siprege: {supported: [a b]}", "1:23: siprege.supported[0]: "),
        ("siprege: {allow_events: ['a;b']}", "1:26: siprege.allow_events[0]: "),
        ("siprege: {target_name: a b}", "1:24: siprege.target_name: a b: must be a host name or an IP address"),
        ("siprege: {preferred_registrar: a}", "1:32: siprege.preferred_registrar: a: must be a SIP URI"),
        ("siprege: {max_endpoints: 3}", "1:11: siprege.max_endpoints: unknown key; allowed: realm, target_name"),
        ("sec_agree: header", "1:12: sec_agree: header: must be off or headers (did you mean headers?)"),
        ("store: sqlite:///a.db", "1:8: store: sqlite:///a.db: not available yet; memory is"),
        ("listen: [ws://127.0.0.1:1]", "1:10: listen[0]: ws://: not available yet; udp://, tcp:// and tls:// are"),
        ("listen: []", "1:9: listen: must have at least one listener"),
        ("domain: a", "1:1: domain: unknown key; allowed: home_domain, domains, listen"),
        ("dialect: imss", "1:10: dialect: imss: must be ims, rfc3261 or siprege (did you mean ims?)"),
        ("home_domain: a\ndomains: [{name: b}]", "1:1: home_domain: short for one entry of domains: give one"),
        ("domains: [{name: a, aliases: [c]}, {name: b, aliases: [A]}]", "1:36: domains[1]: a is there already, in"),
        ("api: http://0.0.0.0:80", "1:6: api: 0.0.0.0 is open to others: that needs api_token or api_token_file"),
        ("api_token_file: none", "1:17: api_token_file: "),
        ("listen: [udp://127.0.0.1:1, udp://127.0.0.1:1]", "1:29: listen[1]: udp://127.0.0.1:1: this address and"),
        ("trusted_peers: [10.0.0.1/8]", "1:17: trusted_peers[0]: 10.0.0.1/8: must be a network without host bits"),
        ("trusted_peers: [x]", "1:17: trusted_peers[0]: x: must be an IP address or a network"),
        ("hosts: {a.test: b.test}", "1:17: hosts.a.test: b.test: must be an IP address"),
        ("service_route: [sip:a]", '1:17: service_route[0]: sip:a: must be like "<sip:orig@'),
        ("service_route: [<sip:a>]", "1:17: service_route[0]: <sip:a>: must have the parameter lr"),
        ("server_name: home1.test", "1:14: server_name: home1.test: must be a SIP URI"),
        ("auth: {unknown_user: 500}", "1:22: auth.unknown_user: must be 403, 404 or challenge"),
        ("timers: {t1: 5, t2: 4}", "1:9: timers: t1 (5.0) must not be more than t2 (4.0)"),
        ("causes: {user: {event: refreshed}}", "1:24: causes.user.event: must be expired, deactivated"),
        ("causes: {moon: {event: expired}}", "1:16: causes.moon: must be user, expiry, operator"),
        ("- a", "1:1: must be a mapping"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(problems, text, problem):
    (told,) = problems(text)
    assert told.startswith(problem)


def test_all_problems_are_told_at_once(problems):
    told = problems("registrar: {min_expire: 1}\nstrict: maybe\nhss: x\nlisten: [foo]\n")
    assert [line.partition(":")[0] for line in told] == ["1", "2", "3", "4"]


def test_options_go_before_the_file(load, tmp_path):
    config = load(
        "listen: [tcp://127.0.0.1:1]\nsubscribers: s.yaml\nlog: {format: json}\ndomains: [{name: a.test}]",
        listen=("udp://127.0.0.1:0",),
        api=None,
        log={"level": "debug", "format": None},
        home_domain="b.test",
    )
    assert config.listen == (Listen("udp", "127.0.0.1", 0),)
    assert config.subscribers == tmp_path / "s.yaml"
    assert (config.log.level, config.log.format) == ("debug", "json")
    assert [domain.name for domain in config.domains] == ["b.test"]


def test_no_listener_given_as_an_option_leaves_the_file_s(load):
    assert load("listen: [tcp://127.0.0.1:1]", listen=()).listen == (Listen("tcp", "127.0.0.1", 1),)


def test_a_problem_of_an_option_names_the_option(problems):
    assert problems("", api="x") == ["--api: x: must be http://ADDRESS:PORT"]
    assert problems("", listen=["udp://a"]) == ["--listen: a: must be an IP address of this machine, not a name"]


def test_the_token_comes_from_a_file_beside_the_configuration(load, tmp_path):
    (tmp_path / "token").write_text("s3cret\n")
    assert load("api: http://0.0.0.0:80\napi_token_file: token").api_token == "s3cret"


def test_files_named_by_options_are_relative_to_the_working_directory(load, tmp_path):
    assert load("", subscribers=tmp_path / "x.yaml").subscribers == tmp_path / "x.yaml"


def test_causes_and_events_are_those_of_the_registrations():
    assert set(get_args(CauseName)) == {kind.value for kind in CauseKind}
    assert set(get_args(EndingEvent)) == {event.value for event in TERMINAL_EVENTS}


def test_an_hss_over_diameter_has_defaults_of_the_home_domain(load):
    diameter = load("hss: diameter://hss.home1.test").diameter
    assert [(peer.transport, peer.host, peer.port) for peer in diameter.peers] == [("tcp", "hss.home1.test", 3868)]
    assert (diameter.origin_host, diameter.origin_realm) == ("scscf.home1.test", "home1.test")
    assert (diameter.destination_realm, diameter.destination_host, diameter.listen) == ("home1.test", None, ())
    assert (diameter.timeout, diameter.watchdog, diameter.user_authorization) == (5, 30, "auto")


def test_several_hsss_and_our_own_names_can_be_written(load):
    diameter = load(
        "hss: [diameter://10.0.0.2:3869, 'diameters://[::1]']\nserver_name: sip:cscf7.home1.test:5060;lr\n"
        "diameter: {origin_realm: r.test, destination_realm: d.test, destination_host: h.d.test,\n"
        "  listen: diameter://127.0.0.1:3870, timeout: 2, watchdog: 6, user_authorization: never}\n"
    ).diameter
    assert [(peer.transport, peer.host, peer.port) for peer in diameter.peers] == [
        ("tcp", "10.0.0.2", 3869),
        ("tls", "::1", 5658),
    ]
    assert (diameter.origin_host, diameter.origin_realm) == ("cscf7.home1.test", "r.test")
    assert (diameter.destination_realm, diameter.destination_host) == ("d.test", "h.d.test")
    assert diameter.listen == (Listen("tcp", "127.0.0.1", 3870),)
    assert (diameter.timeout, diameter.watchdog, diameter.user_authorization) == (2, 6, "never")


def test_without_an_hss_it_is_the_embedded_one(load):
    assert load("").diameter is None
