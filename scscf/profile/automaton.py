"""Finding a regular expression in time proportional to the text, whatever the two are (Thompson, CACM 11(6), 1968)."""

from collections.abc import Iterable, Iterator

from scscf.profile.expression import Anchor, Characters, Choice, Expression, PatternError, Repetition, Sequence

MOST_NODES = 500
"""What a pattern may come to when its repetitions are written out."""
_MOST_BUILT = 5000
"""Expressions that are built for one pattern; empty ones make no node, but take time."""
MOST_STEPS = 1000
"""Steps that one automaton remembers; then it starts anew."""

_MATCH = 0


class _State:
    """Where an automaton may be after some characters; `steps` are those known so far."""

    __slots__ = ("accepts", "accepts_at_end", "nodes", "steps")

    def __init__(self, nodes: frozenset[int], accepts: bool, accepts_at_end: bool) -> None:
        self.nodes = nodes
        self.accepts = accepts
        self.accepts_at_end = accepts_at_end
        self.steps: dict[str, _State] = {}


class Automaton:
    """An expression as nodes that lead to others. Node 0 is the end; a state is a set of nodes that wait for input."""

    def __init__(self, expression: Expression, *, ignore_case: bool = False) -> None:
        """Build it. Raises PatternError where it would have more than MOST_NODES nodes."""
        self._ignore_case = ignore_case
        self._nodes: list[Characters | Anchor | None] = [None]
        self._next: list[tuple[int, ...]] = [()]
        self._built = 0
        self._start = self._build(expression, _MATCH)
        self._states: dict[tuple[frozenset[int], bool], _State] = {}
        self._begins: dict[bool, _State] = {}
        self._known = 0

    def finds(self, text: str) -> bool:
        """Tell whether the expression is found anywhere in a text."""
        return self._run(text, anywhere=True)

    def is_all_of(self, text: str) -> bool:
        """Tell whether the expression is the whole text."""
        return self._run(text, anywhere=False)

    def spans(self, text: str, most_steps: int) -> Iterator[tuple[int, int]]:
        """Yield begin and end of what is found, leftmost and longest, nothing empty; after so many steps no more."""
        first, later = (self._state(self._closure((self._start,), at_start=start), False) for start in (True, False))
        at, length = 0, len(text)
        while at < length and most_steps > 0:
            state, end = (first if at == 0 else later), at
            for position in range(at, length):
                character = text[position]
                state = state.steps.get(character) or self._step(state, character, anywhere=False)
                most_steps -= 1
                if state.accepts or (state.accepts_at_end and position + 1 == length):
                    end = position + 1
                if not state.nodes or most_steps <= 0:
                    break
            if end > at:
                yield at, end
            at = max(end, at + 1)

    def _build(self, expression: Expression, after: int) -> int:
        """Return the node where an expression begins that goes on with `after`."""
        self._built += 1
        if self._built > _MOST_BUILT:
            raise PatternError(f"repeats more than {_MOST_BUILT} times")
        if isinstance(expression, Characters | Anchor):
            return self._add(expression, (after,))
        if isinstance(expression, Sequence):
            for part in reversed(expression.parts):
                after = self._build(part, after)
            return after
        if isinstance(expression, Choice):
            return self._add(None, tuple([self._build(each, after) for each in expression.alternatives]))
        return self._repeat(expression, after)

    def _repeat(self, repetition: Repetition, after: int) -> int:
        part, least, most = repetition
        begin = after
        if most is None:
            begin = self._add(None, ())
            self._next[begin] = (self._build(part, begin), after)
        else:
            for _ in range(most - least):
                begin = self._add(None, (self._build(part, begin), after))
        for _ in range(least):
            begin = self._build(part, begin)
        return begin

    def _add(self, node: Characters | Anchor | None, following: tuple[int, ...]) -> int:
        if len(self._nodes) >= MOST_NODES:
            raise PatternError(f"comes to more than {MOST_NODES} characters when its repetitions are written out")
        self._nodes.append(node)
        self._next.append(following)
        return len(self._nodes) - 1

    def _run(self, text: str, *, anywhere: bool) -> bool:
        state = self._begins.get(anywhere)
        if state is None:
            state = self._begins[anywhere] = self._state(self._closure((self._start,), at_start=True), anywhere)
        for character in text:
            if anywhere and state.accepts:
                return True
            following = state.steps.get(character)
            if following is None:
                following = self._step(state, character, anywhere)
            state = following
        return state.accepts or state.accepts_at_end

    def _step(self, state: _State, character: str, anywhere: bool) -> _State:
        reached: list[int] = []
        for number in state.nodes:
            node = self._nodes[number]
            if isinstance(node, Characters) and self._has(node, character):
                reached += self._next[number]
        nodes = self._closure(reached, at_start=False)
        if anywhere:
            nodes |= self._closure((self._start,), at_start=False)
        if self._known >= MOST_STEPS:
            self._states.clear()
            self._begins.clear()
            state.steps.clear()
            self._known = 0
        self._known += 1
        following = state.steps[character] = self._state(nodes, anywhere)
        return following

    def _has(self, characters: Characters, character: str) -> bool:
        if not self._ignore_case:
            return characters.has(character)
        if characters.negated:
            return characters.has(character.lower()) and characters.has(character.upper())
        return characters.has(character.lower()) or characters.has(character.upper())

    def _state(self, nodes: frozenset[int], anywhere: bool) -> _State:
        state = self._states.get((nodes, anywhere))
        if state is None:
            waiting = [number for number in nodes if isinstance(self._nodes[number], Anchor)]
            after = [each for number in waiting for each in self._next[number]]
            at_end = self._closure(after, at_start=False, at_end=True)
            state = self._states[nodes, anywhere] = _State(nodes, _MATCH in nodes, _MATCH in at_end)
        return state

    def _closure(self, numbers: Iterable[int], *, at_start: bool, at_end: bool = False) -> frozenset[int]:
        """Return the nodes that are reached without a character, and that wait for one or for the end."""
        waiting, seen = set(), set()
        todo = list(numbers)
        while todo:
            number = todo.pop()
            if number in seen:
                continue
            seen.add(number)
            node = self._nodes[number]
            if isinstance(node, Anchor):
                if at_end if node.at_end else at_start:
                    todo += self._next[number]
                elif node.at_end:
                    waiting.add(number)
            elif node is not None or number == _MATCH:
                waiting.add(number)
            else:
                todo += self._next[number]
        return frozenset(waiting)
