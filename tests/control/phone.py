"""A node at which a phone of Tobias is registered, and who watches it."""

from urllib.parse import quote

from tests.control.browser import Browser
from tests.world import Client, World

TOBIAS = "sip:tobias@home1.test"
TEL = "tel:+44123456789"
GAMES = "sip:gameMaster@home1.test"
RANGE = """
subscriptions:
  - range: [1, 7]
    private_identities: [{id: "u{n}@home1.test", auth: {scheme: none}}]
    implicit_sets: [["sip:u{n}@home1.test"]]
"""


def at(aor: str, query: str = "") -> str:
    return f"/v1/registrations/{quote(aor, safe='')}{query}"


def a_world() -> tuple[World, Browser, Client]:
    """Return a node at which a phone is registered."""
    world = World({"domains": [{"name": "home1.test", "aliases": ["ss2.home1.test"]}]})
    phone = world.client(username="phone@home1.test")
    assert phone.register().status == 200
    return world, Browser(world), phone


def a_watcher(world: World, port: int = 5060) -> Client:
    watcher = world.client("127.0.0.4", port)
    assert watcher.subscribe(P_Asserted_Identity=f"<{TOBIAS}>").status == 200
    return watcher
