"""What an actor answers challenges with."""

from scscf.scenario.keys import ActorKeys
from scscf.ue.authorization import Password, Secret
from scscf.ue.usim import Usim


def secret_of(keys: ActorKeys) -> Secret | None:
    """Return what an actor answers challenges with; None: with nothing."""
    if keys.auth == "none":
        return None
    if keys.auth == "aka" and keys.k is not None and keys.opc is not None:
        return Usim(bytes.fromhex(keys.k), bytes.fromhex(keys.opc), int(keys.sqn, 16))
    return Password(keys.known_password or keys.password)
