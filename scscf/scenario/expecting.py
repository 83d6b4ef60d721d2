"""Steps that expect something: a NOTIFY, a request, silence."""

from scscf.regevent.reading import ReadDocument, read_document
from scscf.scenario.actor import Actor, Told
from scscf.scenario.captures import captured
from scscf.scenario.expectation_keys import NotifiedKeys, ReceivedKeys, SilentKeys
from scscf.scenario.matching import (
    Difference,
    asks_for_document,
    document_differences,
    lines,
    noticed_differences,
    notified_differences,
    request_differences,
    signed_differences,
)
from scscf.scenario.outcome import Unmet
from scscf.scenario.requesting import watch_of
from scscf.scenario.run import Run
from scscf.scenario.waiting import next_of
from scscf.sip.message import Request


async def notified(run: Run, keys: NotifiedKeys) -> None:
    """Expect the next NOTIFY at every actor of the name."""
    for actor in run.actors(keys.by):
        await _notified(run, actor, keys)


async def _notified(run: Run, actor: Actor, keys: NotifiedKeys) -> None:
    began = run.world.now()
    watch = watch_of(actor, keys.watch) if keys.watch is not None else None
    while True:
        left = keys.within - (run.world.now() - began)
        told = await next_of(run.world, actor.notified, lambda each: watch in (None, each.watch), max(0.0, left))
        if told is None:
            raise Unmet(
                f"{actor.name}: no NOTIFY came within {keys.within:g} s",
                ["a NOTIFY" + _wanted(keys)],
                ["nothing"],
            )
        differences = _differences(run, actor, told, keys)
        came_after = run.world.now() - began
        if came_after < keys.not_before:
            differences.append(Difference("time", f"not before {keys.not_before:g} s", f"after {came_after:.3f} s"))
        if not differences:
            run.variables.update(captured(keys.capture, told.notified.request))
            return
        if not keys.eventually:
            expected, came = lines(differences)
            what = differences[0].what
            raise Unmet(f"{actor.name}: the NOTIFY is not as expected: {what}", expected, (*came, *_told_lines(told)))


def _differences(run: Run, actor: Actor, told: Told, keys: NotifiedKeys) -> list[Difference]:
    differences = list(notified_differences(keys, told.notified))
    differences += signed_differences(keys.signed, actor.proves(told.notified.request))
    if keys.asks_for_notice:
        differences += noticed_differences(keys, told.noticed)
    if asks_for_document(keys):
        try:
            document = read_document(told.notified.request.body)
        except ValueError as error:
            return [*differences, Difference("document", "a reginfo document", str(error))]
        differences += document_differences(keys, document, run.aor_of, run.contact_of)
    return differences


def _wanted(keys: NotifiedKeys) -> str:
    parts = [f"{aor} {each.state}" for aor, each in keys.registrations.items()]
    return f" that says {', '.join(parts)}" if parts else ""


def _told_lines(told: Told) -> list[str]:
    request = told.notified.request
    shown = [f"Subscription-State: {request.get('subscription-state')}"]
    try:
        return ["it was:", *shown, *document_lines(read_document(request.body))]
    except ValueError:
        return ["it was:", *shown, *request.body.decode("utf-8", "replace").splitlines()[:40]]


def document_lines(document: ReadDocument) -> list[str]:
    """Return a document in short lines."""
    found = [f"reginfo version {document.version} {document.state}"]
    for registration in document.registrations:
        found.append(f"  {registration.aor} {registration.state}")
        for row in registration.contacts:
            rest = " ".join(
                f"{name}={value}" for name, value in row.attributes.items() if name not in ("state", "event")
            )
            found.append(f"    {row.uri} {row.get('state')} {row.get('event')} {rest}")
    return found


async def received(run: Run, keys: ReceivedKeys) -> None:
    """Expect the next request of a method at an actor."""
    for actor in run.actors(keys.by):
        began = run.world.now()
        request = await next_of(run.world, actor.received, lambda each: keys.method in ("*", each.method), keys.within)
        if request is None:
            method = "request" if keys.method == "*" else keys.method
            raise Unmet(f"{actor.name}: no {method} came within {keys.within:g} s", [method], ["nothing"])
        differences = list(request_differences(keys.uri, keys.headers, keys.body, request))
        if run.world.now() - began < keys.not_before:
            came = f"after {run.world.now() - began:.3f} s"
            differences.append(Difference("time", f"not before {keys.not_before:g} s", came))
        if differences:
            expected, came_lines = lines(differences)
            raise Unmet(
                f"{actor.name}: the {request.method} is not as expected: {differences[0].what}", expected, came_lines
            )
        run.variables.update(captured(keys.capture, request))


async def silent(run: Run, keys: SilentKeys) -> None:
    """Expect that nothing comes for so long; what came before and was not looked at counts too."""
    await run.world.wait(keys.for_)

    def wanted(method: str) -> bool:
        return keys.method in ("*", method)

    for actor in run.actors(keys.at):
        if wanted("NOTIFY"):
            told = actor.notified.peek(lambda _: True)
            if told is not None:
                raise Unmet(f"{actor.name}: a NOTIFY came where nothing was expected", ["nothing"], _told_lines(told))
        request: Request | None = actor.received.peek(lambda each: wanted(each.method))
        if request is not None:
            came = request.to_bytes().decode("utf-8", "replace").splitlines()[:30]
            raise Unmet(f"{actor.name}: a {request.method} came where nothing was expected", ["nothing"], came)
