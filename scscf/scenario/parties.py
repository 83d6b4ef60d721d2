"""Who is who on the wire: addresses and contact URIs by the names of the participants."""

import re
from collections.abc import Iterable

from scscf.capture.recording import Address, Participant

_CONTROL = re.compile(r"[^\x20-\x7e\xa1-\ud7ff\ue000-\ufffd]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_HOST = re.compile(
    r"^[a-z][a-z0-9+.-]*:(?://)?(?:[^@/]*@)?(\[[0-9A-Fa-f:.]+\]|[^:;?>\[\]/]+)(?::(\d{1,5}))?", re.IGNORECASE
)


def printable(text: str) -> str:
    """Return text that came over the wire in one line, without what would move a terminal's cursor."""
    return _CONTROL.sub("\ufffd", text.replace("\t", " "))


def shown_address(address: Address) -> str:
    """Return `host:port`, IPv6 in brackets."""
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Parties:
    """The participants of a recording by their addresses.

    A port that nobody named belongs to the only participant at its host: a stream leaves from a port of its own.
    """

    def __init__(self, participants: Iterable[Participant]) -> None:
        self._exact: dict[Address, str] = {}
        self._hosts: dict[str, set[str]] = {}
        self.names = []
        """Names of the participants, in their order."""
        for participant in participants:
            name = printable(participant.name)
            self.names.append(name)
            for host, port in participant.addresses:
                self._exact.setdefault((host, port), name)
                self._hosts.setdefault(host, set()).add(name)

    def known(self, address: Address) -> str | None:
        """Return the name of whoever has the address, None where nobody is known to."""
        name = self._exact.get(address)
        if name is None:
            there = self._hosts.get(address[0], ())
            name = next(iter(there)) if len(there) == 1 else None
        return name

    def name(self, address: Address) -> str:
        """Return the name of whoever has the address, or the address."""
        return self.known(address) or printable(shown_address(address))

    def contact(self, uri: str) -> str:
        """Return the name of whoever a contact URI leads to, or the URI without its scheme and parameters."""
        match = _HOST.match(uri)
        if match is not None:
            host, port = match.group(1).strip("[]"), int(match.group(2) or 5060)
            name = self._exact.get((host, port))
            if name is not None:
                return name
        return printable(uri.partition(";")[0].partition("?")[0].removeprefix("sip:"))
