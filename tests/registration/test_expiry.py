"""What is granted to one Contact (RFC 3261 §10.2.1.1, §10.3 step 7)."""

import pytest

from scscf.errors import SipError
from scscf.profile.service_profile import ExpiresLimits
from scscf.registration.expiry import Limits, granted_expires
from scscf.sip.address import parse_address

LIMITS = Limits(3600, 60, 600000, 4294967295)


@pytest.mark.clause("RFC 3261 §10.2.1.1")
@pytest.mark.parametrize(
    ("contact", "header", "granted"),
    [
        ("<sip:a@b>", None, 3600),
        ("<sip:a@b>", 600, 600),
        ("<sip:a@b>", 0, 0),
        ("<sip:a@b>;expires=120", 600, 120),
        ("<sip:a@b>;expires=0", 600, 0),
        ("<sip:a@b>;expires=", 600, 3600),
        ("<sip:a@b>;expires=soon", 600, 3600),
        ("<sip:a@b>;expires=-1", 600, 3600),
        ("<sip:a@b>;expires=99999999999999999999", 600, 600000),
        ("<sip:a@b>", 60, 60),
        ("<sips:a@b>", 700000, 600000),
        ("<mailto:a@b>", None, 4294967295),
        ("<mailto:a@b>", 5, 5),
        ("<tel:+1>;expires=0", None, 0),
    ],
)
def test_the_seconds_granted(contact: str, header: int | None, granted: int) -> None:
    assert granted_expires(parse_address(contact), header, LIMITS) == granted


@pytest.mark.clause("RFC 3261 §21.4.17")
@pytest.mark.parametrize(
    ("minimum", "asked", "refused"),
    [(60, 59, True), (60, 1, True), (60, 0, False), (7200, 3600, False), (7200, 3599, True)],
)
def test_too_brief_is_refused_but_never_an_hour(minimum: int, asked: int, refused: bool) -> None:
    limits = LIMITS._replace(minimum=minimum)
    if not refused:
        assert granted_expires(parse_address("<sip:a@b>"), asked, limits) == asked
        return
    with pytest.raises(SipError) as error:
        granted_expires(parse_address("<sip:a@b>"), asked, limits)

    assert error.value.status == 423
    assert error.value.headers == (("Min-Expires", str(minimum)),)


@pytest.mark.clause("RFC 3261 §10.2.1.1")
def test_a_user_s_own_limits_go_before_the_domain_s() -> None:
    assert LIMITS.of_user(None) is LIMITS
    assert LIMITS.of_user(ExpiresLimits(maximum=7200)) == LIMITS._replace(maximum=7200)
    assert LIMITS.of_user(ExpiresLimits(maximum=600)) == LIMITS._replace(maximum=600, default=600)
    assert LIMITS.of_user(ExpiresLimits(minimum=7200)) == LIMITS._replace(minimum=7200, default=7200)
    assert LIMITS.of_user(ExpiresLimits(120, 90, 180)) == Limits(120, 90, 180, 4294967295)
