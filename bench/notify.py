"""CPU per SUBSCRIBE with its first NOTIFY, and per further NOTIFY to each of a hundred watchers."""

from collections.abc import Callable

from bench.figures import Figure, folder, repeated
from bench.loader import Loader, expect, register, subscribe
from bench.node import Scscf

WATCHERS = 100
SOCKETS = 8


def subscriptions(node: Scscf, loader: Loader, users: list[str], number: int) -> Callable[[], float]:
    """Return a measurement: CPU per SUBSCRIBE, 200, NOTIFY, 200, each a subscription of its own."""
    loader.run([register(loader, user, 1) for user in users], expect(200))
    serial = 0

    def measure() -> float:
        nonlocal serial
        requests = []
        for n in range(number):
            serial += 1
            requests.append(subscribe(loader, users[n % len(users)], f"s{serial}"))
        loader.notified.clear()
        before = node.cpu()
        loader.run(requests, expect(200))
        loader.listen(number)
        return (node.cpu() - before) / number * 1e6

    return measure


def events(node: Scscf, loader: Loader, watchers: list[Loader], user: str, number: int) -> Callable[[], float]:
    """Return a measurement: CPU per refresh of `user` with everything that its watchers are then told."""
    cseq = 1

    def measure() -> float:
        nonlocal cseq
        before = node.cpu()
        for _ in range(number):
            cseq += 1
            for watcher in watchers:
                watcher.notified.clear()
            loader.run([register(loader, user, cseq)], expect(200))
            for n, watcher in enumerate(watchers):
                watcher.listen(len(range(n, WATCHERS, SOCKETS)))
        return (node.cpu() - before) / number * 1e6

    return measure


def figures(messages: int) -> list[Figure]:
    """Measure our server; a marginal NOTIFY is what the watchers add to a refresh, divided by their number."""
    found = []
    with folder() as place:
        node = Scscf(place)
        loaders = [Loader(node.port) for _ in range(1 + SOCKETS)]
        try:
            loader, *watchers = loaders
            users = [f"open{n:06d}" for n in range(1001, 2001)]
            values = repeated(subscriptions(node, loader, users, messages // 10))
            found.append(Figure("SUBSCRIBE with its first NOTIFY, busy loader", "us", values))

            watched, alone = "open000001", "open000002"
            loader.run([register(loader, user, 1) for user in (watched, alone)], expect(200))
            for n in range(WATCHERS):
                watcher = watchers[n % SOCKETS]
                watcher.run([subscribe(watcher, watched, f"w{n}")], expect(200))
            for n, watcher in enumerate(watchers):
                watcher.listen(len(range(n, WATCHERS, SOCKETS)))
            rounds = max(messages // 200, 10)
            base = repeated(events(node, loader, [], alone, rounds))
            full = repeated(events(node, loader, watchers, watched, rounds))
            values = tuple((much - little) / WATCHERS for much, little in zip(full, base, strict=True))
            found.append(
                Figure(f"marginal NOTIFY with its 200, {WATCHERS} watchers on {SOCKETS} sockets", "us", values, 50.0)
            )
        finally:
            for each in loaders:
                each.close()
            node.stop()
    return found
