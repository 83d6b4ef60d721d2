"""Charging headers of the 200 to a REGISTER, for a P-CSCF of the trust domain (RFC 7315 §4.5, §4.6)."""

from scscf.dialects.dialect import Headers, Registered
from scscf.errors import SipError
from scscf.profile.service_profile import ChargingFunctions
from scscf.sip.grammar import is_token, quote, unquote
from scscf.sip.parameters import format_parameters, parse_parameters


def charging_headers(registered: Registered) -> Headers:
    """Return P-Charging-Vector and P-Charging-Function-Addresses, as far as there is something to say."""
    headers: Headers = []
    vector = registered.request.get("p-charging-vector")
    if vector is not None:
        answered = answered_vector(vector, registered.home_domain)
        if answered is not None:
            headers.append(("P-Charging-Vector", answered))
    if registered.charging is not None and not _is_visited(registered):
        headers += function_addresses(registered.charging)
    return headers


def function_addresses(charging: ChargingFunctions) -> Headers:
    """Return P-Charging-Function-Addresses (RFC 7315 §4.5): nothing where there are no such functions."""
    addresses = [*_addresses("ccf", charging.ccf), *_addresses("ecf", charging.ecf)]
    return [("P-Charging-Function-Addresses", "; ".join(addresses))] if addresses else []


def answered_vector(vector: str, home_domain: str) -> str | None:
    """Return the P-Charging-Vector of an answer: the request's with our own term-ioi, None for a malformed one."""
    try:
        params = parse_parameters(vector)
    except SipError:
        return None
    kept = tuple([pair for pair in params if pair[0].lower() != "term-ioi"])
    if not any(name.lower() == "icid-value" for name, _value in kept):
        return None
    return format_parameters((*kept, ("term-ioi", home_domain)))[1:]


def _is_visited(registered: Registered) -> bool:
    """Tell whether the P-CSCF is in another network: charging functions are told within the home network only."""
    visited = registered.request.get("p-visited-network-id")
    if visited is None:
        return False
    name = visited.partition(";")[0].strip()
    return (unquote(name) if name[:1] == '"' else name).lower() != registered.home_domain


def _addresses(name: str, places: tuple[str, ...]) -> list[str]:
    """Return `ccf=...`, and `ccf-2=...` for one to go to where the first does not answer (RFC 7315 §5.5)."""
    return [
        f"{name}{'' if index == 1 else f'-{index}'}={place if is_token(place) else quote(place)}"
        for index, place in enumerate(places[:2], 1)
    ]
