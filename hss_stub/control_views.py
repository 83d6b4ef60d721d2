"""What the HSS has, as its API shows it: no secret is among it."""

from hss_stub.control_shapes import FaultView, PushView, SubscriberView
from hss_stub.entry import Aka, Digest, Ntlm
from hss_stub.faults import Command, Scripted
from hss_stub.procedures import HssProcedures
from hss_stub.pushes import Push
from hss_stub.subscriber import Subscriber
from scscf.cx import PushProfile, RegistrationTerminationAnswer, Result
from scscf.profile.service_profile import ChargingFunctions

_SCHEMES: dict[type, str] = {Aka: "aka", Digest: "digest", Ntlm: "ntlm", type(None): "none"}


def subscriber_view(core: HssProcedures, subscriber: Subscriber, server: str | None) -> SubscriberView:
    """Return a private identity; of its secrets only the sequence number."""
    profile, auth = subscriber.profile, subscriber.auth
    impi = profile.private_identity
    sqn = core.sqn(impi)
    charging = profile.charging or ChargingFunctions()
    return {
        "impi": impi,
        "subscription": profile.subscription,
        "auth": {
            "scheme": _SCHEMES[type(auth)],
            "algorithms": _algorithms(auth),
            "username": subscriber.username,
            "domain": auth.domain.text(subscriber.n) if isinstance(auth, Ntlm) and auth.domain else None,
            "sqn": None if sqn is None else f"{sqn:012x}",
        },
        "implicit_sets": [
            {
                "state": core.registration_state(impi, row[0].uri).value,
                "identities": [
                    {
                        "id": identity.uri,
                        "barred": identity.barred,
                        "display_name": identity.display_name,
                        "wildcarded": identity.wildcarded,
                        "service_profile": identity.service_profile.name if identity.service_profile else None,
                    }
                    for identity in row
                ],
            }
            for row in profile.sets
        ],
        "roaming": None if subscriber.roaming is None else list(subscriber.roaming),
        "ccf": list(charging.ccf),
        "ecf": list(charging.ecf),
        "server": server,
    }


def _algorithms(auth: Digest | Ntlm | Aka | None) -> list[str]:
    if isinstance(auth, Digest):
        return list(auth.algorithms)
    return [auth.algorithm] if isinstance(auth, Aka) else []


def fault_view(command: Command, scripted: Scripted) -> FaultView:
    """Return a fault that is set."""
    fault = scripted.fault
    return {
        "command": command.value,
        "result_code": fault.result.name if fault.result is not None else None,
        "delay": fault.delay,
        "silent": fault.silent,
        "disconnect": fault.disconnect,
        "executed": fault.executed,
        "corrupt": fault.corrupt.value if fault.corrupt is not None else None,
        "sqn": fault.sqn,
        "after": fault.after,
        "count": fault.times,
        "impi": fault.impi,
        "seen": scripted.seen,
        "hits": scripted.hits,
    }


def push_view(push: Push, answer: RegistrationTerminationAnswer | Result) -> PushView:
    """Return an RTR or PPR and what the S-CSCF answered."""
    request = push.request
    result = answer if isinstance(answer, Result) else answer.result
    of_profile = isinstance(request, PushProfile)
    return {
        "command": "PPR" if of_profile else "RTR",
        "impi": request.private_identity,
        "impus": [] if isinstance(request, PushProfile) else list(request.public_identities),
        "server": push.server_name,
        "result": result.name,
        "associated": [] if isinstance(answer, Result) else list(answer.associated),
        "emergency": [] if isinstance(answer, Result) else [public for _, public in answer.emergency],
    }
