"""A mobile network's own names: the IMS home domain of a PLMN, and what it names an S-CSCF there (TS 23.003 §13.2)."""

import re
from collections.abc import Mapping

from scscf.config.listen import parse_listen

DEFAULT_PORT = 6060
"""Where the S-CSCF of a PLMN listens that does not say: beside the P-CSCF and the I-CSCF of the same machine."""

_PLMN = re.compile(r"([0-9]{3})-?([0-9]{2,3})")


def ims_domain(plmn: str) -> str:
    """Return `ims.mncNNN.mccNNN.3gppnetwork.org` for `MCC-MNC`. Raises ValueError for what is no PLMN."""
    found = _PLMN.fullmatch(plmn)
    if found is None:
        raise ValueError(f"{plmn[:100]}: must be MCC-MNC, like 001-01")
    mcc, mnc = found.groups()
    return f"ims.mnc{mnc:0>3}.mcc{mcc}.3gppnetwork.org"


def in_plmn(data: Mapping[str, object], plmn: str) -> dict[str, object]:
    """Return a configuration file's content as that of a PLMN's S-CSCF. Raises ValueError for what is no PLMN.

    The home domain is the PLMN's; the server name, and the listeners where there are none, are if they are not written.
    """
    home = ims_domain(plmn)
    data = {key: value for key, value in data.items() if key not in ("domains", "home_domain")} | {"home_domain": home}
    listen = data.setdefault("listen", [f"{transport}://127.0.0.1:{DEFAULT_PORT}" for transport in ("udp", "tcp")])
    data.setdefault("server_name", f"sip:scscf.{home}:{_port(listen)}")
    return data


def _port(listen: object) -> int:
    """Return the port that the world sees of the first listener."""
    try:
        first = parse_listen(listen[0] if isinstance(listen, list) else "")
    except (ValueError, IndexError, TypeError, AttributeError):
        return DEFAULT_PORT
    return first.advertise_port or first.port or DEFAULT_PORT
