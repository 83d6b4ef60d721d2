"""What each torture message of RFC 4475 and RFC 5118 has to come to, as data that several tests share."""

from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parent.parent / "data"

FIT = 0
DROP = -1


class Torture(NamedTuple):
    section: str
    file: str
    checked: tuple[int, ...]
    """What the message layer may say: FIT (any method may judge it), DROP (a response that is not used) or a status."""
    registrar: tuple[int, ...]
    """Final statuses that a registrar and proxy may answer with, nobody being registered; (DROP,) for nothing at all.

    A test against a whole node maps its home domain to example.com first. A user of that domain who sends to another
    host is a caller whose request is sent there; where nothing can be reached there, that makes 500.
    """

    @property
    def octets(self) -> bytes:
        return (DATA / self.file).read_bytes()


_INVITE = (403, 404, 480)
_OPTIONS = (404, 480)
_ELSEWHERE = (404, 500)
_REGISTER = (200, 401)

RFC4475 = (
    Torture("3.1.1.1", "rfc4475/wsinv.dat", (FIT,), _INVITE),
    Torture("3.1.1.2", "rfc4475/intmeth.dat", (FIT,), (403, 404)),
    Torture("3.1.1.3", "rfc4475/esc01.dat", (FIT,), _INVITE),
    Torture("3.1.1.4", "rfc4475/escnull.dat", (FIT,), _REGISTER),
    Torture("3.1.1.5", "rfc4475/esc02.dat", (FIT,), (403, 404)),
    Torture("3.1.1.6", "rfc4475/lwsdisp.dat", (FIT,), _OPTIONS),
    Torture("3.1.1.7", "rfc4475/longreq.dat", (FIT,), _INVITE),
    Torture("3.1.1.8", "rfc4475/dblreq.dat", (FIT,), _REGISTER),
    Torture("3.1.1.9", "rfc4475/semiuri.dat", (FIT,), _OPTIONS),
    Torture("3.1.1.10", "rfc4475/transports.dat", (FIT,), _OPTIONS),
    Torture("3.1.1.11", "rfc4475/mpart01.dat", (FIT,), _INVITE),
    Torture("3.1.1.12", "rfc4475/unreason.dat", (FIT,), (DROP,)),
    Torture("3.1.1.13", "rfc4475/noreason.dat", (FIT,), (DROP,)),
    Torture("3.1.2.1", "rfc4475/badinv01.dat", (400,), (400,)),
    Torture("3.1.2.2", "rfc4475/clerr.dat", (400,), (400,)),
    Torture("3.1.2.3", "rfc4475/ncl.dat", (400,), (400,)),
    Torture("3.1.2.4", "rfc4475/scalar02.dat", (400,), (400,)),
    Torture("3.1.2.5", "rfc4475/scalarlg.dat", (DROP,), (DROP,)),
    Torture("3.1.2.6", "rfc4475/quotbal.dat", (400,), (400,)),
    Torture("3.1.2.7", "rfc4475/ltgtruri.dat", (400,), (400,)),
    Torture("3.1.2.8", "rfc4475/lwsruri.dat", (400,), (400,)),
    Torture("3.1.2.9", "rfc4475/lwsstart.dat", (400,), (400,)),
    Torture("3.1.2.10", "rfc4475/trws.dat", (400,), (400,)),
    Torture("3.1.2.11", "rfc4475/escruri.dat", (400,), (400,)),
    Torture("3.1.2.12", "rfc4475/baddate.dat", (FIT,), (400, *_INVITE)),
    Torture("3.1.2.13", "rfc4475/regbadct.dat", (400,), (400,)),
    Torture("3.1.2.14", "rfc4475/badaspec.dat", (400,), (400,)),
    Torture("3.1.2.15", "rfc4475/baddn.dat", (400,), (400,)),
    Torture("3.1.2.16", "rfc4475/badvers.dat", (505,), (505,)),
    Torture("3.1.2.17", "rfc4475/mismatch01.dat", (400,), (400,)),
    Torture("3.1.2.18", "rfc4475/mismatch02.dat", (400,), (400, 501)),
    Torture("3.1.2.19", "rfc4475/bigcode.dat", (DROP,), (DROP,)),
    Torture("3.2.1", "rfc4475/badbranch.dat", (400,), (400, 200)),
    Torture("3.3.1", "rfc4475/insuf.dat", (400,), (400,)),
    Torture("3.3.2", "rfc4475/unkscm.dat", (416,), (416,)),
    Torture("3.3.3", "rfc4475/novelsc.dat", (416,), (416,)),
    Torture("3.3.4", "rfc4475/unksm2.dat", (FIT,), (400,)),
    Torture("3.3.5", "rfc4475/bext01.dat", (FIT,), (420,)),
    Torture("3.3.6", "rfc4475/invut.dat", (FIT,), (415, *_INVITE)),
    Torture("3.3.7", "rfc4475/regaut01.dat", (FIT,), _REGISTER),
    Torture("3.3.8", "rfc4475/multi01.dat", (400,), (400,)),
    Torture("3.3.9", "rfc4475/mcl01.dat", (400,), (400,)),
    Torture("3.3.10", "rfc4475/bcast.dat", (DROP,), (DROP,)),
    Torture("3.3.11", "rfc4475/zeromf.dat", (FIT,), (200, 404, 483)),
    Torture("3.3.12", "rfc4475/cparam01.dat", (FIT,), _REGISTER),
    Torture("3.3.13", "rfc4475/cparam02.dat", (FIT,), _REGISTER),
    Torture("3.3.14", "rfc4475/regescrt.dat", (FIT,), _REGISTER),
    Torture("3.3.15", "rfc4475/sdp01.dat", (FIT,), (406, 400, *_INVITE)),
    Torture("3.4.1", "rfc4475/inv2543.dat", (FIT,), _INVITE),
)

RFC5118 = (
    Torture("4.1", "rfc5118/ipv6-good.dat", (FIT,), (200, 401, 404)),
    Torture("4.2", "rfc5118/ipv6-bad.dat", (400,), (400,)),
    Torture("4.3", "rfc5118/port-ambiguous.dat", (FIT,), (200, 401, 404)),
    Torture("4.4", "rfc5118/port-unambiguous.dat", (FIT,), (200, 401, 404)),
    Torture("4.5", "rfc5118/via-received-param-with-delim.dat", (FIT,), (481, 404, 405, 501)),
    Torture("4.5", "rfc5118/via-received-param-no-delim.dat", (FIT,), _ELSEWHERE),
    Torture("4.6", "rfc5118/ipv6-in-sdp.dat", (FIT,), _ELSEWHERE),
    Torture("4.7", "rfc5118/mult-ip-in-header.dat", (FIT,), (481, 404, 405, 501)),
    Torture("4.8", "rfc5118/mult-ip-in-sdp.dat", (FIT,), _ELSEWHERE),
    Torture("4.9", "rfc5118/ipv4-mapped-ipv6.dat", (FIT,), _INVITE),
    Torture("4.10", "rfc5118/ipv6-bug-abnf-3-colons.dat", (FIT,), _ELSEWHERE),
    Torture("4.10", "rfc5118/ipv6-correct-abnf-2-colons.dat", (FIT,), _ELSEWHERE),
)

ALL = RFC4475 + RFC5118
