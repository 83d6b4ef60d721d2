"""The Date header from seconds, without asking any clock (RFC 3261 §20.17)."""

from functools import lru_cache

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=4)
def sip_date(seconds: int) -> str:
    """Return a moment, in seconds since 1970 UTC, as SIP writes it: `Sat, 13 Nov 2010 23:29:00 GMT`."""
    days, second = divmod(seconds, 86400)
    # Days are counted from 1 March of year 0, so that the leap day is the last of its year.
    shifted = days + 719468
    era, day_of_era = divmod(shifted, 146097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted_month + 2) // 5 + 1
    month = (shifted_month + 2) % 12
    year = year_of_era + era * 400 + (month < 2)
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f"{_DAYS[(days + 3) % 7]}, {day:02} {_MONTHS[month]} {year} {clock} GMT"
