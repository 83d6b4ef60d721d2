"""How long a contact may stay: what it asks for, within the limits (RFC 3261 §10.2.1.1, §10.3 step 7)."""

from typing import NamedTuple

from scscf.errors import SipError
from scscf.profile.service_profile import ExpiresLimits
from scscf.sip.address import Address
from scscf.sip.grammar import parse_delta_seconds

_MALFORMED = 3600
_NEVER_TOO_BRIEF = 3600
"""A registrar must not refuse an expiry of an hour or more (RFC 3261 §10.3 step 7)."""


class Limits(NamedTuple):
    """Seconds that one user is granted in one domain."""

    default: int
    minimum: int
    maximum: int
    non_sip: int

    def of_user(self, user: ExpiresLimits | None) -> "Limits":
        """Return these limits with a user's own in place of the domain's; what is granted by default lies within."""
        if user is None:
            return self
        minimum = self.minimum if user.minimum is None else user.minimum
        maximum = self.maximum if user.maximum is None else user.maximum
        default = self.default if user.default is None else user.default
        return self._replace(default=min(max(default, minimum), maximum), minimum=minimum, maximum=maximum)


def granted_expires(contact: Address, header: int | None, limits: Limits) -> int:
    """Return the seconds granted to one Contact, 0 to remove it; `header` is the value of Expires.

    Raises SipError(423) with Min-Expires for what is too brief.
    """
    text = contact.parameter("expires")
    if text is not None:
        asked = parse_delta_seconds(text)
        asked = _MALFORMED if asked is None else asked
    else:
        asked = header
    if not contact.uri.is_sip:
        return limits.non_sip if asked is None else min(asked, limits.non_sip)
    if asked is None:
        return limits.default
    if 0 < asked < limits.minimum and asked < _NEVER_TOO_BRIEF:
        raise SipError(423, headers=[("Min-Expires", str(limits.minimum))])
    return min(asked, limits.maximum)
