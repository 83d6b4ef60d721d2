"""How a rule is written: what it is about, how often, and what is done (the control API, rule files, scenarios)."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic.functional_validators import AfterValidator

from scscf.config.values import Network
from scscf.profile.expression import PatternError
from scscf.quirks import QUIRKS
from scscf.rules.substitution import pattern_of
from scscf.yaml_model import Section, did_you_mean

MOST_DELAY = 600
"""Longest delay of a message, seconds."""
ACTIONS = ("answer", "drop", "delay", "edit", "vector", "quirk")
"""What a rule may do."""
RULE_NAME = re.compile(r"[A-Za-z0-9._~-]{1,100}")
"""What a rule may be called."""
_LINE = r"^[^\r\n\x00]*$"


def quirk_name(value: str) -> str:
    """Return the name of a quirk. Raises ValueError where there is none so named."""
    if value not in QUIRKS:
        raise ValueError(f"{value[:100]}: must be one of {', '.join(QUIRKS)}{did_you_mean(value, list(QUIRKS))}")
    return value


def _pattern(value: str) -> str:
    try:
        pattern_of(value)
    except PatternError as error:
        raise ValueError(f"{value[:100]}: is no extended regular expression: {error}") from None
    return value


def _title(value: str) -> str:
    if value.lower() in ("via", "v", "content-length", "l"):
        raise ValueError(f"{value}: says where the message goes and ends, and stays as it is")
    return value


RuleName = Annotated[str, Field(pattern=f"^{RULE_NAME.pattern}$")]
"""What a rule is called."""
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9\-.!%*_+`'~]{1,100}$")]
Editable = Annotated[HeaderName, AfterValidator(_title)]
Line = Annotated[str, Field(pattern=_LINE, max_length=4000)]
Text = Annotated[str, Field(min_length=1, max_length=1000)]


class MatchKeys(Section):
    """`match`: which messages a rule is about; all that is written has to be so, nothing written is every message."""

    method: Annotated[str, Field(pattern=r"^[A-Z]{1,32}$")] | None = None
    """Of the request, or of the request that a response answers."""
    direction: Literal["in", "out"] | None = None
    """`in`: what is sent to us, `out`: what we send."""
    message: Literal["request", "response"] | None = None
    """Where it is not written: requests for drop and delay; for edit and quirk whatever we send."""
    status: Annotated[int, Field(ge=100, le=699)] | None = None
    """Status of a response."""
    aor: Text | None = None
    """An address of record: in To, From or the Request-URI, or of an implicit registration set with one of them."""
    impi: Text | None = None
    """A private identity: of the credentials, or of the binding that the message belongs to."""
    source: Network | None = None
    """Address or network of the peer, whoever sends."""
    phase: Literal["initial", "authenticated", "refresh", "deregister", "unsubscribe", "any"] | None = None
    """What a REGISTER or SUBSCRIBE does."""
    event: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """A contact event in a NOTIFY of ours (RFC 3680 §5.1), or the event package of a SUBSCRIBE."""

    @model_validator(mode="after")
    def _consistent(self) -> "MatchKeys":
        if self.status is not None and self.message == "request":
            raise ValueError("status is of responses, message says request")
        if self.phase == "unsubscribe" and self.method not in (None, "SUBSCRIBE"):
            raise ValueError(f"phase unsubscribe is of SUBSCRIBE, not of {self.method}")
        if self.phase in ("authenticated", "deregister") and self.method not in (None, "REGISTER"):
            raise ValueError(f"phase {self.phase} is of REGISTER, not of {self.method}")
        return self


class AnswerKeys(Section):
    """`answer`: the response that a request gets in place of being served."""

    status: Annotated[int, Field(ge=200, le=699)]
    reason: Annotated[str, Field(pattern=_LINE, max_length=200)] | None = None
    """Reason phrase; the usual one where it is not written."""
    headers: Annotated[Mapping[Editable, Line], Field(max_length=50)] = Field(default_factory=dict)
    body: Annotated[str, Field(max_length=60000)] | None = None
    """With a Content-Type among the headers."""

    @model_validator(mode="after")
    def _typed(self) -> "AnswerKeys":
        if self.body and not any(name.lower() == "content-type" for name in self.headers):
            raise ValueError("a body needs Content-Type among the headers")
        return self


class EditKeys(Section):
    """One edit: one of set, add, remove and replace."""

    set: Editable | None = None
    """A header field that gets `value`, in place of all there are of that name."""
    add: Editable | None = None
    """A header field that comes with `value` besides those that are there."""
    remove: Editable | None = None
    """A header field that is taken out."""
    replace: Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_pattern)] | None = None
    """An extended regular expression; whatever it finds (leftmost, longest) becomes `with`."""
    value: Line | None = None
    with_: Annotated[Annotated[str, Field(max_length=4000)] | None, Field(alias="with")] = None
    """Plain text."""
    in_: Annotated[Editable | None, Field(alias="in")] = None
    """Where `replace` looks: a header field, `body` or `uri` (the Request-URI)."""

    @model_validator(mode="after")
    def _consistent(self) -> "EditKeys":
        written = [name for name in ("set", "add", "remove", "replace") if getattr(self, name) is not None]
        if len(written) != 1:
            raise ValueError("give one of set, add, remove and replace")
        what = written[0]
        needed = {"set": {"value"}, "add": {"value"}, "remove": set(), "replace": {"with", "in"}}[what]
        there = {
            name for name, given in (("value", self.value), ("with", self.with_), ("in", self.in_)) if given is not None
        }
        if there != needed:
            raise ValueError(f"{what} goes with {' and '.join(sorted(needed)) or 'nothing else'}")
        if self.in_ != "body" and self.with_ is not None and any(each in self.with_ for each in "\r\n\0"):
            raise ValueError("with: line ends are for the body only")
        return self


class DoKeys(Section):
    """`do`: one action."""

    answer: AnswerKeys | None = None
    drop: bool | None = None
    """The message is lost, as on the wire: each retransmission counts as one of its own."""
    delay: Annotated[float, Field(gt=0, le=MOST_DELAY)] | None = None
    """Seconds by which the message comes, or leaves, late."""
    edit: Annotated[list[EditKeys], Field(min_length=1, max_length=50)] | None = None
    vector: Literal["bad_mac", "old_sqn"] | None = None
    """What is wrong with the AKA vector that a REGISTER leads to: the embedded HSS stub makes it so."""
    quirk: Annotated[str, AfterValidator(quirk_name)] | None = None
    """A quirk, for what matches only."""

    @model_validator(mode="before")
    @classmethod
    def _word(cls, data: Any) -> Any:
        return {"drop": True} if data == "drop" else data

    @model_validator(mode="after")
    def _one(self) -> "DoKeys":
        written = [name for name in ACTIONS if getattr(self, name) is not None]
        if len(written) != 1:
            raise ValueError(f"give one of {', '.join(ACTIONS)}")
        if self.drop is False:
            raise ValueError("drop must be true")
        return self

    @property
    def action(self) -> str:
        """Which of ACTIONS it is."""
        return next(name for name in ACTIONS if getattr(self, name) is not None)


class RuleKeys(Section):
    """One rule: scripted behaviour of a running S-CSCF."""

    match: MatchKeys = MatchKeys()
    after: Annotated[int, Field(ge=0, le=10**9)] = 0
    """How many matching messages pass before."""
    count: Annotated[int, Field(ge=1, le=10**9)] | None = None
    """To how many it is done; to all that follow where it is not written."""
    do: DoKeys

    @model_validator(mode="after")
    def _consistent(self) -> "RuleKeys":
        match, action = self.match, self.do.action
        if action in ("answer", "vector"):
            if match.direction == "out" or match.message == "response" or match.status is not None:
                raise ValueError(f"{action} is for requests that are sent to us")
            if action == "vector" and match.method not in (None, "REGISTER"):
                raise ValueError(f"vector is for REGISTER, not for {match.method}")
            if action == "answer" and match.method in ("ACK", "CANCEL"):
                raise ValueError(f"{match.method} cannot be answered by a rule")
        if action == "edit" and match.direction == "in":
            raise ValueError("edit is for what we send")
        return self


class NamedRuleKeys(RuleKeys):
    """A file that is one rule."""

    name: RuleName


class RulesFileKeys(Section):
    """A file of rules by name."""

    rules: Annotated[Mapping[RuleName, RuleKeys], Field(min_length=1, max_length=1000)]
