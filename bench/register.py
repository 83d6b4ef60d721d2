"""CPU per REGISTER that refreshes a binding, and per full registration (two REGISTERs), by digest and by AKA."""

from collections.abc import Callable

from bench.figures import Figure, folder, repeated
from bench.loader import Loader, aka_credentials, credentials, expect, header, no_credentials, register
from bench.node import KEY, OPC, Node, Scscf
from hss_stub.milenage import Milenage

Answer = Callable[[bytes, str], str]


def refreshes(node: Node, loader: Loader, users: list[str], messages: int, domain: str) -> Callable[[], float]:
    """Register `users`, then return a measurement: microseconds of CPU per refresh, over all of them in turn."""
    cseq = 1
    loader.run([register(loader, user, cseq, domain) for user in users], expect(200))

    def measure() -> float:
        nonlocal cseq
        requests: list[tuple[bytes, bytes]] = []
        while len(requests) < messages:
            cseq += 1
            requests += [register(loader, user, cseq, domain) for user in users[: messages - len(requests)]]
        before = node.cpu()
        load = loader.run(requests, expect(200))
        return (node.cpu() - before) / load.exchanges * 1e6

    return measure


def registrations(
    node: Node,
    loader: Loader,
    users: list[str],
    calls: int,
    domain: str,
    answer: Answer | None = None,
    first: Callable[[str], str] = lambda user: "",
) -> Callable[[], float]:
    """Return a measurement: microseconds of CPU per REGISTER, 401, REGISTER with credentials, 200.

    `answer(challenge, user)` and `first(user)` give the Authorization header of the second and of the first REGISTER.
    """
    cseq = 0
    answer = answer or (lambda challenge, user: credentials(challenge, private(user, domain), domain))

    def measure() -> float:
        nonlocal cseq
        requests: list[tuple[bytes, bytes]] = []
        owner: dict[bytes, str] = {}
        while len(requests) < calls:
            cseq += 2
            for user in users[: calls - len(requests)]:
                requests.append(register(loader, user, cseq, domain, first(user)))
                owner[b"<sip:%s@%s>" % (user.encode(), domain.encode())] = user
        done = expect(200)

        def then(data: bytes) -> bytes | None:
            if not data.startswith(b"SIP/2.0 401 "):
                done(data)
                return None
            user = owner[header(data, b"From").partition(b";")[0]]
            number = int(header(data, b"CSeq").split()[0]) + 1
            return register(loader, user, number, domain, answer(header(data, b"WWW-Authenticate"), user))[1]

        before = node.cpu()
        load = loader.run(requests, then)
        return (node.cpu() - before) / load.exchanges * 1e6

    return measure


def private(user: str, domain: str) -> str:
    """Return the user name in the digest: ours are private identities, Kamailio's test realm takes any name."""
    return f"{user}@{domain}"


def figures(messages: int) -> list[Figure]:
    """Measure our server with a busy loader, and once with one that sleeps."""
    found = []
    opened = [f"open{n:06d}" for n in range(1, 1001)]
    closed = [f"closed{n:06d}" for n in range(1, 1001)]
    usims = {f"usim{n:06d}": Milenage(bytes.fromhex(f"{KEY}{n:08d}"), bytes.fromhex(OPC)) for n in range(1, 1001)}

    def answer(challenge: bytes, user: str) -> str:
        return aka_credentials(challenge, private(user, "home1.test"), "home1.test", usims[user])

    def first(user: str) -> str:
        return no_credentials(private(user, "home1.test"), "home1.test")

    for busy, name, target in ((True, "busy", 65.0), (False, "sleeping", None)):
        with folder() as place:
            node, loader = Scscf(place), None
            try:
                loader = Loader(node.port, busy)
                values = repeated(refreshes(node, loader, opened, messages, "home1.test"))
                found.append(Figure(f"refresh REGISTER, no authentication, {name} loader", "us", values, target))
                if busy:
                    values = repeated(registrations(node, loader, closed, messages // 2, "home1.test"))
                    found.append(Figure("full digest registration (2 REGISTERs), busy loader", "us", values, 130.0))
                    values = repeated(
                        registrations(node, loader, list(usims), messages // 2, "home1.test", answer, first)
                    )
                    found.append(Figure("full AKA registration, set of 3, busy loader", "us", values, 200.0))
            finally:
                if loader:
                    loader.close()
                node.stop()
    return found
