"""Somebody else's S-CSCF under test, known by its address and its APIs: made ready, and left as it was."""

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from hss_stub.subscribers import subscribers_of
from scscf.control.route import Answer
from scscf.scenario.captures import as_json, said
from scscf.scenario.http_api import HttpApi
from scscf.scenario.live_settings import Live
from scscf.scenario.loading import Scenario
from scscf.scenario.outcome import NotRunnable
from scscf.scenario.outside import run_command
from scscf.scenario.portable import waits_for_retransmissions, why_not
from scscf.yaml_file import YamlFile

_MOST_OF_A_NAME = 200
"""So many actors of one name are written into the target's HSS."""
_ANSWERED_WITHIN = 2.0
"""Seconds in which an S-CSCF has to end the registrations of a scenario that is over."""
_OF_THE_HSS = ("/v1/subscribers", "/v1/faults", "/v1/terminations", "/v1/pushes")
_SOON = 0.001
"""Seconds past a deadline of the target to which its clock is moved."""


class Target:
    """The S-CSCF that `live` names, whose home domain is `domain`, for one scenario."""

    def __init__(self, reactor: Any, live: Live, scenario: Scenario, domain: str) -> None:
        self._reactor = reactor
        self._live = live
        self._scenario = scenario
        self._domain = domain
        self._api = HttpApi(reactor, live.api, os.environ.get("SCSCF_TOKEN")) if live.api is not None else None
        self._hss_api = HttpApi(reactor, live.hss_api) if live.hss_api is not None else self._api
        self._provisioned: list[tuple[str, tuple[str, ...]]] = []
        self._began = 0.0
        self.has_clock = False
        """Whether its time can be moved on."""

    async def prepare(self, subscribers: YamlFile) -> None:
        """Get it ready: empty, with the scenario's subscribers. Raises NotRunnable where it cannot be."""
        reason = why_not(self._scenario, self._domain, self._live)
        if reason is not None:
            raise NotRunnable(reason)
        if self._live.before is not None and self._live.target is not None:
            await run_command(self._reactor, self._live.before, target=self._live.target)
        if self._api is not None:
            everything = {"registrations": True, "subscriptions": True, "challenges": True}
            await self._api.call("POST", "/v1/reset", everything)
            await self._api.call("DELETE", "/v1/rules")
            await self._api.call("DELETE", "/v1/quirks")
            clock = await self._api.call("GET", "/v1/clock")
            self.has_clock = clock.status == 200 and bool(clock.body.get("virtual"))
            if self.has_clock and waits_for_retransmissions(self._scenario):
                raise NotRunnable("it waits for retransmissions, and the time of the target's is that of the wire")
        if self._hss_api is None:
            return
        await self._hss_api.call("DELETE", "/v1/faults")
        subscribers_of(subscribers)
        entries = [each for entry in subscribers.data["subscriptions"] for each in _one_by_one(entry)]
        for entry in entries:
            self._provisioned += [(device["id"], _identities(entry)) for device in entry["private_identities"]]
        await self._take_out()
        for entry in entries:
            answer = await self._hss_api.call("POST", "/v1/subscribers", as_json(entry))
            if answer.status >= 400:
                raise NotRunnable(
                    f"the target's HSS does not take the subscriber {entry['name']}: {said(answer)}; start it with a "
                    "subscribers file that has only `subscriptions: []`"
                )

    async def clean(self) -> None:
        """End the registrations of the scenario's subscribers, and take these out of the HSS."""
        if self._hss_api is None or not self._provisioned:
            return
        if self._api is None:
            for impi, identities in self._provisioned:
                # An S-CSCF need not understand an RTR that names no public identity, and would keep its contacts.
                body = {"impi": impi, "impus": list(identities), "reason": "permanent_termination"}
                await self._hss_api.call("POST", "/v1/terminations", {**body, "wait": _ANSWERED_WITHIN})
        await self._take_out()

    async def begin(self) -> None:
        """Take the time that it has now for the beginning of the scenario."""
        if self._api is not None and self.has_clock:
            self._began, _ = await self._clock(self._api)

    async def nearest(self, most: float) -> float:
        """Return the seconds until its next deadline, `most` where that is later."""
        if self._api is None or not self.has_clock:
            return most
        now, due = await self._clock(self._api)
        return most if due is None else min(most, max(0.0, due - now) + _SOON)

    async def move_to(self, when: float) -> None:
        """Move its clock on to a time of the scenario; nothing where it is past that."""
        if self._api is None or not self.has_clock:
            return
        now, _ = await self._clock(self._api)
        ahead = self._began + when - now
        if ahead > 0:
            await self._api.call("POST", "/v1/clock", {"advance": ahead})

    async def _clock(self, api: HttpApi) -> tuple[float, float | None]:
        """Return its time, and when its next deadline is. Raises NotRunnable where it has no such clock any more."""
        clock = (await api.call("GET", "/v1/clock")).body
        now, due = clock.get("now"), clock.get("next")
        if not isinstance(now, int | float):
            raise NotRunnable("the target's clock cannot be read any more")
        return float(now), float(due) if isinstance(due, int | float) else None

    async def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> Answer:
        """Call its control API, or that of its HSS. Raises NotRunnable where there is none."""
        api = self._hss_api if path.startswith(_OF_THE_HSS) else self._api
        if api is None:
            option = "--hss-api" if path.startswith(_OF_THE_HSS) else "--api"
            raise NotRunnable(f"there is no control API to call ({option} names one)")
        return await api.call(method, path, body, query)

    async def _take_out(self) -> None:
        """Take the subscribers out of the HSS, without a word to the S-CSCF."""
        if self._hss_api is None:
            return
        await self._hss_api.call("PUT", "/v1/faults/rtr", {"silent": True})
        with suppress(NotRunnable):
            for impi, _ in self._provisioned:
                await self._hss_api.call("DELETE", f"/v1/subscribers/{quote(impi, safe='')}")
        await self._hss_api.call("DELETE", "/v1/faults")


def _identities(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the public identities of an entry of a subscribers file that are no wildcards."""
    rows = [each for row in entry["implicit_sets"] for each in row]
    texts = [str(each.get("id", "")) if isinstance(each, Mapping) else str(each) for each in rows]
    return tuple(each for each in texts if "!" not in each)


def _one_by_one(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return an entry with a range as so many without one. Raises NotRunnable for too many."""
    if "range" not in entry:
        return [entry]
    first, last = (int(each) for each in entry["range"])
    if last - first >= _MOST_OF_A_NAME:
        raise NotRunnable(f"more than {_MOST_OF_A_NAME} actors of one name are for virtual time, or our own S-CSCF")
    plain = {name: value for name, value in entry.items() if name != "range"}
    return [_numbered(plain, number) for number in range(first, last + 1)]


def _numbered(value: Any, number: int) -> Any:
    if isinstance(value, str):
        return value.replace("{n}", str(number))
    if isinstance(value, Mapping):
        return {name: _numbered(each, number) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_numbered(each, number) for each in value]
    return value
