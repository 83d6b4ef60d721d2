"""Security-Client, Security-Server and Security-Verify: lists of security mechanisms (RFC 3329 §2.2)."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from scscf.errors import SipError
from scscf.sip.grammar import is_token, unquote
from scscf.sip.parameters import Parameters, format_parameters, parse_parameters

OPTION_TAG = "sec-agree"
"""RFC 3329 §3."""

_MOST_MECHANISMS = 32


class Mechanism(NamedTuple):
    """One security mechanism and its parameters, all as written."""

    name: str
    params: Parameters = ()

    def __str__(self) -> str:
        return f"{self.name}{format_parameters(self.params)}"

    def canonical(self) -> tuple[str, tuple[tuple[str, str | None], ...]]:
        """Return what two equal mechanisms have in common.

        Names and values count in any case, quotes and white space not at all. `d-ver` is left out: a client of the
        mechanism digest adds it to what it repeats.
        """
        params = ((name.lower(), None if value is None else unquote(value).lower()) for name, value in self.params)
        return self.name.lower(), tuple(each for each in params if each[0] != "d-ver")


def parse_mechanisms(values: Iterable[str]) -> tuple[Mechanism, ...]:
    """Parse the values of all fields of one name, comma lists already split. Raises SipError(400)."""
    found: list[Mechanism] = []
    for value in values:
        name, _, params = value.partition(";")
        name = name.strip(" \t")
        if not is_token(name) or len(found) == _MOST_MECHANISMS:
            raise SipError(400, "Bad Security Mechanism")
        found.append(Mechanism(name, parse_parameters(params)))
    return tuple(found)


def format_mechanisms(mechanisms: Iterable[Mechanism]) -> str:
    """Return the value of one field."""
    return ", ".join(str(mechanism) for mechanism in mechanisms)


def is_same(sent: Sequence[Mechanism], repeated: Sequence[Mechanism]) -> bool:
    """Tell whether Security-Verify repeats Security-Server: the same mechanisms and parameters in the same order."""
    return [each.canonical() for each in sent] == [each.canonical() for each in repeated]
