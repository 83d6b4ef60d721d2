"""Steps that are calls of the control API: the operator, the HSS, rules, quirks, and what the API shows."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from scscf.control.route import Answer
from scscf.promise import Promise
from scscf.regevent.reading import ReadContact, ReadRegistration
from scscf.scenario.captures import as_json, at_way, said, shown
from scscf.scenario.command_keys import ApiKeys, HssKeys, OperatorKeys, QuirkKeys, RuleStepKeys
from scscf.scenario.expectation_keys import StateKeys
from scscf.scenario.matching import Difference, lines, registration_differences
from scscf.scenario.outcome import Unmet
from scscf.scenario.pattern import Pattern
from scscf.scenario.run import Run

_LOOK_AGAIN = 0.1


async def operator(run: Run, keys: OperatorKeys) -> None:
    """Have the S-CSCF do what the operator says."""
    expect = keys.expect
    if keys.deregister is not None:
        await _call(run, "POST", "/v1/deregistrations", _named(run, keys.deregister), expect)
    elif keys.reauthenticate is not None:
        await _call(run, "POST", "/v1/reauthentications", _named(run, keys.reauthenticate), expect)
    elif keys.user_services is not None:
        await _call(run, "POST", "/v1/user-services", _named(run, keys.user_services), expect)
    elif keys.drain is not None:
        await _call(run, "POST", "/v1/drain", {"wait": 0.0, **keys.drain}, expect)
    elif keys.reset is not None:
        await _call(run, "POST", "/v1/reset", keys.reset, expect)
    elif keys.forget is not None:
        path = f"/v1/registrations/{quote(run.aor_of(keys.forget), safe='')}"
        await _call(run, "DELETE", path, None, expect, {"silent": "true"})
    elif keys.notify is not None:
        for each in await _subscriptions(run, keys.notify):
            await _call(run, "POST", f"/v1/subscriptions/{quote(each['id'], safe='')}/notify", {}, expect)
    elif keys.documents is not None:
        for each in await _subscriptions(run, None):
            await _call(run, "PATCH", f"/v1/subscriptions/{quote(each['id'], safe='')}", keys.documents, expect)
    elif keys.end_subscriptions is not None:
        for each in await _subscriptions(run, keys.end_subscriptions):
            await _call(run, "DELETE", f"/v1/subscriptions/{quote(each['id'], safe='')}", None, expect)


async def hss(run: Run, keys: HssKeys) -> None:
    """Have the HSS do something, or something go wrong with it."""
    expect = keys.expect
    if keys.fault is not None:
        await _call(run, "PUT", f"/v1/faults/{keys.fault.command.lower()}", keys.fault.fault, expect)
    elif keys.heal is not None:
        path = "/v1/faults" if keys.heal == "all" else f"/v1/faults/{keys.heal.lower()}"
        await _call(run, "DELETE", path, None, expect)
    elif keys.terminate is not None:
        await _call(run, "POST", "/v1/terminations", keys.terminate, expect)
    elif keys.push is not None:
        await _call(run, "POST", "/v1/pushes", keys.push, expect)
    elif keys.put is not None:
        devices = keys.put.get("private_identities") or [{}]
        path = f"/v1/subscribers/{quote(str(devices[0].get('id', '')), safe='')}"
        await _call(run, "PUT", path, as_json(keys.put), expect)
    elif keys.remove is not None:
        await _call(run, "DELETE", f"/v1/subscribers/{quote(keys.remove, safe='')}", None, expect)


async def rule(run: Run, keys: RuleStepKeys) -> None:
    """Set a rule, or take one away."""
    path = f"/v1/rules/{quote(keys.name, safe='')}"
    if keys.rule is None:
        await _call(run, "DELETE", path, None, None)
        return
    await _call(run, "PUT", path, keys.rule.model_dump(mode="json", by_alias=True, exclude_unset=True), None)


async def quirk(run: Run, keys: QuirkKeys) -> None:
    """Have the S-CSCF misbehave, or not any more."""
    await _call(run, "PUT" if keys.on else "DELETE", f"/v1/quirks/{quote(keys.name, safe='')}", None, None)


async def api(run: Run, keys: ApiKeys) -> None:
    """Make a call of the API and look at the answer, again and again where there is time."""
    method, path = keys.call
    path, _, asked = path.partition("?")
    query = dict(pair.partition("=")[::2] for pair in asked.split("&") if pair)
    deadline = run.world.now() + keys.within
    while True:
        answer = await run.world.call(method, path, None if keys.body is None else as_json(keys.body), query)
        differences = list(_answer_differences(keys, answer))
        if not differences or run.world.now() >= deadline:
            break
        await run.world.lapse(_LOOK_AGAIN, Promise())
    if differences:
        expected, came = lines(differences)
        raise Unmet(f"{method} {path}: the answer is not as expected", expected, came)
    for name, way in keys.capture.items():
        try:
            run.variables[name] = shown(at_way(answer.body, way))
        except LookupError:
            raise Unmet(f"capture {name}: the answer has no {way}") from None


def _answer_differences(keys: ApiKeys, answer: Answer) -> list[Difference]:
    found = []
    if answer.status != keys.status:
        found.append(Difference("status", str(keys.status), f"{answer.status} {said(answer)}"))
    for way, pattern in keys.expect.items():
        try:
            value: str | None = shown(at_way(answer.body, way))
        except (LookupError, TypeError):
            value = None
        if not Pattern(pattern).matches(value):
            found.append(Difference(way, str(Pattern(pattern)), "(absent)" if value is None else value))
    return found


async def state(run: Run, keys: StateKeys) -> None:
    """Look at what the API shows of an address of record."""
    aor = run.aor_of(keys.aor)
    deadline = run.world.now() + keys.within
    while True:
        differences = await _state_differences(run, keys, aor)
        if not differences:
            return
        if run.world.now() >= deadline:
            break
        await run.world.lapse(_LOOK_AGAIN, Promise())
    expected, came = lines(differences)
    raise Unmet(f"{aor} is not as expected: {differences[0].what}", expected, came)


async def _state_differences(run: Run, keys: StateKeys, aor: str) -> list[Difference]:
    answer = await run.world.call("GET", f"/v1/registrations/{quote(aor, safe='')}")
    if answer.status == 404:
        found = ReadRegistration(aor, "", "terminated", ())
    elif answer.status == 200:
        found = _as_read(answer.body)
    else:
        return [Difference("status of the API", "200 or 404", f"{answer.status} {said(answer)}")]
    differences = list(registration_differences(keys, found, keys.exact, run.contact_of))
    if keys.watchers is not None:
        there = len(await _subscriptions(run, aor))
        if there != keys.watchers:
            differences.append(Difference("watchers", str(keys.watchers), str(there)))
    return differences


def _as_read(body: Mapping[str, Any]) -> ReadRegistration:
    """Return what the API shows as a watcher would read it."""
    contacts = []
    for row in body.get("contacts") or ():
        shows = {name.replace("_", "-"): shown(value) for name, value in row.items() if value is not None}
        params = {
            str(name): "" if value is None else str(value) for name, value in dict(row.get("params") or {}).items()
        }
        contacts.append(
            ReadContact(row["uri"], shows, row.get("display_name"), params, row.get("pub_gruu"), row.get("temp_gruu"))
        )
    return ReadRegistration(body["aor"], str(body.get("id", "")), body["state"], tuple(contacts))


async def _subscriptions(run: Run, aor: str | None) -> list[dict[str, Any]]:
    query = {} if aor is None else {"aor": run.aor_of(aor)}
    answer = await run.world.call("GET", "/v1/subscriptions", None, query)
    found: Any = answer.body.get("subscriptions", [])
    return list(found)


async def _call(
    run: Run,
    method: str,
    path: str,
    body: Mapping[str, Any] | None,
    expect: int | None,
    query: Mapping[str, str] | None = None,
) -> Answer:
    answer = await run.world.call(method, path, body, query)
    wrong = answer.status >= 400 if expect is None else answer.status != expect
    if wrong:
        wanted = "2xx" if expect is None else str(expect)
        raise Unmet(f"{method} {path} was answered {answer.status}", [wanted], [f"{answer.status} {said(answer)}"])
    return answer


def _named(run: Run, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body with actors' names in place of their AOR and contact put in."""
    named = dict(body)
    if isinstance(named.get("aor"), str):
        named["aor"] = run.aor_of(named["aor"])
    if isinstance(named.get("contact"), str):
        named["contact"] = run.contact_of(named["contact"])
    return named
