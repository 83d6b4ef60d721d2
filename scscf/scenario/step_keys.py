"""The steps of a scenario: each is a mapping with one verb as its key (the keys of a file)."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from scscf.scenario.command_keys import ApiKeys, HssKeys, OperatorKeys, QuirkKeys, RuleStepKeys, WireKeys
from scscf.scenario.expectation_keys import Name, NotifiedKeys, PatternText, ReceivedKeys, SilentKeys, StateKeys, Text
from scscf.scenario.quantity import Time
from scscf.scenario.request_keys import AnswerKeys, RegisterKeys, ResubscribeKeys, SendKeys, SubscribeKeys
from scscf.yaml_model import Section


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

    @model_validator(mode="before")
    @classmethod
    def _mapping(cls, data: Any) -> Any:
        if isinstance(data, str):
            raise ValueError("a step is a verb and what it is about, like `- register: phone`")
        return data

    @model_validator(mode="after")
    def _one(self) -> "StepKeys":
        verbs = [name.rstrip("_") for name in type(self).model_fields if name in self.model_fields_set]
        if len(verbs) > 1:
            raise ValueError(f"one step has one verb, and this has {', '.join(verbs)}: each step begins with `- `")
        if not verbs or self.keys is None:
            raise ValueError("a step is a verb and what it is about, like `- register: phone`")
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
