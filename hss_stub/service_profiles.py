"""Service profiles of the subscribers file: their keys, and the filter criteria that they stand for."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from hss_stub.template import parse_template
from scscf.errors import Problem
from scscf.profile.filter_criteria import (
    ApplicationServer,
    DefaultHandling,
    FilterCriterion,
    RegistrationType,
    ServiceProfile,
    SessionCase,
    Trigger,
)
from scscf.profile.pattern import PatternError, compiled
from scscf.profile.trigger import (
    All,
    AnyOf,
    Header,
    MethodIs,
    Not,
    RegistrationIs,
    RequestUri,
    SessionCaseIs,
    SessionDescription,
)
from scscf.profile.user_data import is_server_name
from scscf.yaml_file import Where, YamlFile
from scscf.yaml_model import Section

_DEEPEST = 20

_CASES = {
    "originating": SessionCase.ORIGINATING_REGISTERED,
    "terminating": SessionCase.TERMINATING_REGISTERED,
    "terminating_unregistered": SessionCase.TERMINATING_UNREGISTERED,
    "originating_unregistered": SessionCase.ORIGINATING_UNREGISTERED,
    "originating_cdiv": SessionCase.ORIGINATING_CDIV,
}
_REGISTRATIONS = {
    "initial": RegistrationType.INITIAL,
    "refresh": RegistrationType.REFRESH,
    "deregister": RegistrationType.DEREGISTER,
}


def _pattern(value: str) -> str:
    try:
        compiled(value)
    except PatternError as error:
        raise ValueError(f"{value[:100]}: {error}") from None
    return value


def _server(value: str) -> str:
    if not is_server_name(parse_template(value).text(0)):
        raise ValueError(f"{value[:100]}: must be a SIP URI like sip:as.home1.test")
    return value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Pattern = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_pattern)]
Method = Annotated[str, Field(pattern=r"^[A-Za-z0-9.!%*_+`'~-]{1,50}$")]
Registrations = Annotated[
    tuple[Literal["initial", "refresh", "deregister"], ...], BeforeValidator(_listed), Field(min_length=1, max_length=3)
]
Cases = Annotated[
    tuple[
        Literal[
            "originating",
            "terminating",
            "terminating_unregistered",
            "originating_unregistered",
            "originating_cdiv",
        ],
        ...,
    ],
    BeforeValidator(_listed),
    Field(min_length=1, max_length=5),
]


class TriggerKeys(Section):
    """A condition: exactly one of these keys (TS 29.228 §B.2.3)."""

    all: Annotated[tuple["TriggerKeys", ...], Field(min_length=1, max_length=100)] | None = None
    any: Annotated[tuple["TriggerKeys", ...], Field(min_length=1, max_length=100)] | None = None
    not_: Annotated["TriggerKeys | None", Field(alias="not")] = None
    method: Method | None = None
    registration: Registrations | None = None
    """Of a REGISTER: which kind."""
    header: Annotated[dict[Pattern, Pattern | None], Field(min_length=1, max_length=1)] | None = None
    """Name → pattern, both regular expressions; without a pattern the header's presence counts."""
    session_case: Cases | None = None
    request_uri: Pattern | None = None
    """A regular expression in the Request-URI's host, or in its number."""
    sdp: Annotated[dict[Pattern, Pattern | None], Field(min_length=1, max_length=1)] | None = None
    """Type of a line → pattern."""

    @model_validator(mode="after")
    def _one(self) -> "TriggerKeys":
        if len(self.model_fields_set) != 1:
            names = ", ".join(field.alias or name for name, field in type(self).model_fields.items())
            raise ValueError(f"must have exactly one of {names}")
        return self


class CriterionKeys(Section):
    """One initial filter criterion (TS 29.228 §B.2.2)."""

    priority: Annotated[int, Field(ge=0, le=10**9)]
    """The lowest is tried first; each once in a profile."""
    server: Annotated[str, Field(max_length=255), AfterValidator(_server)]
    default_handling: Literal["continue", "terminate"] = "continue"
    """What becomes of a request, or a registration, whose server fails."""
    trigger: TriggerKeys | None = None
    """Without it, every request meets the criterion."""
    service_info: Annotated[str, Field(max_length=10_000)] | None = None
    """Handed to the server in a third-party REGISTER."""
    include: Annotated[tuple[Literal["request", "response"], ...], Field(max_length=2)] = ()
    """What a third-party REGISTER holds of the UE's own."""
    profile_part: Literal["registered", "unregistered"] | None = None
    """For whom it counts; both where it is not written."""


class ServiceProfileKeys(Section):
    """One service profile."""

    initial_filter_criteria: Annotated[tuple[CriterionKeys, ...], Field(max_length=1000)] = ()


def service_profiles(
    keys: dict[str, ServiceProfileKeys], file: YamlFile, where: Where, problems: list[Problem]
) -> dict[str, ServiceProfile]:
    """Return the service profiles of a subscription by name; what is wrong with them is added to `problems`."""
    found = {}
    for name, profile in keys.items():
        seen: dict[int, int] = {}
        for position, criterion in enumerate(profile.initial_filter_criteria):
            place = (*where, name, "initial_filter_criteria", position)
            if criterion.priority in seen:
                problems.append(file.problem((*place, "priority"), f"priority {criterion.priority} is there twice"))
            seen[criterion.priority] = position
            if criterion.trigger is not None and _depth(criterion.trigger) > _DEEPEST:
                problems.append(file.problem((*place, "trigger"), f"conditions go at most {_DEEPEST} deep"))
        criteria = sorted(map(_criterion, profile.initial_filter_criteria), key=lambda each: each.priority)
        found[name] = ServiceProfile(name, tuple(criteria))
    return found


def numbered(profile: ServiceProfile, n: int) -> ServiceProfile:
    """Return a service profile with `{n}` replaced in its servers and what they are told."""
    return profile._replace(criteria=tuple(_numbered(criterion, n) for criterion in profile.criteria))


def varies(profile: ServiceProfile) -> bool:
    """Tell whether a service profile has `{n}` in it."""
    texts = (text for each in profile.criteria for text in (each.server.uri, each.server.service_info or ""))
    return any(parse_template(text).varies for text in texts)


def _numbered(criterion: FilterCriterion, n: int) -> FilterCriterion:
    server = criterion.server
    info = server.service_info
    return criterion._replace(
        server=server._replace(
            uri=parse_template(server.uri).text(n), service_info=None if info is None else parse_template(info).text(n)
        )
    )


def _criterion(keys: CriterionKeys) -> FilterCriterion:
    return FilterCriterion(
        keys.priority,
        ApplicationServer(
            keys.server,
            DefaultHandling.TERMINATE if keys.default_handling == "terminate" else DefaultHandling.CONTINUE,
            keys.service_info,
            "request" in keys.include,
            "response" in keys.include,
        ),
        None if keys.trigger is None or _depth(keys.trigger) > _DEEPEST else _trigger(keys.trigger),
        None if keys.profile_part is None else keys.profile_part == "registered",
    )


def _depth(keys: TriggerKeys, so_far: int = 0) -> int:
    if so_far > _DEEPEST:
        return so_far
    inner = (*(keys.all or ()), *(keys.any or ()), *((keys.not_,) if keys.not_ else ()))
    return max((_depth(each, so_far + 1) for each in inner), default=so_far)


def _trigger(keys: TriggerKeys) -> Trigger:
    if keys.all is not None:
        return All(tuple(map(_trigger, keys.all)))
    if keys.any is not None:
        return AnyOf(tuple(map(_trigger, keys.any)))
    if keys.not_ is not None:
        return Not(_trigger(keys.not_))
    if keys.method is not None:
        return MethodIs(keys.method)
    if keys.registration is not None:
        return RegistrationIs(frozenset(_REGISTRATIONS[each] for each in keys.registration))
    if keys.session_case is not None:
        return SessionCaseIs(frozenset(_CASES[each] for each in keys.session_case))
    if keys.request_uri is not None:
        return RequestUri(compiled(keys.request_uri))
    if keys.header is not None:
        (name, content), *_ = keys.header.items()
        return Header(compiled(name, ignore_case=True), None if content is None else compiled(content))
    (line, content), *_ = (keys.sdp or {}).items()
    return SessionDescription(compiled(line), None if content is None else compiled(content))
