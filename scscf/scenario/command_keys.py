"""Steps in which operator, HSS, rules, quirks or the wire do something (the keys of a file)."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, model_validator

from hss_stub.control_bodies import FaultBody, PushBody, TerminationBody
from scscf.control.bodies import (
    BadRequest,
    Deregistration,
    DocumentMode,
    Drain,
    Reauthentication,
    Reset,
    UserServices,
    checked,
)
from scscf.rules.model import RuleKeys, quirk_name
from scscf.scenario.expectation_keys import Name, PatternText, ShortSection, Text, short
from scscf.scenario.quantity import Time
from scscf.yaml_model import Section


def _body(model: type[BaseModel]) -> AfterValidator:
    """Return what checks the body of an API call, whose numbers YAML has as text."""

    def check(data: dict[str, Any]) -> dict[str, Any]:
        try:
            loose = model.model_validate(data, strict=False)
        except ValueError:
            try:
                checked(model, data)
            except BadRequest as error:
                raise ValueError(error.message.replace("input should be", "must be")) from None
            raise
        return loose.model_dump(mode="json", exclude_unset=True)

    return AfterValidator(check)


Mapped = dict[str, Any]


class OperatorKeys(Section):
    """What the operator has the S-CSCF do: one of these, with the body of the API's call."""

    deregister: Annotated[Mapped, _body(Deregistration)] | None = None
    reauthenticate: Annotated[Mapped, _body(Reauthentication)] | None = None
    user_services: Annotated[Mapped, _body(UserServices)] | None = None
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

    name: Annotated[Text, AfterValidator(quirk_name)]
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
        if self.post is not None and self.post.partition("?")[0].rstrip("/") == "/v1/clock":
            raise ValueError("post: a scenario's time is that of its actors too; use `wait`, as `wait: 60s`")
        return self
