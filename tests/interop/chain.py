"""An IMS core of real programs: Kamailio's P-CSCF and I-CSCF, an S-CSCF (ours or Kamailio's), and our HSS stub."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from itertools import starmap
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.interop import kamailio_ims
from tests.interop.programs import Running, is_bound
from tests.interop.server import SCSCF, until
from tests.patience import PATIENCE

HSS_STUB = (sys.executable, "-c", "from hss_stub.__main__ import main; main()")
SCSCF_API, HSS_API = "http://127.0.0.1:8060", "http://127.0.0.1:8061"
NAMES = {
    f"hss.{kamailio_ims.DOMAIN}": kamailio_ims.HSS,
    f"scscf.{kamailio_ims.DOMAIN}": kamailio_ims.SCSCF,
    f"icscf.{kamailio_ims.DOMAIN}": kamailio_ims.ICSCF,
    f"pcscf.{kamailio_ims.DOMAIN}": kamailio_ims.PCSCF,
}


class Ours:
    """A process of ours, up when its ready file is there."""

    def __init__(
        self, folder: Path, name: str, command: tuple[str, ...], configuration: dict[str, object], *options: str
    ) -> None:
        self.log = folder / f"{name}.log"
        (folder / f"{name}.yaml").write_text(json.dumps(configuration))
        ready = folder / f"{name}.ready"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                (*command, "run", "--config", f"{name}.yaml", "--ready-file", ready.name, *options),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"PYTHONPATH": os.getcwd()},
            )
        deadline = time.monotonic() + PATIENCE
        while not (ready.exists() and ready.stat().st_size):
            assert self.process.poll() is None, self.output()
            assert time.monotonic() < deadline, f"{name} is not ready in {PATIENCE:g} s\n{self.output()}"
            time.sleep(0.02)

    def output(self) -> str:
        """Return its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """Shut it down as an operator would, and insist on its doing so."""
        self.process.terminate()
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        assert status == 0, self.output()
        assert "Traceback" not in self.output(), self.output()


class Chain:
    """The core. `kamailio`: its S-CSCF is Kamailio's, challenging by that algorithm.

    `alone_with`: our S-CSCF and nobody else, with the HSS at that URI.
    """

    def __init__(
        self, folder: Path, subscribers: str, *, kamailio: str | None = None, alone_with: str | None = None
    ) -> None:
        self._ours: list[Ours] = []
        self._peers: list[Running] = []
        (folder / "subscribers.yaml").write_text(subscribers)
        try:
            if alone_with is not None:
                self._start_scscf(folder, alone_with)
            else:
                self._start_hss(folder)
                if kamailio is not None:
                    self._peers.append(kamailio_ims.scscf(folder, kamailio))
                    until(lambda: kamailio_ims.is_at_hss(folder, "scscf"), "Kamailio's S-CSCF at the HSS")
                else:
                    self._start_scscf(folder, f"diameter://hss.{kamailio_ims.DOMAIN}:{kamailio_ims.HSS_PORT}")
                self._peers += [kamailio_ims.icscf(folder), kamailio_ims.pcscf(folder)]
                self._await_kamailio(folder)
        except BaseException:
            self.stop()
            raise

    def _start_hss(self, folder: Path) -> None:
        configuration: dict[str, object] = {
            "listen": [f"diameter://{kamailio_ims.HSS}:{kamailio_ims.HSS_PORT}"],
            "api": HSS_API,
            "subscribers": "subscribers.yaml",
            "servers": [kamailio_ims.SERVER_NAME],
        }
        self._ours.append(Ours(folder, "hss", HSS_STUB, configuration))

    def _start_scscf(self, folder: Path, hss: str) -> None:
        configuration: dict[str, object] = {
            "home_domain": kamailio_ims.DOMAIN,
            "listen": [f"udp://{kamailio_ims.SCSCF}:{kamailio_ims.SCSCF_PORT}"],
            "api": SCSCF_API,
            "hss": [hss],
            "hosts": NAMES,
            "trusted_peers": [kamailio_ims.ICSCF, kamailio_ims.PCSCF],
        }
        self._ours.append(Ours(folder, "scscf", SCSCF, configuration))
        self._await_scscf()

    def _await_scscf(self) -> None:
        until(lambda: self.call(SCSCF_API, "GET", "/v1/health")[1]["hss"]["state"] == "up", "our S-CSCF at the HSS")

    def _await_kamailio(self, folder: Path) -> None:
        until(lambda: kamailio_ims.is_at_hss(folder, "icscf"), "the I-CSCF at the HSS")
        until(lambda: all(starmap(is_bound, kamailio_ims.PLACES)), f"each of {kamailio_ims.PLACES} bound")

    def stop(self) -> None:
        """End every program; ours have to end well."""
        for peer in self._peers:
            peer.stop()
        for ours in self._ours:
            ours.stop()

    def output(self) -> str:
        """Return the logs of all."""
        return "\n".join(each.output() for each in (*self._ours, *self._peers))

    def call(self, api: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Make a call of one of the APIs and return its status and its JSON."""
        request = urllib.request.Request(
            api + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=2 * PATIENCE) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                status, text = error.code, error.read()
        return status, json.loads(text) if text else None

    def contacts(self, aor: str) -> list[Any]:
        """Return the contacts that our S-CSCF has of an address of record."""
        status, shown = self.call(SCSCF_API, "GET", f"/v1/registrations/{quote(aor, safe='')}")
        return list(shown["contacts"]) if status == 200 else []

    def subscriptions(self, aor: str) -> list[Any]:
        """Return the live and the ended subscriptions to an address of record, latest last."""
        status, shown = self.call(SCSCF_API, "GET", f"/v1/subscriptions?ended=true&aor={quote(aor, safe='')}")
        assert status == 200, shown
        return list(shown["subscriptions"])

    def answers(self, aor: str) -> list[object]:
        """Return what the P-CSCF answered to the last NOTIFY of each of its subscriptions; None: not yet."""
        return [each["last_notify"] and each["last_notify"]["status"] for each in self.subscriptions(aor)]

    def state(self, impi: str) -> str:
        """Return the registration state of the first set of a private identity, as the HSS has it."""
        status, shown = self.call(HSS_API, "GET", f"/v1/subscribers/{quote(impi, safe='')}")
        assert status == 200, shown
        return str(shown["implicit_sets"][0]["state"])

    def terminate(self, impi: str, reason: str, *impus: str) -> str:
        """Have the HSS send an RTR and return its result."""
        body = {"impi": impi, "impus": list(impus), "reason": reason, "wait": PATIENCE}
        status, shown = self.call(HSS_API, "POST", "/v1/terminations", body)
        assert status == 201, shown
        (push,) = shown["pushes"]
        return str(push["result"])
