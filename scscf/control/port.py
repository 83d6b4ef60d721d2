"""The listening socket of an HTTP API."""

# mypy: allow-untyped-calls

from typing import Any

from twisted.internet.error import CannotListenError
from twisted.web.server import Site

from scscf.config.listen import Listen, hostport
from scscf.control.http import ControlResource
from scscf.control.request import ControlRequest
from scscf.errors import InputError, Problem


class ControlPort:
    """The API's listening socket."""

    def __init__(self, port: Any, resource: ControlResource) -> None:
        self._port = port
        self._resource = resource
        address = port.getHost()
        self.host: str = address.host
        self.port: int = address.port

    def stop(self) -> Any:
        """Accept nothing any more, answer what waits and end the streams."""
        self._resource.close()
        return self._port.stopListening()


def control_site(resource: ControlResource, reactor: Any) -> Site:
    """Return the factory of the API's connections; `reactor` keeps their idle timers."""
    site = Site(resource, requestFactory=ControlRequest, parsePOSTFormSubmission=False, reactor=reactor)
    site.noisy = False
    site.displayTracebacks = False
    return site


def start_api(resource: ControlResource, listen: Listen, reactor: Any) -> ControlPort:
    """Bring an HTTP API up. Raises InputError where its address cannot be had."""
    site = control_site(resource, reactor)
    try:
        port = reactor.listenTCP(listen.port, site, interface=listen.host)
    except CannotListenError as error:
        place = f"http://{hostport(listen.host, listen.port)}"
        reason = error.socketError.strerror or error.socketError
        message = f"cannot listen on {place}: {reason}; --api names another"
        raise InputError([Problem("api", 0, 0, message)]) from None
    return ControlPort(port, resource)
