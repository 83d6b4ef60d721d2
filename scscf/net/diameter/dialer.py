"""Connecting to Diameter peers, by address or by name."""

from collections.abc import Mapping

from scscf.net.diameter.connection import DiameterConnection
from scscf.net.diameter.pending import Remote
from scscf.net.network import Network
from scscf.net.resolver import Dns, Unresolved
from scscf.net.shell import Shell
from scscf.sip.locating import is_address

CONNECT_WITHIN = 10.0
"""Seconds that connecting may take."""


class Dialer:
    """Begins connections. `hosts` are addresses that go before what DNS says."""

    def __init__(self, shell: Shell, network: Network, hosts: Mapping[str, str], dns: Dns | None) -> None:
        self._shell = shell
        self._network = network
        self._hosts = {name.lower(): address for name, address in hosts.items()}
        self._dns = dns

    def dial(self, connection: DiameterConnection, remote: Remote) -> None:
        """Begin a connection; it hears of it where there can be none."""
        address = self._hosts.get(remote.host.lower()) or (remote.host if is_address(remote.host) else None)
        if address is not None:
            self._reach(connection, remote, address)
        else:
            self._shell.perform(self._look_up(connection, remote))

    async def _look_up(self, connection: DiameterConnection, remote: Remote) -> None:
        try:
            found = await self._dns.addresses(remote.host) if self._dns is not None else []
        except Unresolved as error:
            connection.failed(str(error))
            return
        if found:
            self._reach(connection, remote, found[0])
        else:
            connection.failed(f"no address for {remote.host}")

    def _reach(self, connection: DiameterConnection, remote: Remote, address: str) -> None:
        try:
            connection.give_up = self._network.connect(
                remote.transport, address, remote.port, remote.host, CONNECT_WITHIN, connection, remote.tls
            )
        except Exception:
            self._shell.bug("while connecting")
            connection.failed("it could not be tried")
