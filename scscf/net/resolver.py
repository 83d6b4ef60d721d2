"""Names into addresses to try (RFC 3263 §4): from the configuration's `hosts`, else DNS; addresses need neither."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from scscf.errors import ScscfError
from scscf.net.shell import Shell
from scscf.promise import Promise
from scscf.sip.locating import (
    Naptr,
    Place,
    Srv,
    Target,
    choose_services,
    default_transport,
    is_address,
    order_srv,
    plain_place,
    services_without_naptr,
    settled_transport,
    srv_name,
)
from scscf.sip.outbox import NextHop

_KEPT = 10_000
_KEPT_SECONDS = 60.0
_KEPT_FAILURE_SECONDS = 5.0
_MOST_TARGETS = 16


class Unresolved(ScscfError):
    """A name that no address was found for."""


class Dns(Protocol):
    """The questions asked of DNS. A name or record that does not exist is an empty list; no server, Unresolved."""

    async def naptr(self, name: str) -> list[Naptr]:
        """Return the NAPTR records of a name."""

    async def srv(self, name: str) -> list[Srv]:
        """Return the SRV records of a name."""

    async def addresses(self, name: str) -> list[str]:
        """Return the IPv4 and IPv6 addresses of a name, in the order to try."""


class Resolver:
    """Finds the targets of a next hop. `random` returns numbers in [0, 1), for the lot among SRV records.

    Answers of DNS are kept for a minute, failures for five seconds.
    """

    def __init__(self, shell: Shell, hosts: Mapping[str, str], dns: Dns | None, random: Callable[[], float]) -> None:
        self._shell = shell
        self._hosts = {name.lower().rstrip("."): address.strip("[]") for name, address in hosts.items()}
        self._dns = dns
        self._random = random
        self._kept: dict[tuple[NextHop, tuple[str, ...]], tuple[float, list[Target] | Unresolved]] = {}
        self._asking: dict[tuple[NextHop, tuple[str, ...]], Promise[list[Target]]] = {}

    def resolve(self, hop: NextHop, supported: Sequence[str]) -> list[Target] | Promise[list[Target]]:
        """Return the targets in the order to try them: at once, or a promise where DNS has to be asked.

        Raises Unresolved, or the promise fails with it.
        """
        host = hop.host.lower().rstrip(".")
        address = self._hosts.get(host) or (host if is_address(host) else None)
        if address is not None:
            transport = settled_transport(hop, supported) or default_transport(hop.sips, supported)
            place = plain_place(hop, transport)
            return [Target(transport, address, place.port, host)]
        if self._dns is None:
            raise Unresolved(f"no address for {hop.host}")
        key = (hop._replace(flow=None), tuple(supported))
        kept = self._kept.get(key)
        if kept is not None and kept[0] > self._shell.reactor.seconds():
            if isinstance(kept[1], Unresolved):
                raise kept[1]
            return kept[1]
        asking = self._asking.get(key)
        if asking is None:
            asking = Promise()
            self._asking[key] = asking
            self._shell.perform(self._ask(key, self._dns, asking))
        return asking

    async def _ask(self, key: tuple[NextHop, tuple[str, ...]], dns: Dns, asking: Promise[list[Target]]) -> None:
        found: list[Target] | Unresolved
        try:
            found = await self._locate(key[0], key[1], dns)
            if not found:
                found = Unresolved(f"no address for {key[0].host}")
        except Unresolved as error:
            found = error
        except Exception as error:
            self._shell.bug("in a look-up")
            found = Unresolved(f"no address for {key[0].host}: {error!r}")
        del self._asking[key]
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        failed = isinstance(found, Unresolved)
        self._kept[key] = (self._shell.reactor.seconds() + (_KEPT_FAILURE_SECONDS if failed else _KEPT_SECONDS), found)
        if isinstance(found, Unresolved):
            asking.fail(found)
        else:
            asking.keep(found)

    async def _locate(self, hop: NextHop, supported: Sequence[str], dns: Dns) -> list[Target]:
        transport = settled_transport(hop, supported)
        places: list[Place] = []
        if hop.port is None:
            if transport is not None:
                services = [(transport, srv_name(transport, hop.host))]
            else:
                services = choose_services(await dns.naptr(hop.host), hop.sips, supported)
                services = services or services_without_naptr(hop.host, hop.sips, supported)
            for service, name in services:
                records = order_srv(await dns.srv(name), self._random)
                places.extend(Place(service, record.target.rstrip("."), record.port) for record in records)
        if not places:
            places = [plain_place(hop, transport or default_transport(hop.sips, supported))]
        targets: list[Target] = []
        for place in places[:_MOST_TARGETS]:
            override = self._hosts.get(place.name.lower())
            addresses = [override] if override is not None else await dns.addresses(place.name)
            targets.extend(Target(place.transport, address, place.port, hop.host) for address in addresses)
        return targets[:_MOST_TARGETS]
