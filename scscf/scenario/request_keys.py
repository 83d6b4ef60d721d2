"""Steps in which an actor sends something, and how it answers (the keys of a file)."""

from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from scscf.scenario.expectation_keys import CaptureKeys, Name, ResponseKeys, ShortSection, Text, short
from scscf.scenario.quantity import Time
from scscf.yaml_model import Section

Seconds = Annotated[int, Field(ge=0, le=4294967295)]


def _none(value: object) -> object:
    return None if value == "none" else value


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Expires = Annotated[
    Seconds | None, BeforeValidator(_none), WithJsonSchema({"anyOf": [{"type": "integer"}, {"const": "none"}]})
]
"""Seconds, or `none`: the header is left out."""
SentHeaders = dict[Text, Text | tuple[Text, ...] | None]
"""Header → value, values, or null: it is left out."""
Texts = Annotated[
    tuple[Text, ...],
    BeforeValidator(_listed),
    WithJsonSchema({"type": ["string", "array"], "items": {"type": "string"}}),
]


class _Request(Section):
    by: Name
    """The actor that sends it; one with a `count` sends it from each."""
    headers: SentHeaders = Field(default_factory=dict)
    """Put in place of what the actor would send; null leaves one out."""
    challenge: bool = True
    """Whether a challenge is answered."""
    expect: ResponseKeys = ResponseKeys()
    capture: dict[Name, CaptureKeys] = Field(default_factory=dict)


class RegisterKeys(_Request, ShortSection):
    """An actor registers: its own contact, or those that are written."""

    _short = short("by")

    expires: Expires = None
    contacts: Texts | None = None
    """Contact values; `*` for all of them."""

    @property
    def says_expires(self) -> bool:
        """Whether the file says what Expires is."""
        return "expires" in self.model_fields_set


class SubscribeKeys(_Request, ShortSection):
    """An actor subscribes to the registration state of an address of record, its own where none is written."""

    _short = short("by")

    to: Text | None = None
    expires: Expires = 600_000
    event: Text = "reg"
    name: Name | None = None
    """What later steps call this subscription."""


class ResubscribeKeys(_Request, ShortSection):
    """An actor refreshes its last subscription, or the named one."""

    _short = short("by")

    expires: Expires = 600_000
    watch: Name | None = None


class SendKeys(_Request):
    """An actor sends any request, or octets as they are (`raw`)."""

    method: Text = "OPTIONS"
    uri: Text | None = None
    """Request-URI; that of the home domain where none is written."""
    body: Text = ""
    raw: Annotated[str, Field(max_length=200_000)] | None = None
    """A whole message; line ends become CR LF, and a missing empty line behind the headers is added."""
    as_is: bool = False
    """Whether `raw` goes out without the empty line that it lacks."""


class AnswerKeys(Section):
    """How an actor answers the next requests of a method."""

    by: Name
    method: Text = "NOTIFY"
    status: Annotated[
        Annotated[int, Field(ge=100, le=699)] | None,
        BeforeValidator(_none),
        WithJsonSchema({"anyOf": [{"type": "integer"}, {"const": "none"}]}),
    ] = 200
    """none: with silence."""
    reason: Text | None = None
    headers: dict[Text, Text] = Field(default_factory=dict)
    body: Text = ""
    delay: Time = 0.0
    times: Annotated[int, Field(ge=1)] | None = None
    """So many requests; all where it is not written."""
    clear: bool = False
    """Answer by itself again."""
