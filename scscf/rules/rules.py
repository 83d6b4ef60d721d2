"""The rules that are set: which of them a message meets, counted, and which is due."""

from collections.abc import Callable, Iterator
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from scscf.errors import ScscfError
from scscf.rules.facts import Facts
from scscf.rules.model import MatchKeys, RuleKeys

MOST_RULES = 1000


class NotHereError(ScscfError):
    """A rule that only the embedded HSS stub could follow, where the HSS is another one."""

    def __init__(self) -> None:
        super().__init__(
            "the HSS is another one, over Diameter: it makes the vectors; at an hss-stub, PUT /v1/faults/MAR with "
            'corrupt "mac" or "sqn" does it'
        )


class TooManyError(ScscfError):
    """There are MOST_RULES rules already."""

    def __init__(self) -> None:
        super().__init__(f"there are {MOST_RULES} rules: more are not kept")


class Rule:
    """One rule that is set, and what has come of it."""

    __slots__ = ("_aor", "_network", "hits", "keys", "kind", "name", "seen")

    def __init__(self, name: str, keys: RuleKeys, canonical: Callable[[str], str]) -> None:
        self.name = name
        self.keys = keys
        self.kind = keys.do.action
        self.seen = 0
        """Messages that it was about."""
        self.hits = 0
        """Messages that it was done to."""
        self._aor = canonical(keys.match.aor) if keys.match.aor is not None else None
        self._network = ip_network(keys.match.source) if keys.match.source is not None else None

    def concerns(self, facts: Facts) -> bool:
        """Tell whether a message is one that the rule is about."""
        match = self.keys.match
        return (
            (match.method is None or match.method == facts.method)
            and (match.direction is None or match.direction == facts.direction)
            and self._is_kind(match, facts)
            and (match.phase in (None, "any") or match.phase == facts.phase)
            and (match.event is None or match.event.lower() in facts.events)
            and (self._aor is None or self._aor in facts.aors)
            and (match.impi is None or match.impi in facts.private_identities)
            and (self._network is None or _is_within(facts.source, self._network))
        )

    def _is_kind(self, match: MatchKeys, facts: Facts) -> bool:
        if match.status is not None:
            return match.status == facts.status
        if match.message is not None:
            return (match.message == "response") is (facts.status is not None)
        return facts.status is None or self.kind not in ("drop", "delay")

    @property
    def is_next(self) -> bool:
        """Whether it is done to the next message that it is about."""
        return self.seen >= self.keys.after and (self.keys.count is None or self.hits < self.keys.count)

    def meet(self) -> bool:
        """Count a message that it is about; return whether it is done to it."""
        due = self.is_next
        self.seen += 1
        self.hits += due
        return due


def _is_within(source: str | None, network: IPv4Network | IPv6Network) -> bool:
    if source is None:
        return False
    address = ip_address(source.partition("%")[0])
    return ((address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address) in network


class Rules:
    """The rules of one node, in the order in which they were first set.

    `canonical` makes an address of record of a URI as people write it; `changed()` is called whenever a rule comes or
    goes; `has_vectors` says whether the HSS stub is in this process.
    """

    def __init__(
        self,
        canonical: Callable[[str], str] = lambda text: text,
        changed: Callable[[], None] = lambda: None,
        *,
        has_vectors: bool = True,
    ) -> None:
        self._canonical = canonical
        self._changed = changed
        self._has_vectors = has_vectors
        self._rules: dict[str, Rule] = {}
        self.kinds: frozenset[str] = frozenset()
        """What the rules do: asked before a message is looked at."""

    def __len__(self) -> int:
        """Return how many rules are set."""
        return len(self._rules)

    def set(self, name: str, keys: RuleKeys) -> Rule:
        """Set a rule in the place of the one of that name, and count from the beginning.

        Raises NotHereError for a `vector` where the HSS is another one, TooManyError.
        """
        if keys.do.vector is not None and not self._has_vectors:
            raise NotHereError
        if len(self._rules) >= MOST_RULES and name not in self._rules:
            raise TooManyError
        rule = self._rules[name] = Rule(name, keys, self._canonical)
        self._update()
        return rule

    def get(self, name: str) -> Rule | None:
        """Return a rule, None where there is none of that name."""
        return self._rules.get(name)

    def all(self) -> list[Rule]:
        """Return every rule."""
        return list(self._rules.values())

    def remove(self, name: str) -> bool:
        """Take a rule back; return whether there was one."""
        found = self._rules.pop(name, None)
        self._update()
        return found is not None

    def clear(self) -> int:
        """Take all rules back; return how many there were."""
        count = len(self._rules)
        self._rules.clear()
        self._update()
        return count

    def first(self, kinds: tuple[str, ...], facts: Facts) -> Rule | None:
        """Return the first rule of these kinds that is due for a message; those behind it do not count it."""
        return next(self.every(kinds, facts), None)

    def every(
        self, kinds: tuple[str, ...], facts: Facts, wanted: Callable[[Rule], bool] = lambda rule: True
    ) -> Iterator[Rule]:
        """Yield the rules of these kinds, of those `wanted`, that are due for a message, in order, counting it."""
        for rule in list(self._rules.values()):
            if rule.kind in kinds and wanted(rule) and rule.concerns(facts) and rule.meet():
                yield rule

    def about(self, kind: str, facts: Facts) -> list[Rule]:
        """Return the rules of one kind that are about a message, in order, without counting it."""
        return [rule for rule in self._rules.values() if rule.kind == kind and rule.concerns(facts)]

    def _update(self) -> None:
        self.kinds = frozenset(rule.kind for rule in self._rules.values())
        self._changed()
