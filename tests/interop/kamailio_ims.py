"""Kamailio's P-CSCF, I-CSCF and S-CSCF, each a process with a configuration of ours and a database of its own."""

import sqlite3
from pathlib import Path
from typing import NamedTuple

from tests.interop import kamailio_scripts
from tests.interop.programs import Running, find, run

DOMAIN = "home1.test"
HSS, HSS_PORT = "127.0.0.21", 3868
SCSCF, SCSCF_PORT = "127.0.0.22", 6060
ICSCF, ICSCF_PORT = "127.0.0.23", 4060
PCSCF, PCSCF_PORT = "127.0.0.24", 5060
PLACES = ((SCSCF, SCSCF_PORT), (ICSCF, ICSCF_PORT), (PCSCF, PCSCF_PORT))
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


def pcscf(folder: Path, core: Core = BY_ADDRESS) -> Running:
    """Start the P-CSCF in front of the I-CSCF."""
    _database(folder / "pcscf.db", STANDARD_SQL.read_text(), PRESENCE_SQL.read_text())
    own = ("path", "db_sqlite", "pua", "ims_usrloc_pcscf", "ims_ipsec_pcscf", "ims_registrar_pcscf")
    modules = (*kamailio_scripts.CORE, *own)
    text = kamailio_scripts.PCSCF.format(
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
    modules = (*kamailio_scripts.CORE, "db_sqlite", "cdp", "cdp_avp", "ims_icscf")
    text = kamailio_scripts.ICSCF.format(folder=folder, domain=core.domain)
    return _start(folder, "icscf", ICSCF, ICSCF_PORT, modules, text, core)


def scscf(folder: Path, algorithm: str = "MD5") -> Running:
    """Start Kamailio's own S-CSCF, in the place of ours."""
    configure_scscf(folder, algorithm, watched=False)
    return Running(command(folder, "scscf"), folder, "scscf.log")


def configure_scscf(folder: Path, algorithm: str, *, watched: bool) -> None:
    """Write what Kamailio's S-CSCF runs; `watched`: it serves the reg event package."""
    _diameter(folder, "scscf", SCSCF)
    own = ("ims_dialog", "cdp", "cdp_avp", "presence", "ims_usrloc_scscf", "ims_registrar_scscf", "ims_auth")
    modules = (*kamailio_scripts.CORE, *own)
    text = kamailio_scripts.SCSCF.format(folder=folder, domain=DOMAIN, server_name=SERVER_NAME, algorithm=algorithm)
    if watched:
        text = "#!define WATCHED\n" + text + kamailio_scripts.SCSCF_WATCHED.format()
    _configure(folder, "scscf", SCSCF, SCSCF_PORT, modules, text)


def is_at_hss(folder: Path, name: str) -> bool:
    """Tell whether a CSCF says that its own end of the connection to the HSS is open: from then on it can ask."""
    return (
        "State: I_Open" in run("kamcmd", "-s", f"unix:{folder / name / 'ctl'}", "cdp.list_peers", folder=folder).output
    )


def _start(
    folder: Path, name: str, host: str, port: int, modules: tuple[str, ...], text: str, core: Core = BY_ADDRESS
) -> Running:
    _configure(folder, name, host, port, modules, text, core)
    return Running(command(folder, name), folder, f"{name}.log")


def _configure(
    folder: Path, name: str, host: str, port: int, modules: tuple[str, ...], text: str, core: Core = BY_ADDRESS
) -> None:
    own = folder / name
    own.mkdir()
    known_as = core.domain if core is BY_ADDRESS else f"{name}.{core.domain}"
    common = kamailio_scripts.COMMON.format(host=host, port=port, name=known_as, dns=core.dns)
    control = f'modparam("ctl", "binrpc", "unix:{own}/ctl")\n'
    (own / "kamailio.cfg").write_text(common + _modules(modules) + control + text)


def command(folder: Path, name: str) -> tuple[str, ...]:
    """Return the command that runs a program whose configuration has been written."""
    binary, own = find("kamailio"), folder / name
    assert binary is not None
    return (binary, "-f", str(own / "kamailio.cfg"), "-DD", "-E", "-m", "512", "-M", "16", "-Y", str(own))


def _modules(names: tuple[str, ...]) -> str:
    return "".join(f'loadmodule "{name}.so"\n' for name in names)


def _database(file: Path, *scripts: str) -> None:
    with sqlite3.connect(file) as connection:
        for script in scripts:
            connection.executescript(script)
    connection.close()


def _diameter(folder: Path, name: str, host: str, realm: str = DOMAIN) -> None:
    peer = {"name": f"{name}.{realm}", "realm": realm, "host": host, "hss_port": HSS_PORT, "acceptor": 3870}
    (folder / f"{name}.xml").write_text(kamailio_scripts.DIAMETER.format(**peer))
