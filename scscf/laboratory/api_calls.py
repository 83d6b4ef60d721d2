"""Calls of the control API under names of their own, as tests make them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from time import monotonic, sleep
from typing import Any, cast
from urllib.parse import quote

from scscf.control.bodies import MAX_WAIT
from scscf.control.route import Answer
from scscf.errors import ScscfError
from scscf.laboratory.reactor_thread import LONGEST

_POLL = 0.02
_MORE = 30.0


class ApiError(ScscfError):
    """A call that the control API refused: `status`, `code` for programs, and a sentence."""

    def __init__(self, call: str, answer: Answer) -> None:
        error = answer.body.get("error")
        told = error if isinstance(error, dict) else {}
        self.status = answer.status
        self.code = str(told.get("code", ""))
        self.message = str(told.get("message", ""))
        super().__init__(f"{call}: {self.status} {self.code}: {self.message}")


class NotSoError(AssertionError):
    """What a test waited for did not come to be."""


class ApiCalls(ABC):
    """Whoever can make a call of the API has these too."""

    @abstractmethod
    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        timeout: float = LONGEST,
    ) -> dict[str, Any]:
        """Make a call of the control API and return its JSON. Raises ApiError for one that is refused."""

    def registrations(self) -> list[dict[str, Any]]:
        """Return every registration, in the order of their addresses of record."""
        __tracebackhide__ = True
        found: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            page = self.call("GET", "/v1/registrations", query={"after": after})
            found += page["registrations"]
            after = page["next"]
            if after is None:
                return found

    def registration(self, aor: str) -> dict[str, Any]:
        """Return the registration of an address of record. Raises ApiError (404) where there is none."""
        __tracebackhide__ = True
        return self.call("GET", f"/v1/registrations/{quoted(aor)}")

    def subscriptions(self, aor: str | None = None) -> list[dict[str, Any]]:
        """Return the live subscriptions, to one address of record or to all."""
        __tracebackhide__ = True
        return cast(list[dict[str, Any]], self.call("GET", "/v1/subscriptions", query={"aor": aor})["subscriptions"])

    def deregister(self, aor: str | None = None, event: str = "deactivated", **more: Any) -> dict[str, Any]:
        """End registrations from the network's side and return the report; `more` as POST /v1/deregistrations has it.

        Among them impi, all, contact, retry_after, reason, rate and wait (seconds for the watchers' answers).
        """
        __tracebackhide__ = True
        return self.call("POST", "/v1/deregistrations", {"aor": aor, "event": event, **more}, timeout=_timeout(more))

    def reauthenticate(self, aor: str | None = None, expires: int = 60, **more: Any) -> dict[str, Any]:
        """Cut registrations short (seconds) so that the UE authenticates again (TS 24.229 §5.4.1.6)."""
        __tracebackhide__ = True
        body = {"aor": aor, "expires": expires, **more}
        return self.call("POST", "/v1/reauthentications", body, timeout=_timeout(more))

    def rule(
        self,
        name: str,
        match: Mapping[str, Any] | None = None,
        do: Mapping[str, Any] | str = "drop",
        after: int | None = None,
        count: int | None = None,
    ) -> dict[str, Any]:
        """Set a rule: messages that `match` are answered, dropped, delayed or changed, after so many, so many times."""
        __tracebackhide__ = True
        body = {"match": dict(match or {}), "do": do, "after": after, "count": count}
        return self.call("PUT", f"/v1/rules/{quoted(name)}", body)

    def remove_rule(self, name: str) -> None:
        """Take a rule back. Raises ApiError (404) where there is none."""
        __tracebackhide__ = True
        self.call("DELETE", f"/v1/rules/{quoted(name)}")

    def quirk(self, name: str, on: bool = True) -> dict[str, Any]:
        """Misbehave in one way that was seen in the field, or behave again. Raises ApiError for an unknown one."""
        __tracebackhide__ = True
        return self.call("PUT" if on else "DELETE", f"/v1/quirks/{quoted(name)}")

    def wait_for(
        self,
        aor: str,
        state: str = "active",
        contacts: int | Sequence[str] | None = None,
        timeout: float = 5.0,
    ) -> dict[str, Any]:
        """Wait until an address of record is `state` with so many contacts, or with these URIs, and return it.

        Raises NotSoError after `timeout` seconds, with what there is.
        """
        __tracebackhide__ = True
        end = monotonic() + timeout
        path = f"/v1/registrations/{quoted(aor)}"
        while True:
            wait = min(max(0.0, end - monotonic()), MAX_WAIT)
            try:
                found = self.call("GET", path, query={"wait": f"{wait:.3f}", "state": state}, timeout=wait + _MORE)
            except ApiError as error:
                if error.code != "not_so":
                    raise
                raise NotSoError(error.message) from None
            uris = [each["uri"] for each in found["contacts"]]
            if contacts is None or (len(uris) == contacts if isinstance(contacts, int) else set(uris) == set(contacts)):
                return found
            if monotonic() >= end:
                raise NotSoError(f"{aor} has the contacts {uris} after {timeout:g} s, not {contacts}")
            sleep(_POLL)  # the test's own thread; the reactor has another


def quoted(text: str) -> str:
    """Return a text as it stands in a path of the API."""
    return quote(text, safe="")


def _timeout(more: Mapping[str, Any]) -> float:
    return float(more.get("wait") or 0) + LONGEST
