"""What the control API takes: bodies and queries, checked before anything is done."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from scscf.errors import ScscfError
from scscf.yaml_model import NOT_YET, did_you_mean

EVENTS = ("unregistered", "deactivated", "rejected", "probation", "expired")
"""How a de-registration may be told (RFC 3680 §5.1)."""
NOT_YET_EVENTS = ("userservices-unavailable", "preferred-registrar-change")

KINDS = ("registration", "contact", "subscription", "notify", "third_party_register", "message")
"""What the event stream tells of."""
_KIND = "|".join(KINDS)

MAX_PROBLEMS = 20
MAX_WAIT = 600
"""Seconds that a call may be held."""

Event = Literal["unregistered", "deactivated", "rejected", "probation", "expired"]
Seconds = Annotated[int, Field(ge=0, le=4294967295)]
Wait = Annotated[float, Field(ge=0, le=MAX_WAIT, description="Seconds to wait for the watchers' answers.")]
Rate = Annotated[float, Field(ge=0.001, le=100000, description="So many subscriptions of the HSS a second.")]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
Aor = Annotated[str, Field(min_length=1, max_length=1000, description="A URI; its implicit set goes with it.")]
Reason = Literal["deactivated", "probation", "rejected", "timeout", "giveup", "noresource", "invariant"]


class BadRequest(ScscfError):
    """A request that cannot be understood: 400 with a code and a sentence that says what is allowed."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Body(BaseModel):
    """A JSON object of known keys; a number is a number and not a text of digits."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        defer_build=True,
    )


class Query(BaseModel):
    """The parameters after the question mark."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True, defer_build=True
    )


class _Scope(Body):
    aor: Aor | None = None
    impi: Text | None = None
    """A private identity: one device."""
    contact: Text | None = None
    """Only this contact URI."""


class Deregistration(_Scope):
    """Whose registrations end, and how it is told: one of aor, impi and all."""

    all: bool = False
    """Everybody."""
    event: Event
    retry_after: Seconds | None = None
    """Needed by probation, and by nothing else."""
    reason: Reason | None = None
    """Subscription-State reason in place of the configured one (RFC 6665 §4.1.3)."""
    rate: Rate | None = None
    wait: Wait | None = None

    @model_validator(mode="before")
    @classmethod
    def _not_yet(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and data.get("event") in NOT_YET_EVENTS:
            raise ValueError(f"event {data['event']}: {NOT_YET}; {', '.join(EVENTS)} are")
        return data

    @model_validator(mode="after")
    def _consistent(self) -> "Deregistration":
        if [self.aor is not None, self.impi is not None, self.all].count(True) != 1:
            raise ValueError("give one of aor, impi and all")
        _check_retry_after(self.event, self.retry_after)
        return self


class Reauthentication(_Scope):
    """Whose registrations are cut short: one of aor and impi."""

    expires: Annotated[int, Field(ge=1, le=4294967295)]
    """Seconds that they have left."""
    wait: Wait | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "Reauthentication":
        if (self.aor is None) == (self.impi is None):
            raise ValueError("give one of aor and impi")
        return self


class Reset(Body):
    """What the S-CSCF loses; nobody is told."""

    registrations: bool = False
    subscriptions: bool = False
    challenges: bool = False
    rules: bool = False


class Drain(Body):
    """How everybody is de-registered before the S-CSCF shuts down."""

    event: Event = "deactivated"
    retry_after: Seconds | None = None
    """Needed by probation, and by nothing else."""
    rate: Rate | None = None
    wait: Wait = 5.0

    @model_validator(mode="after")
    def _consistent(self) -> "Drain":
        _check_retry_after(self.event, self.retry_after)
        return self


class DocumentMode(Body):
    """How much of the state a watcher is told from the next NOTIFY on."""

    documents: Literal["full", "partial", "delta"]


class Nothing(Body):
    """An empty object, or no body at all."""


class NoQuery(Query):
    """No parameters."""


class PageQuery(Query):
    """Which registrations."""

    state: Literal["init", "active", "terminated"] | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    after: Annotated[str, Field(max_length=1000)] = ""
    """`next` of the page before."""


class RegistrationQuery(Query):
    """What to wait for."""

    wait: Annotated[float, Field(ge=0, le=MAX_WAIT)] | None = None
    """Hold the answer until the state is so, at most this many seconds; 404 where it has not come."""
    state: Literal["init", "active", "terminated"] | None = None
    """What to wait for; active where it is not given."""


class SilentQuery(Query):
    """That nobody is told has to be said."""

    silent: Literal["true"]

    @model_validator(mode="before")
    @classmethod
    def _said(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and data.get("silent") != "true":
            raise ValueError("this tells nobody, so it has to say silent=true; POST /v1/deregistrations tells watchers")
        return data


class SubscriptionsQuery(Query):
    """Which subscriptions."""

    aor: Aor | None = None
    ended: bool = False
    """Also those that ended of late, after the live ones."""


class NotifyQuery(Query):
    """Whether to wait for the watcher."""

    wait: Wait | None = None


class EndQuery(Query):
    """Why it ends."""

    reason: Reason | None = None
    """Subscription-State reason; the configured `terminated_reason` where it is not given."""


class EventsQuery(Query):
    """Which events."""

    kinds: Annotated[str, Field(pattern=f"^({_KIND})(,({_KIND}))*$", max_length=200)] = ",".join(KINDS)
    """Separated by commas; all where it is not given."""


Model = TypeVar("Model", bound=BaseModel)


def checked(model: type[Model], data: object, code: str = "bad_body") -> Model:
    """Return a body or query as its model. Raises BadRequest that names every key that is wrong and what is allowed."""
    try:
        return model.model_validate(data, strict=model.model_config.get("strict"))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)[:MAX_PROBLEMS]
        raise BadRequest(code, "; ".join(_sentence(model, problem) for problem in problems)) from None


def _check_retry_after(event: str, retry_after: int | None) -> None:
    if event == "probation" and retry_after is None:
        raise ValueError("probation needs retry_after (seconds)")
    if event != "probation" and retry_after is not None:
        raise ValueError("retry_after goes with the event probation only")


def _sentence(model: type[BaseModel], problem: ErrorDetails) -> str:
    where = ".".join(str(part) for part in problem["loc"])[:100]
    if problem["type"] == "extra_forbidden":
        allowed = list(model.model_fields)
        return f"{where}: unknown; allowed: {', '.join(allowed) or 'nothing'}{did_you_mean(where, allowed)}"
    text = problem["msg"].removeprefix("Value error, ")
    text = text[:1].lower() + text[1:]
    return f"{where}: {text}" if where else text
