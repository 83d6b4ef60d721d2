"""What a scenario may expect of a response, a NOTIFY and its document, a request, and the API: the keys of a file."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from scscf.scenario.pattern import check_pattern, is_about_numbers
from scscf.scenario.quantity import Time
from scscf.yaml_model import Section, did_you_mean

_STATUS = re.compile(r"[1-6](\d\d|xx)|none")

Text = Annotated[str, Field(max_length=10_000), WithJsonSchema({"type": ["string", "number", "boolean"]})]
_NAME = r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"


def _name(text: str) -> str:
    if not re.fullmatch(_NAME, text):
        raise ValueError("must be a name: a letter, then letters, digits, _ and -")
    return text


Name = Annotated[str, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": _NAME})]
PatternText = Annotated[
    Text | None,
    AfterValidator(check_pattern),
    WithJsonSchema({"type": ["string", "number", "boolean", "null"]}),
]
"""A text, `/regular expression/`, `3590..3600`, `>= 1`, `*` (anything), or null: it must not be there."""


def _among(*words: str) -> AfterValidator:
    """Return what refuses a plain text that is none of some words, and so can never come."""

    def check(text: str | None) -> str | None:
        if text is None or text in (*words, "*") or text.startswith("/") or "${" in text:
            return text
        raise ValueError(f"{text}: must be {', '.join(words)}, or a pattern{did_you_mean(text, list(words))}")

    return AfterValidator(check)


def _number(text: str | None) -> str | None:
    if text is None or text == "*" or text.startswith("/") or "${" in text or is_about_numbers(text):
        return text
    raise ValueError(f"{text}: must be a number, a range (3590..3600), a comparison (>= 1), or * for anything")


NumberText = Annotated[PatternText, AfterValidator(_number)]
RegistrationState = Annotated[PatternText, _among("init", "active", "terminated")]
ContactState = Annotated[PatternText, _among("active", "terminated")]
_EVENTS = (
    "registered", "created", "refreshed", "shortened", "expired", "deactivated", "probation", "unregistered", "rejected"
)  # fmt: skip
ContactEvent = Annotated[PatternText, _among(*_EVENTS)]
"""RFC 3680 §5.1."""
DocumentState = Annotated[PatternText, _among("full", "partial")]
SubscriptionState = Annotated[PatternText, _among("active", "pending", "terminated")]


def _statuses(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


def _status(text: str) -> str:
    if not _STATUS.fullmatch(text):
        raise ValueError("must be a status (200), a class of them (4xx), or none: no answer at all")
    return text


Status = Annotated[str, AfterValidator(_status)]
Statuses = Annotated[
    tuple[Status, ...],
    BeforeValidator(_statuses),
    Field(min_length=1, max_length=20),
    WithJsonSchema({"type": ["string", "integer", "array"], "items": {"type": ["string", "integer"]}}),
]
Headers = Annotated[dict[Text, PatternText | tuple[PatternText, ...]], Field(max_length=100)]
"""Header → pattern. Of a header that comes more than once, one value has to match; a list wants these, in order."""


def or_short(schema: dict[str, Any]) -> None:
    """Have the JSON schema of a section allow its short form, one text, too."""
    whole = dict(schema)
    schema.clear()
    schema["anyOf"] = [{"type": ["string", "number", "null", "array"]}, whole]


class ShortSection(Section):
    """A section that may be written as one text."""

    model_config = ConfigDict(json_schema_extra=or_short)


def short(key: str) -> Any:
    """Return what lets a section be written as one text: the value of `key`."""

    def read(cls: type[Section], data: Any) -> Any:
        return {key: data} if isinstance(data, str | list | None) else data

    method: Any = classmethod(read)
    return model_validator(mode="before")(method)


class ResponseKeys(ShortSection):
    """What is expected of the final response."""

    _short = short("status")

    status: Statuses = ("200",)
    reason: PatternText = "*"
    headers: Headers = Field(default_factory=dict)
    contacts: dict[Text, dict[Text, PatternText] | None] | None = None
    """The Contacts of a 200 to REGISTER, and no others: an actor or a URI → header parameters."""
    challenges: Annotated[int, Field(ge=0, le=10)] | None = None
    """How many challenges came before it."""
    signed: bool | None = None
    """Whether it is signed within the endpoint's security association, and rightly; either where it is not written."""
    body: PatternText = "*"
    within: Time | None = None


class ContactKeys(ShortSection):
    """One contact of a registration in a document."""

    _short = short("event")

    event: ContactEvent = "*"
    state: ContactState = "*"
    id: PatternText = "*"
    expires: NumberText = "*"
    retry_after: NumberText = "*"
    duration_registered: NumberText = "*"
    q: NumberText = "*"
    callid: PatternText = "*"
    cseq: NumberText = "*"
    display_name: PatternText = "*"
    params: dict[Text, PatternText] = Field(default_factory=dict)
    """unknown-param elements: name → text."""
    pub_gruu: PatternText = "*"
    temp_gruu: PatternText = "*"


class RegistrationKeys(ShortSection):
    """One registration of a document."""

    _short = short("state")

    state: RegistrationState = "*"
    id: PatternText = "*"
    contacts: dict[Text, ContactKeys] | None = None
    """An actor or a contact URI → what it is; with `exact` no others may be there."""


class DocumentKeys(Section):
    """What is expected of a reginfo document."""

    version: NumberText = "*"
    state: DocumentState = "*"
    """full or partial."""
    registrations: dict[Text, RegistrationKeys] = Field(default_factory=dict)
    """An address of record or an actor → what it is."""
    exact: bool = False
    """No registration and no contact but those named."""


class NotifiedKeys(DocumentKeys, ShortSection):
    """The next NOTIFY that reaches an actor."""

    _short = short("by")

    by: Name
    within: Time = 5.0
    """Seconds that are waited for it."""
    not_before: Time = 0.0
    """It may not come earlier."""
    subscription_state: SubscriptionState = "*"
    """active, pending or terminated."""
    reason: PatternText = "*"
    """Of Subscription-State; null: there is none."""
    expires: NumberText = "*"
    """Of Subscription-State."""
    headers: Headers = Field(default_factory=dict)
    body: PatternText = "*"
    empty: bool = False
    """It has no body."""
    registration: PatternText = "*"
    """What it tells an endpoint of itself: registered or deregistered."""
    event: PatternText = "*"
    """Why, as its body says: unregistered, rejected ..."""
    error_id: NumberText = "*"
    """ErrorId of its ms-diagnostics."""
    preferred_registrar: PatternText = "*"
    """Where an endpoint is told to register."""
    signed: bool | None = None
    """Whether it is signed within the endpoint's security association, and rightly."""
    eventually: bool = False
    """Others may come before it: the first that matches counts."""
    watch: Name | None = None
    """Which subscription of the actor, as `subscribe` named it."""
    capture: dict[Name, "CaptureKeys"] = Field(default_factory=dict)

    @property
    def asks_for_notice(self) -> bool:
        """Whether anything is expected of what an endpoint is told of itself."""
        asked = (self.registration, self.event, self.error_id, self.preferred_registrar)
        return any(each != "*" for each in asked)


class ReceivedKeys(ShortSection):
    """The next request other than NOTIFY that reaches an actor."""

    _short = short("by")

    by: Name
    method: Text = "*"
    uri: PatternText = "*"
    headers: Headers = Field(default_factory=dict)
    body: PatternText = "*"
    within: Time = 5.0
    not_before: Time = 0.0
    capture: dict[Name, "CaptureKeys"] = Field(default_factory=dict)


class SilentKeys(ShortSection):
    """That nothing reaches an actor for so long."""

    _short = short("at")

    at: Name
    method: Text = "*"
    for_: Annotated[Time, Field(alias="for")] = 5.0


class StateKeys(RegistrationKeys):
    """What the S-CSCF's API shows of an address of record."""

    _short = short("aor")

    aor: Text
    exact: bool = False
    watchers: Annotated[int, Field(ge=0)] | None = None
    within: Time = 0.0
    """Seconds that are waited for it to be so."""


class CaptureKeys(ShortSection):
    """What is kept of a message under a name: a header (or body) and the part that a pattern's first group matches."""

    _short = short("header")

    header: Text | None = None
    """None: the body."""
    sent: Text | None = None
    """A header of the request as the actor sent it last, in place of one of the answer."""
    pattern: Text | None = None
    """A regular expression; its first group, or all that it matches; the whole value where it is not written."""
