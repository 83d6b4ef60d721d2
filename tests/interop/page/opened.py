"""The page, opened: what its tests look for in it."""

from tests.interop.page.chromium import Chromium


def opened(chromium: Chromium, url: str, scheme: str = "light") -> Chromium:
    """Return the browser with the page loaded anew."""
    chromium.scheme(scheme)
    chromium.open("about:blank")
    chromium.problems()
    chromium.open(url)
    return chromium


def row(user: str) -> str:
    """Return the selector of a user's row in the list."""
    return f'.registration[title="sip:{user}@home1.test"]'


def complaints(chromium: Chromium) -> list[str]:
    """What the browser complains of, but for what is not there (yet)."""
    return [each for each in chromium.problems() if "404 (Not Found)" not in each]
