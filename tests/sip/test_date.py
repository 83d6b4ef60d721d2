"""The Date header against the standard library's calendar (RFC 3261 §20.17)."""

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from random import Random

import pytest

from scscf.sip.date import sip_date


def expected(seconds: int) -> str:
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)


def test_the_rfc_s_example() -> None:
    assert sip_date(1289690940) == "Sat, 13 Nov 2010 23:29:00 GMT"


def test_every_day_of_four_hundred_years() -> None:
    for day in range(0, 146_097, 3):
        assert sip_date(day * 86400) == expected(day * 86400)


@pytest.mark.parametrize("year", [1970, 1999, 2000, 2001, 2004, 2100, 2400, 9999])
def test_the_turns_of_months_and_years(year: int) -> None:
    for month in (1, 2, 3, 12):
        first = int(datetime(year, month, 1, tzinfo=UTC).timestamp())
        for seconds in (first - 1, first, first + 28 * 86400, first + 29 * 86400 - 1):
            if seconds >= 0:
                assert sip_date(seconds) == expected(seconds)


def test_any_second() -> None:
    random = Random(20)
    for _ in range(2000):
        seconds = random.randrange(2**33)
        assert sip_date(seconds) == expected(seconds)
        assert parsedate_to_datetime(sip_date(seconds)).timestamp() == seconds
