import re
from configparser import ConfigParser
from fnmatch import fnmatch
from pathlib import Path

import pytest

from scscf.control.api import Api
from scscf.control.http import ControlResource
from scscf.control.live_page import POLICY, TYPES, LivePage, shipped_page
from scscf.control.route import Served
from scscf.control.routes import ROUTES
from tests.control.browser import Browser
from tests.world import World

TOP = Path(__file__).parent.parent.parent
FOLDER = TOP / "scscf" / "control" / "page"
NAMES = sorted(path.name for path in FOLDER.iterdir())
PAGE = shipped_page()


def browser(token: str | None = None, page: LivePage = PAGE) -> Browser:
    world = World()
    api = Api(world.node, "1.2.3", None, list)
    resource = ControlResource((Served(api, ROUTES),), world.scscf.shell.perform, token, streams=world.node, page=page)
    return Browser(world, resource=resource)


@pytest.fixture(scope="module")
def client() -> Browser:
    return browser()


def test_the_page_is_at_the_root_with_its_types(client: Browser) -> None:
    root = client.get("/")
    assert root.status == 200
    assert root.headers["Content-Type"] == "text/html; charset=utf-8"
    assert root.text == (FOLDER / "index.html").read_text("utf-8")
    types = {name: client.get(f"/page/{name}").headers["Content-Type"] for name in NAMES if name != "index.html"}
    assert types["page.js"] == "text/javascript; charset=utf-8"
    assert types["layout.css"] == "text/css; charset=utf-8"
    assert types["icon.svg"] == "image/svg+xml"
    assert set(types.values()) <= set(TYPES.values())


def test_every_file_is_sent_under_a_strict_policy(client: Browser) -> None:
    for path in PAGE.paths:
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"] == POLICY
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-cache"
    assert "'unsafe" not in POLICY
    assert "default-src 'none'" in POLICY
    assert "*" not in POLICY
    assert "http" not in POLICY


def test_a_file_that_the_browser_has_is_not_sent_again(client: Browser) -> None:
    first = client.get("/page/page.js")
    etag = first.headers["ETag"]

    again = client.get("/page/page.js", If_None_Match=etag)

    assert (again.status, again.text, again.headers["ETag"]) == (304, "", etag)
    assert client.get("/page/page.js", If_None_Match='"another"').status == 200
    changed = browser(page=LivePage({"page.js": b"other"})).get("/page/page.js", If_None_Match=etag)
    assert (changed.status, changed.text) == (200, "other")


def test_head_has_the_length_and_no_body(client: Browser) -> None:
    reply = client.call("HEAD", "/")

    assert (reply.status, reply.text) == (200, "")
    assert reply.headers["Content-Length"] == str((FOLDER / "index.html").stat().st_size)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_a_file_is_only_read(client: Browser, method: str) -> None:
    reply = client.call(method, "/page/page.js")

    assert (reply.status, reply.json["error"]["code"], reply.headers["Allow"]) == (405, "method", "GET, HEAD")


@pytest.mark.parametrize(
    "path",
    [
        *("/page", "/page/", "/page/nothing.js", "/page/index.html", "/index.html", "/page/page.js/", "//page/page.js"),
        *("/page/../http.py", "/page/../../service.py", "/page/%2e%2e/http.py", "/page/..%2fhttp.py", "/page/.%00.js"),
        *(
            "/page/..\\http.py",
            "/page//etc/passwd",
            "/page/./page.js",
            "/page/page.js%00",
            "/page/PAGE.JS",
            "/page/page%2ejs",
        ),
    ],
)
def test_nothing_but_the_files_of_the_page_is_there(client: Browser, path: str) -> None:
    reply = client.get(path)

    assert (reply.status, reply.json["error"]["code"]) == (404, "no_such_path")


def test_a_query_does_not_matter(client: Browser) -> None:
    assert client.get("/page/page.js?v=2").status == 200


def test_the_files_need_no_token_and_what_they_show_does() -> None:
    client = browser(token="sesame")

    assert client.get("/").status == 200
    assert client.get("/page/page.js").status == 200
    assert client.get("/v1/registrations").status == 401
    assert client.get("/page/../v1/registrations").status == 401
    assert client.get("/v1/registrations", Authorization="Bearer sesame").status == 200


def test_the_page_too_is_only_for_those_who_mean_this_host(client: Browser) -> None:
    assert client.get("/", Host="evil.example").status == 403
    assert client.get("/page/page.js", Origin="http://evil.example").status == 403


def test_an_api_without_a_page_has_none() -> None:
    assert Browser(World()).get("/").status == 404


def test_the_page_is_in_the_package() -> None:
    setup = ConfigParser()
    setup.read(TOP / "setup.cfg", encoding="utf-8")
    patterns = [each.strip() for each in setup["options.package_data"]["scscf.control"].split(",")]

    assert all(any(fnmatch(f"page/{name}", pattern) for pattern in patterns) for name in NAMES)
    assert {"/" if name == "index.html" else f"/page/{name}" for name in NAMES} == set(PAGE.paths)


def test_whatever_a_file_names_is_a_file_of_the_page() -> None:
    for name in NAMES:
        text = (FOLDER / name).read_text("utf-8")
        wanted = re.findall(r'(?:from|import) "\./([\w.]+)"', text) if name.endswith(".js") else []
        wanted += re.findall(r'(?:src|href)="page/([\w.]+)"', text)
        assert set(wanted) <= set(NAMES), name


def test_nothing_is_fetched_from_elsewhere_and_no_text_becomes_markup() -> None:
    for name in NAMES:
        text = (FOLDER / name).read_text("utf-8")
        if name != "icon.svg":
            assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text), name
        for way in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "srcdoc",
        ):
            assert way not in text, f"{name}: {way}"
        assert not re.search(r"\son\w+=|<script>|\sstyle=", text) or name.endswith((".js", ".css")), name
    parsing = [name for name in NAMES if "DOMParser" in (FOLDER / name).read_text("utf-8")]
    assert parsing == ["reginfo.js"]


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_words_can_be_read_in_either_scheme(scheme: int) -> None:
    text = (FOLDER / "colours.css").read_text("utf-8")
    palette = {
        name: colours[scheme] for name, *colours in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", text)
    }
    pairs = [
        (ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("panel", "paper", "raised", "accent-soft")
    ]
    pairs += [(hue, f"{hue}-soft") for hue in ("green", "blue", "amber", "orange", "violet", "danger")]
    pairs += [("accent", "panel"), ("accent-ink", "accent"), ("panel", "danger"), ("paper", "ink")]

    for pair in pairs:
        lighter, darker = sorted((luminance(palette[name]) for name in pair), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, pair
