"""The calls about rules and quirks: how the S-CSCF is made to misbehave while it runs."""

from typing import Any

from pydantic import ConfigDict
from typing_extensions import TypedDict

from scscf.control.api import Api
from scscf.control.bodies import BadRequest, NoQuery, Nothing
from scscf.control.route import Answer, Call, Conflict, NotFound, Route
from scscf.control.shapes import LostView
from scscf.quirks import QUIRKS, UnknownQuirkError
from scscf.rules.model import RULE_NAME, RuleKeys
from scscf.rules.rules import NotHereError, Rule, TooManyError
from scscf.rules.script import Script


class RuleBody(RuleKeys):
    """What a rule is about, how often, and what is done."""

    model_config = ConfigDict(strict=True, frozen=True, defer_build=True)


class RuleView(TypedDict):
    """A rule that is set."""

    name: str
    match: dict[str, Any]
    after: int
    count: int | None
    do: dict[str, Any]
    seen: int
    """Messages that it was about."""
    hits: int
    """Messages that it was done to."""


class RulesView(TypedDict):
    """Every rule that is set."""

    rules: list[RuleView]


class QuirkView(TypedDict):
    """One way to misbehave."""

    name: str
    about: str
    seen_in: str
    breaks: str
    """The clause that it breaks."""
    on: bool


class QuirksView(TypedDict):
    """Every quirk there is."""

    quirks: list[QuirkView]


async def rules(api: Api, call: Call) -> Answer:
    """Show every rule that is set, and how often it was done."""
    body: RulesView = {"rules": [_rule_view(rule) for rule in _script(api).rules.all()]}
    return Answer(200, body)


async def rule(api: Api, call: Call) -> Answer:
    """Show a rule, and how often it was done."""
    return Answer(200, _rule_view(_rule(api, call.path[0])))


async def set_rule(api: Api, call: Call) -> Answer:
    """Set a rule in place of the one of that name, and count from the beginning."""
    name, wanted = call.path[0], call.body
    if RULE_NAME.fullmatch(name) is None:
        raise BadRequest("bad_name", f"{name[:100]!r}: a name has 1 to 100 letters, digits, dots, dashes and the like")
    try:
        return Answer(200, _rule_view(_script(api).rules.set(name, wanted)))
    except (NotHereError, TooManyError) as error:
        raise Conflict("other_hss" if isinstance(error, NotHereError) else "too_many", str(error)) from None


async def remove_rule(api: Api, call: Call) -> Answer:
    """Take a rule back."""
    _rule(api, call.path[0])
    body: LostView = {"removed": int(_script(api).rules.remove(call.path[0]))}
    return Answer(200, body)


async def clear_rules(api: Api, call: Call) -> Answer:
    """Take all rules back."""
    body: LostView = {"removed": _script(api).rules.clear()}
    return Answer(200, body)


async def quirks(api: Api, call: Call) -> Answer:
    """List the quirks: what each does, whom it was seen in, and whether it is on."""
    body: QuirksView = {"quirks": [_quirk_view(_script(api), name) for name in QUIRKS]}
    return Answer(200, body)


async def set_quirk(api: Api, call: Call) -> Answer:
    """Misbehave so from now on."""
    return _change_quirk(api, call.path[0], on=True)


async def remove_quirk(api: Api, call: Call) -> Answer:
    """Behave again."""
    return _change_quirk(api, call.path[0], on=False)


def _change_quirk(api: Api, name: str, *, on: bool) -> Answer:
    script = _script(api)
    try:
        if on:
            script.quirks.set(name)
        else:
            script.quirks.remove(name)
    except UnknownQuirkError as error:
        raise NotFound("no_such_quirk", str(error)) from None
    return Answer(200, _quirk_view(script, name))


def _script(api: Api) -> Script:
    if api.script is None:
        raise NotFound("no_script", "nothing is scripted here")
    return api.script


def _rule(api: Api, name: str) -> Rule:
    found = _script(api).rules.get(name)
    if found is None:
        raise NotFound("no_such_rule", f"there is no rule {name[:100]}")
    return found


def _rule_view(rule: Rule) -> RuleView:
    keys = rule.keys
    return {
        "name": rule.name,
        "match": keys.match.model_dump(mode="json", exclude_none=True, by_alias=True),
        "after": keys.after,
        "count": keys.count,
        "do": keys.do.model_dump(mode="json", exclude_none=True, by_alias=True),
        "seen": rule.seen,
        "hits": rule.hits,
    }


def _quirk_view(script: Script, name: str) -> QuirkView:
    quirk = QUIRKS[name]
    return {
        "name": name,
        "about": quirk.about,
        "seen_in": quirk.seen_in,
        "breaks": quirk.breaks,
        "on": name in script.quirks.on,
    }


SCRIPTING: tuple[Route, ...] = (
    Route("GET", "/v1/rules", rules, 200, RulesView),
    Route("DELETE", "/v1/rules", clear_rules, 200, LostView),
    Route("GET", "/v1/rules/{name}", rule, 200, RuleView, NoQuery, None, (404,)),
    Route("PUT", "/v1/rules/{name}", set_rule, 200, RuleView, NoQuery, RuleBody, (404, 409)),
    Route("DELETE", "/v1/rules/{name}", remove_rule, 200, LostView, NoQuery, None, (404,)),
    Route("GET", "/v1/quirks", quirks, 200, QuirksView),
    Route("PUT", "/v1/quirks/{quirk}", set_quirk, 200, QuirkView, NoQuery, Nothing, (404,)),
    Route("DELETE", "/v1/quirks/{quirk}", remove_quirk, 200, QuirkView, NoQuery, None, (404,)),
)
"""Calls of the S-CSCF's control API."""
