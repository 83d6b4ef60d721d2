"""The HSS stub of a running S-CSCF, as a test speaks to it."""

from collections.abc import Mapping
from typing import Any

from scscf.laboratory.api_calls import ApiCalls, quoted
from scscf.laboratory.reactor_thread import LONGEST


class Hss:
    """The calls of the API about subscribers and faults, by names. Each raises ApiError where it is refused."""

    def __init__(self, scscf: ApiCalls) -> None:
        self._call = scscf.call

    def fault(self, command: str, **body: Any) -> dict[str, Any]:
        """Have something go wrong with a command (UAR, SAR, LIR, MAR, RTR, PPR): result_code, delay, silent, count."""
        return self._call("PUT", f"/v1/faults/{quoted(command)}", body)

    def heal(self, command: str | None = None) -> None:
        """Take the fault of a command back, or all."""
        self._call("DELETE", "/v1/faults" if command is None else f"/v1/faults/{quoted(command)}")

    def terminate(self, **body: Any) -> dict[str, Any]:
        """Have registrations ended (RTR): impi, impus, associated, reason, reason_info, wait (TS 29.228 §6.1.3)."""
        wait = float(body.get("wait") or 0)
        return self._call("POST", "/v1/terminations", body, timeout=wait + LONGEST)

    def push(self, impi: str, *what: str) -> dict[str, Any]:
        """Tell the S-CSCF what the HSS has of a user now (PPR): `user_data`, `charging` or both (TS 29.228 §6.2)."""
        return self._call("POST", "/v1/pushes", {"impi": impi, **({"what": list(what)} if what else {})})

    def subscriber(self, impi: str) -> dict[str, Any]:
        """Return a private identity as the HSS has it, without its secrets."""
        return self._call("GET", f"/v1/subscribers/{quoted(impi)}")

    def put(self, subscription: Mapping[str, Any]) -> dict[str, Any]:
        """Put a subscription (as in the subscribers file) in place of the one of its first private identity, or add it.

        Who is served is told what changed, as PPR or RTR would.
        """
        devices = subscription.get("private_identities") or [{}]
        first = devices[0] if isinstance(devices[0], Mapping) else {"id": devices[0]}
        impi = str(first.get("id", ""))
        if not impi:
            return self._call("POST", "/v1/subscribers", subscription)
        return self._call("PUT", f"/v1/subscribers/{quoted(impi)}", subscription)

    def remove(self, impi: str) -> dict[str, Any]:
        """Take out the subscription of a private identity; who is registered is de-registered."""
        return self._call("DELETE", f"/v1/subscribers/{quoted(impi)}")
