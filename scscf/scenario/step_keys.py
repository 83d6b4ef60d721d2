"""The steps of a scenario: each is a mapping with one verb as its key (the keys of a file)."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, WithJsonSchema, model_validator

from hss_stub.control_bodies import FaultBody, PushBody, TerminationBody
from scscf.control.bodies import BadRequest, Deregistration, DocumentMode, Drain, Reauthentication, Reset, checked
from scscf.rules.model import RuleKeys
from scscf.scenario.expectation_keys import (
    CaptureKeys,
    Name,
    NotifiedKeys,
    PatternText,
    ReceivedKeys,
    ResponseKeys,
    ShortSection,
    SilentKeys,
    StateKeys,
    Text,
    short,
)
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


def _body(model: type[BaseModel]) -> AfterValidator:
    """Return what checks the body of an API call, whose numbers YAML has as text."""

    def check(data: dict[str, Any]) -> dict[str, Any]:
        try:
            loose = model.model_validate(data, strict=False)
        except ValueError:
            try:
                checked(model, data)
            except BadRequest as error:
                raise ValueError(error.message) from None
            raise
        return loose.model_dump(mode="json", exclude_unset=True)

    return AfterValidator(check)


Mapped = dict[str, Any]


class OperatorKeys(Section):
    """What the operator has the S-CSCF do: one of these, with the body of the API's call."""

    deregister: Annotated[Mapped, _body(Deregistration)] | None = None
    reauthenticate: Annotated[Mapped, _body(Reauthentication)] | None = None
    drain: Annotated[Mapped, _body(Drain)] | None = None
    reset: Annotated[Mapped, _body(Reset)] | None = None
    notify: Text | None = None
    """A full NOTIFY now to every watcher of an address of record."""
    documents: Annotated[Mapped, _body(DocumentMode)] | None = None
    """For every watcher."""
    end_subscriptions: Text | None = None
    """The network ends every subscription to an address of record."""
    forget: Text | None = None
    """The S-CSCF loses an address of record; nobody is told."""
    expect: Annotated[int, Field(ge=100, le=599)] | None = None
    """Status of the API's answer; any that is no error where it is not written."""

    @model_validator(mode="after")
    def _one(self) -> "OperatorKeys":
        said = [name for name in type(self).model_fields if name != "expect" and getattr(self, name) is not None]
        if len(said) != 1:
            others = ", ".join(name for name in type(self).model_fields if name != "expect")
            raise ValueError(f"give one of {others}")
        return self


class FaultKeys(Section):
    """What goes wrong with a command of the HSS, as PUT /v1/faults/{command} takes it."""

    command: Literal["uar", "mar", "sar", "lir", "rtr", "ppr", "UAR", "MAR", "SAR", "LIR", "RTR", "PPR"]
    fault: Annotated[Mapped, _body(FaultBody)]

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, data: Any) -> Any:
        if isinstance(data, dict) and "command" in data and "fault" not in data:
            return {"command": data["command"], "fault": {k: v for k, v in data.items() if k != "command"}}
        return data


class HssKeys(Section):
    """What the HSS does, or what goes wrong with it: one of these."""

    fault: FaultKeys | None = None
    heal: Text | None = None
    """A command, or `all`."""
    terminate: Annotated[Mapped, _body(TerminationBody)] | None = None
    """RTR."""
    push: Annotated[Mapped, _body(PushBody)] | None = None
    """PPR."""
    put: Mapped | None = None
    """A subscription with the keys of the subscribers file; it takes the place of the one it was."""
    remove: Text | None = None
    """A private identity that is no subscriber any more."""
    expect: Annotated[int, Field(ge=100, le=599)] | None = None


class RuleStepKeys(Section):
    """A rule of the S-CSCF's scripted behaviour, with the keys of a rules file, or only the name: it is removed."""

    name: Name
    rule: RuleKeys | None = None

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, data: Any) -> Any:
        if isinstance(data, dict) and "name" in data and len(data) > 1 and "rule" not in data:
            return {"name": data["name"], "rule": {key: value for key, value in data.items() if key != "name"}}
        return data


class QuirkKeys(ShortSection):
    """A quirk of the S-CSCF, from now on."""

    _short = short("name")

    name: Text
    on: bool = True


class WireKeys(Section):
    """How the network carries datagrams from now on; on virtual time only. Chances are from 0 to 1."""

    of: Name | None = None
    """To and from this actor only."""
    delay: Time | None = None
    jitter: Time | None = None
    """So much longer at most: datagrams overtake each other."""
    loss: Annotated[float, Field(ge=0, le=1)] | None = None
    duplication: Annotated[float, Field(ge=0, le=1)] | None = None
    cut: Name | None = None
    """Cut the stream connections of this actor."""


class ApiKeys(Section):
    """Any call of the control API."""

    get: Text | None = None
    put: Text | None = None
    post: Text | None = None
    patch: Text | None = None
    delete: Text | None = None
    body: Mapped | None = None
    status: Annotated[int, Field(ge=100, le=599)] = 200
    expect: dict[Text, PatternText] = Field(default_factory=dict)
    """A way into the answer (`contacts[0].event`) → pattern."""
    within: Time = 0.0
    capture: dict[Name, Text] = Field(default_factory=dict)
    """Name → a way into the answer."""

    @property
    def call(self) -> tuple[str, str]:
        """Method and path."""
        ways = ((name, getattr(self, name)) for name in ("get", "put", "post", "patch", "delete"))
        return next((name.upper(), path) for name, path in ways if path is not None)

    @model_validator(mode="after")
    def _one(self) -> "ApiKeys":
        if [self.get, self.put, self.post, self.patch, self.delete].count(None) != 4:
            raise ValueError("give one of get, put, post, patch and delete, with the path")
        return self


class AskKeys(Section):
    """A UE under test is asked to do something: the person is prompted, the hook is run, a stand-in does it."""

    who: Name
    to: Literal["register", "deregister", "subscribe", "unsubscribe", "refresh", "restart"]
    prompt: Text | None = None


class DoesKeys(Section):
    """What a UE under test has to do by itself, and by when."""

    who: Name
    what: Literal["register", "refresh", "deregister", "subscribe", "resubscribe", "unsubscribe", "answer"]
    within: Time = 60.0
    not_before: Time = 0.0
    headers: dict[Text, PatternText] = Field(default_factory=dict)
    """Of the request that does it."""


class RepeatKeys(Section):
    """Steps that are done several times; `${round}` counts from 1."""

    times: Annotated[int, Field(ge=1, le=100_000)]
    steps: "Annotated[tuple[StepKeys, ...], Field(min_length=1, max_length=1000)]"


class StepKeys(Section):
    """One step: a mapping with one of these verbs as its key."""

    register_: RegisterKeys | None = Field(default=None, alias="register")
    refresh: RegisterKeys | None = None
    deregister: RegisterKeys | None = None
    subscribe: SubscribeKeys | None = None
    resubscribe: ResubscribeKeys | None = None
    unsubscribe: ResubscribeKeys | None = None
    send: SendKeys | None = None
    answer: AnswerKeys | None = None
    notified: NotifiedKeys | None = None
    received: ReceivedKeys | None = None
    silent: SilentKeys | None = None
    state: StateKeys | None = None
    api: ApiKeys | None = None
    operator: OperatorKeys | None = None
    hss: HssKeys | None = None
    rule: RuleStepKeys | None = None
    quirk: QuirkKeys | None = None
    wire: WireKeys | None = None
    restart: Literal["scscf"] | None = None
    """The S-CSCF ends and begins again: it has lost everything."""
    wait: Time | None = None
    """Let so much time pass."""
    parallel: "Annotated[tuple[Branch, ...], BeforeValidator(_branches)] | None" = None
    """Branches, each a step or a list of steps, that are done at the same time."""
    repeat: RepeatKeys | None = None
    set: dict[Name, Text] | None = None
    """Variables: name → text."""
    start: Name | None = None
    """An autonomous actor begins to act of its own accord."""
    ask: AskKeys | None = None
    does: DoesKeys | None = None

    @property
    def verb(self) -> str:
        """The one key that is written."""
        return next(name for name in type(self).model_fields if name in self.model_fields_set).rstrip("_")

    @property
    def keys(self) -> Any:
        """What is written under it."""
        return getattr(self, "register_" if self.verb == "register" else self.verb)

    @model_validator(mode="after")
    def _one(self) -> "StepKeys":
        if len(self.model_fields_set) != 1 or self.keys is None:
            raise ValueError("a step is a mapping with one verb as its key")
        return self


def _one_or_more(schema: dict[str, Any]) -> None:
    schema["anyOf"] = [dict(schema), schema.pop("items")]
    for key in [key for key in schema if key != "anyOf"]:
        del schema[key]


Branch = Annotated[tuple[StepKeys, ...], Field(min_length=1, max_length=1000, json_schema_extra=_one_or_more)]
"""Steps that are done one after the other, beside other branches; in a file also a single step."""


def _branches(value: object) -> object:
    if isinstance(value, list | tuple):
        return [each if isinstance(each, list | tuple) else [each] for each in value]
    return value


RepeatKeys.model_rebuild()
StepKeys.model_rebuild()

VERBS = tuple("register" if name == "register_" else name for name in StepKeys.model_fields)
"""Every verb, in the order of the table."""
