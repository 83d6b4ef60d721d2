"""What the HSS stub's API takes: bodies and queries, checked before anything is done."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, RootModel, model_validator

from hss_stub.faults import Corrupt, Fault
from scscf.control.bodies import MAX_WAIT, Body, Query, Text
from scscf.cx import DeregistrationReason, Result
from scscf.yaml_model import did_you_mean

REASONS = {reason.name.lower(): reason for reason in DeregistrationReason}
"""Reason of a de-registration, as users write it."""
RESULTS = {result.name: result for result in Result if result.kind != "none"}
"""Result code → what it stands for, by name."""
_BY_NUMBER = (
    {result.value[1]: result for result in reversed(RESULTS.values())}
    | {result.value[1]: result for result in RESULTS.values() if result.kind == "cx" and result.value[1] > 5000}
    | {5012: Result.UNABLE_TO_COMPLY}
)


def _result(value: Any) -> Any:
    """Take a name or a number: of TS 29.229 where it has one, else of RFC 6733, whose 5012 Cx uses for everything."""
    if isinstance(value, int) and not isinstance(value, bool) and value in _BY_NUMBER:
        return _BY_NUMBER[value].name
    if isinstance(value, str):
        return value.upper()
    raise ValueError(f"must be a number like 5001, or one of {', '.join(RESULTS)}")


def _known(value: str) -> str:
    if value not in RESULTS:
        raise ValueError(f"must be one of {', '.join(RESULTS)}{did_you_mean(value, list(RESULTS))}")
    return value


ResultCode = Annotated[str, BeforeValidator(_result), AfterValidator(_known)]
Delay = Annotated[float, Field(ge=0, le=3600)]
Count = Annotated[int, Field(ge=0, le=10**9)]


class FaultBody(Body):
    """What goes wrong with a command."""

    result_code: ResultCode | None = None
    """The command is refused with it, and not done: a number like 5001, or a name like USER_UNKNOWN."""
    delay: Delay = 0.0
    """Seconds by which the answer comes late."""
    silent: bool = False
    disconnect: bool = False
    """The connection is cut in place of an answer."""
    executed: bool = True
    """With silent and disconnect: whether the command is done all the same."""
    corrupt: Literal["mac", "sqn", "garbage"] | None = None
    """mac, sqn: of the next vector (MAR of a user with a USIM); garbage: the answer cannot be read."""
    sqn: Annotated[int, Field(ge=-(2**43), le=2**43)] = 0
    """By how much SQN jumps before a vector is made (MAR)."""
    after: Count = 0
    """How many commands pass before."""
    count: Annotated[int, Field(ge=1, le=10**9)] | None = None
    """How many commands it is done to; all that follow where it is not given."""
    impi: Text | None = None
    """Whose commands; everybody's where it is not given."""

    @model_validator(mode="after")
    def _something(self) -> "FaultBody":
        if not (self.result_code or self.delay or self.silent or self.disconnect or self.corrupt or self.sqn):
            raise ValueError("give one of result_code, delay, silent, disconnect, corrupt and sqn")
        return self

    def fault(self) -> Fault:
        """Return it as the faults know it."""
        return Fault(
            RESULTS[self.result_code] if self.result_code is not None else None,
            self.delay,
            self.silent,
            self.disconnect,
            self.executed,
            Corrupt(self.corrupt) if self.corrupt is not None else None,
            self.sqn,
            self.after,
            self.count,
            self.impi,
        )


class SubscriptionBody(RootModel[dict[str, Any]]):
    """One subscription, with the keys of an entry of the subscribers file."""


class TerminationBody(Body):
    """Whose registrations are over, and why."""

    impi: Text | None = None
    impus: Annotated[list[Text], Field(max_length=1000, default_factory=list)]
    associated: Annotated[list[Text], Field(max_length=100, default_factory=list)]
    """Further private identities that are meant."""
    reason: Literal["permanent_termination", "new_server_assigned", "server_change", "remove_scscf"]
    reason_info: Annotated[str, Field(max_length=1000)] = ""
    wait: Annotated[float, Field(ge=0, le=MAX_WAIT)] | None = None
    """Seconds to wait for the S-CSCF's answers, in place of the configured timeout."""

    @model_validator(mode="after")
    def _somebody(self) -> "TerminationBody":
        if self.impi is None and not self.impus:
            raise ValueError("give impi, impus or both")
        return self


class PushBody(Body):
    """Whose profile the S-CSCF is told anew."""

    impi: Text
    what: Annotated[list[Literal["user_data", "charging", "digest"]], Field(max_length=3, default_factory=list)]
    """user_data and charging where it is empty."""


class AssignmentsQuery(Query):
    """Which subscriptions."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    after: Annotated[str, Field(max_length=1000)] = ""
    """`next` of the page before."""


class SubscribersQuery(Query):
    """Which subscribers."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    after: Annotated[int, Field(ge=0, le=10**9)] = 0
    """`next` of the page before."""
