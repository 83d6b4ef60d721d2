"""Steps in which an actor sends something: register, subscribe, send, and how it answers."""

from collections.abc import Awaitable, Callable
from typing import Any

from scscf.promise import Promise
from scscf.scenario.actor import Actor
from scscf.scenario.captures import captured
from scscf.scenario.matching import lines, response_differences
from scscf.scenario.outcome import Unmet
from scscf.scenario.request_keys import AnswerKeys, RegisterKeys, ResubscribeKeys, SendKeys, SubscribeKeys
from scscf.scenario.run import Run
from scscf.scenario.waiting import settled
from scscf.scenario.world import either
from scscf.sip.message import Response
from scscf.sip.outbox import Failure
from scscf.ue.answers import AnswerRule
from scscf.ue.ue import Exchange
from scscf.ue.user_agent import Reply
from scscf.ue.watch import Watch

_AT_ONCE = 200
"""So many actors of one name are busy at a time."""
_SILENCE = Failure("timeout", "nothing came")


async def register(run: Run, keys: RegisterKeys) -> None:
    """Register with the expiry that is written, else the actor's own."""
    await _each(run, keys, lambda actor: _register(actor, keys, keys.expires if keys.says_expires else actor.expires))


async def deregister(run: Run, keys: RegisterKeys) -> None:
    """Register with Expires 0."""
    await _each(run, keys, lambda actor: _register(actor, keys, 0))


async def _register(actor: Actor, keys: RegisterKeys, expires: int | None) -> Exchange:
    headers = {**actor.keys.headers, **keys.headers}
    return await actor.ue.register(expires, keys.contacts, headers, answer_challenges=keys.challenge)


async def subscribe(run: Run, keys: SubscribeKeys) -> None:
    """Begin a subscription."""

    async def one(actor: Actor) -> Exchange:
        to = run.aor_of(keys.to) if keys.to is not None else None
        watch, exchange = await actor.ue.subscribe(
            to, keys.expires, keys.event, _asserting(run, actor, keys.headers), answer_challenges=keys.challenge
        )
        if keys.name is not None:
            actor.watches[keys.name] = watch
        return exchange

    await _each(run, keys, one)


async def resubscribe(run: Run, keys: ResubscribeKeys) -> None:
    """Refresh a subscription."""
    await _each(run, keys, lambda actor: _resubscribe(run, actor, keys, keys.expires))


async def unsubscribe(run: Run, keys: ResubscribeKeys) -> None:
    """End a subscription."""
    await _each(run, keys, lambda actor: _resubscribe(run, actor, keys, 0))


async def _resubscribe(run: Run, actor: Actor, keys: ResubscribeKeys, expires: int | None) -> Exchange:
    watch = watch_of(actor, keys.watch)
    headers = _asserting(run, actor, keys.headers)
    return await actor.ue.resubscribe(watch, expires, headers, answer_challenges=keys.challenge)


def watch_of(actor: Actor, name: str | None) -> Watch:
    """Return a subscription of an actor by its name, its last one where there is none. Raises Unmet."""
    if name is not None:
        if name not in actor.watches:
            raise Unmet(f"{actor.name} has no subscription named {name}", ["one of " + ", ".join(actor.watches)])
        return actor.watches[name]
    if not actor.ue.watches:
        raise Unmet(f"{actor.name} has not subscribed to anything")
    return actor.ue.watches[-1]


async def send(run: Run, keys: SendKeys) -> None:
    """Send a request, or octets as they are."""

    async def one(actor: Actor) -> Exchange:
        if keys.raw is not None:
            reply = actor.agent.transmit(_octets(keys.raw, keys.as_is), run.world.target)
            usual = 1.0 if "none" in keys.expect.status else 32.0
            return Exchange([], [await _within(run, reply, keys.expect.within or usual)])
        uri = run.uri_of(keys.uri) if keys.uri is not None else f"sip:{actor.ue.identity.domain}"
        return await actor.ue.send(
            keys.method, uri, _asserting(run, actor, keys.headers), keys.body.encode(), answer_challenges=keys.challenge
        )

    await _each(run, keys, one)


def _octets(raw: str, as_is: bool) -> bytes:
    text = raw.replace("\r\n", "\n").replace("\n", "\r\n")
    if not as_is and "\r\n\r\n" not in text:
        text += "\r\n" if text.endswith("\r\n") else "\r\n\r\n"
    return text.encode()


async def _within(run: Run, promise: Promise[Reply], seconds: float) -> Reply:
    await either(promise, run.world.pause(seconds))
    return promise.result() if promise.done else _SILENCE


def _asserting(run: Run, actor: Actor, headers: Any) -> Any:
    if actor.keys.asserts is None:
        return headers
    return {"P-Asserted-Identity": f"<{run.fill(actor.keys.asserts)}>", **headers}


async def answer(run: Run, keys: AnswerKeys) -> None:
    """Have an actor answer otherwise from now on."""
    for actor in run.actors(keys.by):
        if keys.clear:
            actor.ue.answers.clear(keys.method)
            continue
        actor.ue.answers.add(
            AnswerRule(
                keys.method,
                keys.status,
                keys.reason,
                tuple(keys.headers.items()),
                keys.body.encode(),
                keys.delay,
                keys.times,
            )
        )


async def _each(run: Run, keys: Any, one: Callable[[Actor], Awaitable[Exchange]]) -> None:
    """Have every actor of the name do it, many at once where there are many, and look at what became of it."""
    actors = run.actors(keys.by)
    for start in range(0, len(actors), _AT_ONCE):
        going = [(actor, run.perform(_look(run, keys, actor, one))) for actor in actors[start : start + _AT_ONCE]]
        for _, promise in going:
            await settled(run.world, promise)


async def _look(run: Run, keys: Any, actor: Actor, one: Callable[[Actor], Awaitable[Exchange]]) -> None:
    exchange = await one(actor)
    differences = list(response_differences(keys.expect, exchange, run.contact_of, actor.proves))
    if differences:
        expected, came = lines(differences)
        raise Unmet(f"{actor.name}: the answer is not as expected: {differences[0].what}", expected, came)
    if isinstance(exchange.final, Response):
        sent = exchange.requests[-1] if exchange.requests else None
        run.variables.update(captured(keys.capture, exchange.final, sent))
