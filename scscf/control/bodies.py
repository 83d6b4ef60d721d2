"""What the control API takes: bodies and queries, checked before anything is done."""

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from scscf.errors import SipError
from scscf.sip.uri import aor_of, parse_uri

EVENTS = ("unregistered", "deactivated", "rejected", "probation", "expired")
Seconds = Annotated[int, Field(ge=0, le=4294967295)]
Wait = Annotated[float, Field(ge=0, le=600)]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
Reason = Literal["deactivated", "probation", "rejected", "timeout", "giveup", "noresource", "invariant"]


class BadRequest(Exception):
    """A request that cannot be understood: 400 with a code and a sentence that says what is allowed."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Body(BaseModel):
    """A JSON object without keys that nobody knows."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Scope(Body):
    aor: Text | None = None
    impi: Text | None = None
    contact: Text | None = None


class Deregistration(_Scope):
    """`POST /v1/deregistrations`."""

    all: bool = False
    event: Literal["unregistered", "deactivated", "rejected", "probation", "expired"]
    retry_after: Seconds | None = None
    reason: Reason | None = None
    rate: Annotated[float, Field(gt=0, le=100000)] | None = None
    wait: Wait | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "Deregistration":
        if [self.aor is not None, self.impi is not None, self.all].count(True) != 1:
            raise ValueError("give one of aor, impi and all")
        if self.event == "probation" and self.retry_after is None:
            raise ValueError("probation needs retry_after (seconds)")
        if self.event != "probation" and self.retry_after is not None:
            raise ValueError("retry_after goes with the event probation only")
        return self


class Reauthentication(_Scope):
    """`POST /v1/reauthentications`."""

    expires: Annotated[int, Field(ge=1, le=4294967295)]
    wait: Wait | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "Reauthentication":
        if (self.aor is None) == (self.impi is None):
            raise ValueError("give one of aor and impi")
        return self


class Reset(Body):
    """`POST /v1/reset`."""

    registrations: bool = False
    subscriptions: bool = False
    challenges: bool = False


class Drain(Body):
    """`POST /v1/drain`: de-register everybody, then shut down."""

    event: Literal["unregistered", "deactivated", "rejected", "probation", "expired"] = "deactivated"
    retry_after: Seconds | None = None
    rate: Annotated[float, Field(gt=0, le=100000)] | None = None
    wait: Wait = 5.0

    @model_validator(mode="after")
    def _consistent(self) -> "Drain":
        if (self.event == "probation") != (self.retry_after is not None):
            raise ValueError("probation needs retry_after (seconds), the other events have none")
        return self


class DocumentMode(Body):
    """`PATCH /v1/subscriptions/{id}`."""

    documents: Literal["full", "partial", "delta"]


Model = TypeVar("Model", bound=Body)


def checked(model: type[Model], data: object) -> Model:
    """Return a body as its model. Raises BadRequest that names every key that is wrong and what is allowed."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise BadRequest("bad_body", "; ".join(_sentence(model, dict(problem)) for problem in error.errors())) from None


def _sentence(model: type[Body], problem: dict[str, object]) -> str:
    where = ".".join(str(part) for part in problem["loc"])  # type: ignore[attr-defined]
    if problem["type"] == "extra_forbidden":
        return f"{where}: unknown key; allowed: {', '.join(model.model_fields)}"
    text = str(problem["msg"]).removeprefix("Value error, ")
    text = text[0].lower() + text[1:]
    return f"{where}: {text}" if where else text


def aor_from(text: str) -> str:
    """Return a canonical address of record. Raises BadRequest where the text is no URI."""
    try:
        return aor_of(parse_uri(text))
    except SipError:
        raise BadRequest("bad_aor", f"{text[:200]!r} is no URI like sip:alice@home1.test") from None
