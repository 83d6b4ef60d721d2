"""An actor that is one of Microsoft's endpoints, as its keys have it."""

from collections.abc import Iterable

from scscf.auth import ntlm
from scscf.scenario.keys import ActorKeys
from scscf.scenario.outcome import NotRunnable
from scscf.scenario.secret import secret_of
from scscf.ue.authorization import Authorizer
from scscf.ue.endpoint import Endpoint
from scscf.ue.identity import Identity
from scscf.ue.ntlm_authorizer import NtlmAuthorizer
from scscf.ue.user_agent import UserAgent


def check_extra(actors: Iterable[ActorKeys]) -> None:
    """Raise NotRunnable where one of them is to prove itself by NTLM and the extra is not installed."""
    if any(keys.auth == "ntlm" for keys in actors) and not ntlm.is_available():
        raise NotRunnable("NTLM needs pyspnego: install the extra siprege")


def endpoint_of(keys: ActorKeys, agent: UserAgent, identity: Identity, cnonce: str) -> Endpoint:
    """Return the endpoint. Raises NtlmError where it is to prove itself by NTLM and the extra is not installed."""
    endpoint = Endpoint(
        agent,
        identity,
        _authorizer(keys, agent, identity, cnonce),
        epid=keys.epid,
        instance=keys.instance,
        survivable=keys.survivable,
        keeps_alive=keys.keep_alive,
        branch=keys.branch,
        named=keys.named and "named" in keys.model_fields_set,
    )
    if keys.contact is not None:
        endpoint.contact = keys.contact if "<" in keys.contact else f"<{keys.contact}>"
    endpoint.contact += keys.contact_params
    return endpoint


def _authorizer(keys: ActorKeys, agent: UserAgent, identity: Identity, cnonce: str) -> Authorizer:
    if keys.auth != "ntlm":
        return Authorizer(identity.private_identity, identity.domain, secret_of(keys), cnonce)
    user = keys.user if keys.user is not None else identity.private_identity.partition("@")[0]
    return NtlmAuthorizer(user, keys.domain, keys.known_password or keys.password, agent.identifiers, agent.now)
