"""The shipped document against the running API: every call it names, with right and wrong values, by schemathesis."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from requests.adapters import BaseAdapter
from schemathesis.specs.openapi.checks import positive_data_acceptance
from urllib3 import HTTPResponse

from hss_stub.control import ROUTES as HSS_ROUTES
from hss_stub.control import SHARED
from scscf.check import openapi_documents
from scscf.control.routes import ROUTES
from tests.control.browser import Browser, Connection
from tests.control.test_notices import Endpoint
from tests.world import SUBSCRIBERS, World

SCHEMAS = Path(__file__).parents[2] / "schemas"
DOMAINS = {"domains": [{"name": "home1.test"}, {"name": "fabrikam.test", "dialect": "siprege"}]}
EVE = """
  - private_identities: [{id: eve@fabrikam.test, auth: {scheme: none}}]
    implicit_sets: [["sip:eve@fabrikam.test"]]
"""
SECONDS = 1601
"""Longer than any answer may be held, and two users take to leave at the slowest rate."""


class Wire(BaseAdapter):
    """Carries requests of a session to a world that is made anew for each, and lets time pass until it answers."""

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        world = World(DOMAINS, SUBSCRIBERS + EVE)
        assert Endpoint(world, "127.0.0.7", 5072, "eve", "fabrikam.test").arrive() == 200
        assert world.client(username="phone@home1.test").register().status == 200
        watcher = world.client("127.0.0.4", 5060)
        assert watcher.subscribe(P_Asserted_Identity="<sip:tobias@home1.test>").status == 200
        _, name = world.node.notifier.subscriptions
        target = urlsplit(request.url or "")
        path = re.sub(r"^/v1/subscriptions/live(?=/|$)", f"/v1/subscriptions/{name}", target.path)
        body = request.body or b""
        octets = body.encode() if isinstance(body, str) else body
        headers = {"Host": "127.0.0.1:8060", **request.headers, "Content-Length": str(len(octets))}
        connection = Connection(Browser(world))
        lines = [f"{request.method} {path}{f'?{target.query}' if target.query else ''} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in headers.items() if name.lower() != "transfer-encoding"]
        connection.send("\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + octets)
        data = connection.received()
        if not data:
            world.run(SECONDS)
            data = connection.received()
        connection.close()
        world.run(0)
        return _response(request, data)

    def close(self) -> None:
        pass


def _response(request: requests.PreparedRequest, data: bytes) -> requests.Response:
    head, _, body = data.partition(b"\r\n\r\n")
    first, *fields = head.decode("latin-1").split("\r\n")
    response = requests.Response()
    response.status_code = int(first.split()[1])
    response.reason = first.split(" ", 2)[2]
    pairs = [field.partition(": ")[::2] for field in fields]
    response.headers.update(pairs)
    response.raw = HTTPResponse(io.BytesIO(body), headers=pairs, status=response.status_code, preload_content=False)
    response.request = request
    response.url = request.url or ""
    return response


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.mount("http://127.0.0.1:8060", Wire())
        yield session


def document(name: str = "openapi.json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(openapi_documents()[name])
    return found


@pytest.mark.parametrize("name", ["openapi.json", "hss-openapi.json"])
def test_the_shipped_document_is_current(name: str) -> None:
    """`python -m scscf.check schemas` writes it."""
    assert (SCHEMAS / name).read_text(encoding="utf-8") == openapi_documents()[name]


def test_every_route_is_in_the_document_and_nothing_else() -> None:
    named = {(method.upper(), path) for path, methods in document()["paths"].items() for method in methods}
    of_hss = {
        (method.upper(), path) for path, methods in document("hss-openapi.json")["paths"].items() for method in methods
    }

    served = {(route.method, route.path) for route in (*ROUTES, *SHARED)}
    assert named == served | {("GET", "/v1/events"), ("GET", "/openapi.json")}
    assert of_hss == {(route.method, route.path) for route in HSS_ROUTES} | {("GET", "/openapi.json")}


@pytest.mark.parametrize("name", ["openapi.json", "hss-openapi.json"])
def test_every_operation_says_what_it_does(name: str) -> None:
    operations = [operation for methods in document(name)["paths"].values() for operation in methods.values()]

    assert all(operation["summary"] for operation in operations)
    assert len({operation["operationId"] for operation in operations}) == len(operations)


def a_document() -> dict[str, Any]:
    """Return the document, its variables narrowed down to some that are there and some that are not."""
    narrowed = document()
    aors = ["sip:tobias@home1.test", "tel:+44123456789", "sip:dave@home1.test", "foo"]
    values = {
        "aor": aors,
        "id": ["live", "none"],
        "impi": ["phone@home1.test", "nobody@home1.test"],
        "command": ["MAR", "RTR", "nothing"],
        "name": ["a-rule", "none", "no rule"],
        "quirk": ["aor-aor", "nothing"],
    }
    for methods in narrowed["paths"].values():
        for operation in methods.values():
            for parameter in operation["parameters"]:
                if parameter["in"] == "path":
                    parameter["schema"] = {"enum": values[parameter["name"]]}
    shapes = narrowed["components"]["schemas"]
    aors = [*aors[:3], "sip:eve@fabrikam.test"]
    for name in ("Deregistration", "Reauthentication", "UserServices"):
        shapes[name]["properties"]["aor"]["anyOf"][0] = {"enum": aors, "type": "string"}
        if name != "UserServices":
            shapes[name]["properties"]["contact"] = {"enum": [None]}
    return narrowed


schema = schemathesis.openapi.from_dict(a_document())
schema.config.base_url = "http://127.0.0.1:8060"


@schema.exclude(path="/v1/events").parametrize()
@settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_running_api_is_as_the_document_says(case: schemathesis.Case, session: requests.Session) -> None:
    """Right values may still be refused: which keys go together is more than the schema says."""
    case.call_and_validate(session=session, excluded_checks=[positive_data_acceptance])
