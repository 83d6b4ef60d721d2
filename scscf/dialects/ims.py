"""The home network's S-CSCF: TS 24.229 §5.4.1."""

from scscf.dialects.charging import charging_headers
from scscf.dialects.dialect import Dialect, Headers, Registered
from scscf.profile.service_profile import ImplicitSet
from scscf.regevent.package import REG
from scscf.sip.grammar import is_token, quote


def _decorate(registered: Registered) -> Headers:
    """Return Path; Service-Route, P-Associated-URI, Feature-Caps for a user who stays registered; charging headers.

    TS 24.229 §5.4.1.2.2F.
    """
    headers = [("Path", value) for value in registered.path] if registered.path else []
    if registered.implicit_set:
        headers += [("Service-Route", value) for value in registered.service_route]
        associated = associated_uris(registered.implicit_set)
        if associated:
            headers.append(("P-Associated-URI", associated))
        if registered.feature_caps:
            headers += [("Feature-Caps", value) for value in registered.feature_caps]
    if registered.trusted:
        headers += charging_headers(registered)
    return headers


def associated_uris(implicit_set: ImplicitSet) -> str:
    """Return P-Associated-URI: every identity that is not barred, the default one first (RFC 7315 §4.1)."""
    return ", ".join(
        [
            f"{_display_name(identity.display_name)}<{identity.uri}>" if identity.display_name else f"<{identity.uri}>"
            for identity in implicit_set
            if not identity.barred and not identity.wildcarded
        ]
    )


def _display_name(name: str) -> str:
    return f"{name} " if is_token(name) else f"{quote(name)} "


IMS = Dialect(
    "ims",
    True,
    _decorate,
    REG,
    private_headers=True,
    filter_criteria=True,
    replaces_contacts=True,
    emergency=True,
)
