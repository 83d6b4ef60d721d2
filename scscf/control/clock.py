"""The calls about service time: what it is, and with `--virtual-time` how it is moved."""

from typing import Annotated

from pydantic import Field, model_validator
from typing_extensions import TypedDict

from scscf.control.api import Api
from scscf.control.bodies import BadRequest, Body, NoQuery
from scscf.control.route import Answer, Call, Conflict, Route

LONGEST = 10 * 366 * 86400
"""Seconds that one call may move service time: ten years."""
LATEST = 253402300799.0
"""The last second of the year 9999: dates have four digits."""


class ClockOrder(Body):
    """How service time is moved: one of advance and freeze, or both."""

    advance: Annotated[float, Field(ge=0, le=LONGEST)] | None = None
    """Seconds; everything that is due on the way is done, in order."""
    freeze: bool | None = None
    """true: it stands still from now on but for advances; false: it flows again. Done before the advance."""

    @model_validator(mode="after")
    def _something(self) -> "ClockOrder":
        if self.advance is None and self.freeze is None:
            raise ValueError("give advance (seconds), freeze (true or false) or both")
        return self


class ClockView(TypedDict):
    """Service time, seconds since 1970."""

    now: float
    virtual: bool
    """Whether it can be moved."""
    frozen: bool
    """Whether it stands still."""
    next: float | None
    """When the next deadline is due; None: there is none."""


class MovedView(TypedDict):
    """Service time after it was moved, and what came of that."""

    now: float
    fired: int
    """Deadlines that came."""
    sent: int
    """SIP messages that left because of them."""
    left: float
    """Seconds that are still to go: after a million deadlines a call is over."""
    frozen: bool
    next: float | None


async def clock(api: Api, call: Call) -> Answer:
    """Tell service time: that of bindings, subscriptions and nonces."""
    virtual = api.virtual_time
    body: ClockView = {
        "now": api.node.now(),
        "virtual": virtual is not None,
        "frozen": virtual is not None and virtual.frozen,
        "next": api.node.deadlines.next(),
    }
    return Answer(200, body)


async def move_clock(api: Api, call: Call) -> Answer:
    """Move service time ahead, stop it or let it flow; answered once everything due has been done."""
    order: ClockOrder = call.body
    virtual = api.virtual_time
    if virtual is None:
        message = "this S-CSCF has the wall clock's time; start it as `scscf run --virtual-time` to move it"
        raise Conflict("no_virtual_time", message)
    seconds = order.advance or 0.0
    if api.node.now() + seconds > LATEST:
        raise BadRequest("too_far", "advance: that would be after the year 9999")
    moved = await virtual.move(seconds, order.freeze)
    body: MovedView = {
        "now": moved.now,
        "fired": moved.fired,
        "sent": moved.sent,
        "left": moved.left,
        "frozen": virtual.frozen,
        "next": api.node.deadlines.next(),
    }
    return Answer(200, body)


CLOCK: tuple[Route, ...] = (
    Route("GET", "/v1/clock", clock, 200, ClockView),
    Route("POST", "/v1/clock", move_clock, 200, MovedView, NoQuery, ClockOrder, (409,)),
)
"""Calls of the S-CSCF's control API."""
