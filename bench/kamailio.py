"""The same load on Kamailio's plain registrar (one worker, location table in memory), where Kamailio is installed."""

import shutil
from pathlib import Path

from bench.figures import Figure, folder, repeated
from bench.loader import Loader, expect, register
from bench.node import Node, free_port
from bench.register import refreshes, registrations

DOMAIN = "ims.test"
CONFIGURATION = """\
#!KAMAILIO
debug=0
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
dns=no
rev_dns=no
listen=udp:127.0.0.1:{port}
alias={domain}
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "hash_size", 14)
modparam("registrar", "min_expires", 60)
modparam("registrar", "default_expires", 3600)
modparam("registrar", "max_contacts", 10)
modparam("auth", "nonce_expire", 300)
request_route {{
	if (!is_method("REGISTER")) {{
		sl_send_reply("405", "Method Not Allowed");
		exit;
	}}
	if ($rU == $null && $fU =~ "^closed") {{
		if (!pv_www_authenticate("{domain}", "secret", "0")) {{
			www_challenge("{domain}", "1");
			exit;
		}}
	}}
	if (!save("location")) sl_reply_error();
}}
"""


def program() -> str | None:
    """Return where Kamailio is, None where it is not installed."""
    return shutil.which("kamailio", path="/usr/sbin:/usr/bin:/usr/local/sbin")


class Kamailio(Node):
    """Kamailio as a registrar, in two processes or more, of which one reads the socket."""

    def __init__(self, binary: str, place: Path) -> None:
        self.port = free_port()
        (place / "kamailio.cfg").write_text(CONFIGURATION.format(port=self.port, domain=DOMAIN))
        super().__init__((binary, "-f", "kamailio.cfg", "-DD", "-E", "-m", "512", "-M", "16", "-Y", str(place)), place)


def figures(messages: int, many: int) -> list[Figure]:
    """Measure it as our server is measured."""
    binary = program()
    if binary is None:
        return []
    found = []
    with folder() as place:
        node = Kamailio(binary, place)
        loader = Loader(node.port)
        try:
            loader.wait(register(loader, "nobody", 1, DOMAIN)[1])
            opened = [f"open{n:06d}" for n in range(1, 1001)]
            closed = [f"closed{n:06d}" for n in range(1, 1001)]
            values = repeated(refreshes(node, loader, opened, messages, DOMAIN))
            found.append(Figure("Kamailio: refresh REGISTER, no authentication", "us", values))
            values = repeated(registrations(node, loader, closed, messages // 2, DOMAIN))
            found.append(Figure("Kamailio: full digest registration (2 REGISTERs)", "us", values))
            before = node.resident()
            rest = (f"open{n:06d}" for n in range(1001, many + 1))
            loader.run((register(loader, one, 1, DOMAIN) for one in rest), expect(200))
            per_binding = (node.resident() - before) / (many - 1000)
            found.append(Figure(f"Kamailio: memory per binding, {many:,} bindings", "B", (per_binding,)))
        finally:
            loader.close()
            node.stop()
    return found
