"""Headless Chromium, driven by its own chromedriver over the W3C WebDriver protocol, with the standard library."""

import base64
import json
import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.interop.programs import SEARCH, find

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key of an element in WebDriver's JSON."""
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Tab": "\ue004", "Down": "\ue015", "Up": "\ue013", "Right": "\ue014"}


class Chromium:
    """One browser with one window."""

    def __init__(self, folder: Path, width: int = 1440, height: int = 900) -> None:
        driver, browser = find("chromedriver"), find("chromium")
        assert driver is not None
        assert browser is not None
        self.folder = folder
        self._log = (folder / "chromedriver.log").open("w+b")
        home = folder / "home"
        home.mkdir(exist_ok=True)
        self._process = subprocess.Popen(
            (driver, "--port=0"),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env={"PATH": SEARCH, "HOME": str(home), "TMPDIR": str(home)},
        )
        self._url = f"http://127.0.0.1:{self._port()}"
        arguments = [
            *("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run"),
            *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--lang=en-GB"),
            *(f"--window-size={width},{height}", f"--user-data-dir={home / 'profile'}"),
        ]
        options = {"binary": browser, "args": arguments}
        capabilities = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        made = self._call("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self._session = f"/session/{made['sessionId']}"
        self.resize(width, height)

    def open(self, url: str) -> None:
        """Load a page."""
        self._post("/url", {"url": url})

    def run(self, script: str, *arguments: object) -> Any:
        """Run the body of a function in the page; return what it returns, or what its promise is kept with."""
        return self._post("/execute/sync", {"script": script, "args": list(arguments)})

    def text(self, selector: str) -> str:
        """Return the text of the first element that is there; empty where none is."""
        found = self.run("return document.querySelector(arguments[0])?.textContent ?? ''", selector)
        return str(found)

    def count(self, selector: str) -> int:
        """Return how many elements there are."""
        return int(self.run("return document.querySelectorAll(arguments[0]).length", selector))

    def click(self, selector: str, text: str = "") -> None:
        """Click the first element, or the first with this in its text, as a mouse would."""
        found: list[dict[str, str]] = []

        def is_there() -> bool:
            script = """return [...document.querySelectorAll(arguments[0])]
                .filter(each => each.textContent.includes(arguments[1]) && each.getClientRects().length)"""
            found[:] = self.run(script, selector, text)
            return bool(found)

        self.until(is_there, f"{selector} {text}")
        self._post(f"/element/{found[0][ELEMENT]}/click", {})

    def type(self, selector: str, text: str) -> None:
        """Type into an element."""
        element = self._post("/element", {"using": "css selector", "value": selector})
        self._post(f"/element/{element[ELEMENT]}/value", {"text": text})

    def press(self, *keys: str) -> None:
        """Press keys, whoever has the focus."""
        actions = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        self._post("/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def focus(self) -> str:
        """Return what has the focus: its tag, id and text."""
        script = "const e = document.activeElement; return `${e.tagName}#${e.id} ${e.ariaLabel ?? e.textContent}`"
        return str(self.run(script))

    def until(self, condition: Callable[[], object], what: str = "", seconds: float = 15) -> None:
        """Wait for what the page does in its own time."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}\n{self.problems()}"
            time.sleep(0.05)

    def sees(self, text: str, selector: str = "body", seconds: float = 15) -> None:
        """Wait until a text is in an element."""
        self.until(lambda: text in self.text(selector), f"{text!r} in {selector}", seconds)

    def resize(self, width: int, height: int) -> None:
        """Give the page this many pixels, at one pixel each."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)

    def scheme(self, name: str) -> None:
        """Have the system be dark or light."""
        self.devtools("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": name}]})

    def devtools(self, command: str, parameters: Mapping[str, object]) -> Any:
        """Send a command of Chromium's own protocol."""
        return self._post("/goog/cdp/execute", {"cmd": command, "params": parameters})

    def screenshot(self, path: Path) -> None:
        """Write what is seen as a PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self._call("GET", f"{self._session}/screenshot")))

    def problems(self) -> list[str]:
        """Return what the browser has complained of: errors of scripts, refusals of the policy."""
        entries = self._post("/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] == "SEVERE"]

    def stop(self) -> None:
        """Close the browser and its driver."""
        try:
            self._call("DELETE", self._session)
        finally:
            self._process.terminate()
            self._process.wait(10)
            self._log.close()

    def _port(self) -> int:
        deadline = time.monotonic() + 15
        while True:
            text = Path(self._log.name).read_text("utf-8", "replace")
            found = re.search(r"started successfully on port (\d+)", text)
            if found:
                return int(found[1])
            assert self._process.poll() is None, text
            assert time.monotonic() < deadline, text
            time.sleep(0.05)

    def _post(self, path: str, body: dict[str, object]) -> Any:
        return self._call("POST", self._session + path, body)

    def _call(self, method: str, path: str, body: dict[str, object] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read())["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(f"{method} {path}: {error.read().decode()[:600]}") from None
