"""The S-CSCF as a Diameter node: its peers, the questions that it asks them, and the requests that it serves."""

from collections.abc import Callable, Mapping
from random import Random

from scscf.config import Diameter, Listen
from scscf.cx import HssListener
from scscf.diameter.identity import Identity
from scscf.net.cx_client import CxClient, Known
from scscf.net.cx_server import CxServer
from scscf.net.diameter import DiameterNode, Remote
from scscf.net.diameter.connection import Trace
from scscf.net.network import Network
from scscf.net.resolver import Dns
from scscf.net.shell import Shell
from scscf.profile.service_profile import ImplicitSet, UserProfile
from scscf.registration.store import Store


class Registered:
    """What a store knows of the S-CSCF's users: implements scscf.net.cx_client.Known."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store

    async def profile_of(self, private_identity: str) -> UserProfile | None:
        """Return the profile that a private identity is registered with."""
        record = await self._store().find_device(private_identity)
        device = None if record is None else record.device(private_identity)
        return None if device is None else device.profile

    async def subscription_of(self, implicit_set: ImplicitSet) -> str | None:
        """Return the subscription that already has one of these identities registered."""
        for identity in implicit_set:
            record = await self._store().find(identity.uri)
            if record is not None:
                return record.name
        return None


class CxNode:
    """Cx over Diameter, put together from the configuration. `client` is what the procedures ask."""

    def __init__(
        self,
        config: Diameter,
        shell: Shell,
        network: Network,
        random_bytes: Callable[[int], bytes],
        *,
        server_name: Callable[[], str],
        users: Known,
        hosts: Mapping[str, str],
        dns: Dns | None,
    ) -> None:
        addresses = tuple(listen.host for listen in config.listen) or (
            network.own_address(any(":" in peer.host for peer in config.peers)),
        )
        identity = Identity(config.origin_host, config.origin_realm, addresses, origin_state_id=int(shell.now()))
        self.server = CxServer(identity, shell.perform)
        self.diameter = DiameterNode(
            shell,
            network,
            identity,
            [_remote(peer) for peer in config.peers],
            config.listen,
            self.server.serve,
            Random(random_bytes(8)).random,  # noqa: S311  # jitter and first numbers are no secret
            timeout=config.timeout,
            watchdog=config.watchdog,
            hosts=hosts,
            dns=dns,
        )
        self.client = CxClient(
            self.diameter,
            identity,
            config.destination_realm,
            config.destination_host,
            server_name,
            users,
            int.from_bytes(random_bytes(4)),
        )

    def listen_to(self, listener: HssListener) -> None:
        """Have what the HSS says unasked done by `listener`."""
        self.server.listener = listener

    def trace(self, told: Trace | None) -> None:
        """Tell `told` of every message of connections from now on; None: of none."""
        self.diameter.trace = told


def _remote(peer: Listen) -> Remote:
    return Remote(peer.transport, peer.host, peer.port, peer if peer.transport == "tls" else None)
