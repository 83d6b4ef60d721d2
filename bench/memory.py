"""Bytes per binding at 100,000 bindings, and what a REGISTER costs then, compared with 1,000."""

from collections.abc import Callable
from itertools import count
from statistics import median

from bench.figures import Figure, folder, repeated
from bench.loader import Loader, expect, register
from bench.node import Scscf
from bench.register import refreshes

T1 = 0.01
"""Seconds: finished transactions are kept for 64 times as long (timer J), and are not what is weighed here."""

FEW = 1000

ORDERS = (("as they registered", 1, 1.15), ("scattered", 7919, None))
"""In which order users come again: that of their registration, as timers make them; and one that no cache likes."""


CSEQS = count(1_000_000)


def figures(messages: int, many: int) -> list[Figure]:
    """Measure our server: `many` devices with one identity, then as many with a set of three."""
    found = []
    for user, name, target in (("open", "one identity", 2000.0), ("three", "a set of three identities", 3000.0)):
        with folder() as place:
            node = Scscf(place, t1=T1)
            loader = Loader(node.port)
            try:
                few = [f"{user}{n:06d}" for n in range(1, FEW + 1)]
                little = refreshes(node, loader, few, messages, "home1.test")
                at_few = repeated(little, 3)
                before = node.resident()
                rest = (f"{user}{n:06d}" for n in range(FEW + 1, many + 1))
                loader.run((register(loader, one, 1) for one in rest), expect(200))
                per_binding = (node.resident() - before) / (many - FEW)
                found.append(Figure(f"memory per device, {name}, {many:,} bindings", "B", (per_binding,), target))
                if user == "open":
                    found.append(Figure(f"refresh at {FEW:,} AORs (as above, shorter timers)", "us", at_few))
                    for order, step, target_ratio in ORDERS:
                        wanted = [f"{user}{n * step % many + 1:06d}" for n in range(min(messages, many))]
                        at_many = repeated(refreshes_again(node, loader, wanted), 3)
                        ratio = median(at_many) / median(at_few)
                        found.append(Figure(f"refresh at {many:,} AORs, {order}", "us", at_many))
                        found.append(
                            Figure(f"refresh at {many:,} AORs, {order}, against {FEW:,}", "x", (ratio,), target_ratio)
                        )
            finally:
                loader.close()
                node.stop()
    return found


def refreshes_again(node: Scscf, loader: Loader, users: list[str]) -> Callable[[], float]:
    """Return a measurement: refreshes of users whose CSeq is wherever the earlier runs left it."""

    def measure() -> float:
        requests = [register(loader, user, next(CSEQS)) for user in users]
        before = node.cpu()
        load = loader.run(requests, expect(200))
        return (node.cpu() - before) / load.exchanges * 1e6

    return measure
