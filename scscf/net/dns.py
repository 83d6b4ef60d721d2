"""DNS by twisted.names, as the resolver asks for it."""

# mypy: allow-untyped-calls

from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as QueryTimeout
from twisted.internet.error import ConnectError
from twisted.names import client, dns
from twisted.names.error import DomainError, ResolverError

from scscf.net.resolver import Unresolved
from scscf.sip.locating import Naptr, Srv

_TIMEOUTS = (1, 3)
_RESOLV_CONF = Path("/etc/resolv.conf")


def system_servers(path: Path = _RESOLV_CONF) -> list[tuple[str, int]]:
    """Return the name servers of resolv.conf(5), port 53; [] where it cannot be read."""
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    words = [line.split() for line in lines]
    return [(line[1], 53) for line in words if len(line) > 1 and line[0] == "nameserver"]


class TwistedDns:
    """Asks these name servers (address, port); `ipv6` says whether IPv6 addresses are of use."""

    def __init__(self, reactor: Any, servers: Sequence[tuple[str, int]], ipv6: bool) -> None:
        self._resolver = client.Resolver(servers=list(servers), timeout=_TIMEOUTS, reactor=reactor) if servers else None
        self._ipv6 = ipv6

    async def naptr(self, name: str) -> list[Naptr]:
        """Return the NAPTR records of a name."""
        return [
            Naptr(
                payload.order,
                payload.preference,
                payload.flags.string.decode("ascii", "replace"),
                payload.service.string.decode("ascii", "replace"),
                _text(payload.replacement),
            )
            for payload in await self._ask("lookupNamingAuthorityPointer", name, dns.NAPTR)
        ]

    async def srv(self, name: str) -> list[Srv]:
        """Return the SRV records of a name."""
        return [
            Srv(payload.priority, payload.weight, payload.port, _text(payload.target))
            for payload in await self._ask("lookupService", name, dns.SRV)
        ]

    async def addresses(self, name: str) -> list[str]:
        """Return the IPv4 and IPv6 addresses of a name."""
        found = [payload.dottedQuad() for payload in await self._ask("lookupAddress", name, dns.A)]
        if self._ipv6:
            payloads = await self._ask("lookupIPV6Address", name, dns.AAAA)
            found.extend(str(ip_address(payload.address)) for payload in payloads)
        return found

    async def _ask(self, question: str, name: str, kind: int) -> list[Any]:
        if self._resolver is None:
            raise Unresolved(f"no name server to ask for {name}")
        deferred: Deferred[Any] = getattr(self._resolver, question)(name)
        try:
            answers, _, _ = await deferred
        except (QueryTimeout, ConnectError, TimeoutError, OSError) as error:
            raise Unresolved(f"no answer from DNS for {name}: {error}") from None
        except (DomainError, ResolverError):
            return []
        return [record.payload for record in answers if record.type == kind]


def _text(name: Any) -> str:
    return str(name.name.decode("ascii", "replace")).rstrip(".")
