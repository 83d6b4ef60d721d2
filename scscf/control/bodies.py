"""What the control API takes: bodies and queries, checked before anything is done."""

from typing import Annotated, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from scscf.config.values import SipUri
from scscf.errors import ScscfError
from scscf.regevent.registration_notify import NOTICES
from scscf.yaml_model import did_you_mean

MAX_PROBLEMS = 20
MAX_WAIT = 600
"""Seconds that a call may be held."""

Event = Literal["unregistered", "deactivated", "rejected", "probation", "expired"]
"""How a de-registration may be told (RFC 3680 §5.1)."""
AnyEvent = Literal[
    "unregistered",
    "deactivated",
    "rejected",
    "probation",
    "expired",
    "userservices-unavailable",
    "preferred-registrar-change",
]
"""The same, and what only Microsoft's endpoints are told by that name (MS-SIPREGE §2.2.1.13)."""
Seconds = Annotated[int, Field(ge=0, le=4294967295)]
Wait = Annotated[float, Field(ge=0, le=MAX_WAIT, description="Seconds to wait for the watchers' answers.")]
Rate = Annotated[float, Field(ge=0.001, le=100000, description="So many subscriptions of the HSS a second.")]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
Aor = Annotated[str, Field(min_length=1, max_length=1000, description="A URI; its implicit set goes with it.")]
Reason = Literal["deactivated", "probation", "rejected", "timeout", "giveup", "noresource", "invariant"]
REASONS: tuple[str, ...] = get_args(Reason)
ENDPOINT_EVENTS = frozenset(get_args(AnyEvent)) - frozenset(get_args(Event))


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
    event: AnyEvent
    retry_after: Seconds | None = None
    """Needed by probation; userservices-unavailable may have it."""
    reason: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")] | None = None
    """Subscription-State reason in place of the configured one (RFC 6665 §4.1.3).

    With error_id, or an event of Microsoft's: what its endpoints are told in ms-diagnostics-public, any text.
    """
    error_id: Annotated[int, Field(ge=1, le=99999)] | None = None
    """ErrorId that Microsoft's endpoints are told: one of the event's own (4166 or 4167 of a new registrar)."""
    preferred_registrar: SipUri | None = None
    """Where Microsoft's endpoints are to register from now on, a SIP URI; needed by preferred-registrar-change."""
    rate: Rate | None = None
    wait: Wait | None = None

    @property
    def is_for_endpoints(self) -> bool:
        """Whether it says what only Microsoft's endpoints understand."""
        return self.event in ENDPOINT_EVENTS or self.error_id is not None

    @model_validator(mode="after")
    def _consistent(self) -> "Deregistration":
        _check_whom(self.aor, self.impi, everybody=self.all)
        if self.event != "userservices-unavailable":
            _check_retry_after(self.event, self.retry_after)
        if (self.event == "preferred-registrar-change") != (self.preferred_registrar is not None):
            raise ValueError("the event preferred-registrar-change goes with preferred_registrar (a SIP URI)")
        if self.error_id is not None:
            _check_error_id(self.event, self.error_id)
        if self.reason is not None and not self.is_for_endpoints and self.reason not in REASONS:
            raise ValueError(f"reason: input should be {', '.join(map(repr, REASONS))} (any text: with error_id)")
        return self


class UserServices(Body):
    """Whose services other than registration are there, or are not: one of aor, impi and all (MS-SIPREGE §3.5)."""

    aor: Aor | None = None
    impi: Text | None = None
    """A private identity: whatever it has registered."""
    all: bool = False
    """Everybody who is registered."""
    available: bool
    """False: endpoints that can do without are told and stay, others are over, until it is true again."""
    wait: Wait | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "UserServices":
        _check_whom(self.aor, self.impi, everybody=self.all)
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


Model = TypeVar("Model", bound=BaseModel)


def checked(model: type[Model], data: object, code: str = "bad_body") -> Model:
    """Return a body or query as its model. Raises BadRequest that names every key that is wrong and what is allowed."""
    try:
        return model.model_validate(data, strict=model.model_config.get("strict"))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)[:MAX_PROBLEMS]
        raise BadRequest(code, "; ".join(_sentence(model, problem) for problem in problems)) from None


def _check_whom(aor: str | None, impi: str | None, *, everybody: bool) -> None:
    if [aor is not None, impi is not None, everybody].count(True) != 1:
        raise ValueError("give one of aor, impi and all")


def _check_retry_after(event: str, retry_after: int | None) -> None:
    if event == "probation" and retry_after is None:
        raise ValueError("probation needs retry_after (seconds)")
    if event != "probation" and retry_after is not None:
        raise ValueError("retry_after goes with the event probation only")


def _check_error_id(event: str, error_id: int) -> None:
    kind = NOTICES.get("deactivated" if event == "probation" else event)
    if kind is None:
        raise ValueError(f"error_id: endpoints are told nothing of the event {event}")
    if error_id not in kind.error_ids:
        raise ValueError(f"error_id: {event} has {' or '.join(map(str, kind.error_ids))}")


def _sentence(model: type[BaseModel], problem: ErrorDetails) -> str:
    where = ".".join(str(part) for part in problem["loc"])[:100]
    if problem["type"] == "extra_forbidden":
        allowed = list(model.model_fields)
        return f"{where}: unknown; allowed: {', '.join(allowed) or 'nothing'}{did_you_mean(where, allowed)}"
    text = problem["msg"].removeprefix("Value error, ")
    text = text[:1].lower() + text[1:]
    return f"{where}: {text}" if where else text
