"""Conditions as an HSS writes them: service point triggers in groups (TS 29.228 annex C)."""

from itertools import product
from typing import NamedTuple

from scscf.profile.filter_criteria import SessionCase, Trigger
from scscf.profile.trigger import All, AnyOf, Not, SessionCaseIs

MOST_CLAUSES = 1000
"""Groups that one trigger may come to."""


class Literal(NamedTuple):
    """A service point trigger."""

    condition: Trigger
    negated: bool


class NormalForm(NamedTuple):
    """Groups of service point triggers."""

    conjunctive: bool
    """True: one of each group (CNF); False: all of one group (DNF)."""
    groups: tuple[tuple[Literal, ...], ...]


def normal_form(trigger: Trigger) -> NormalForm:
    """Return the shorter of a condition's two normal forms. Raises ValueError where both have too many groups."""
    found = []
    for conjunctive in (True, False):
        groups = _groups(trigger, negated=False, conjunctive=conjunctive)
        if groups is not None:
            found.append(NormalForm(conjunctive, tuple(groups)))
    if not found:
        raise ValueError(f"a trigger that comes to more than {MOST_CLAUSES} groups")
    return min(found, key=lambda form: sum(len(group) for group in form.groups))


_Groups = list[tuple[Literal, ...]]


def _groups(trigger: Trigger, *, negated: bool, conjunctive: bool) -> _Groups | None:
    """Return the groups of a condition, None where there are too many."""
    if isinstance(trigger, Not):
        return _groups(trigger.condition, negated=not negated, conjunctive=conjunctive)
    if isinstance(trigger, SessionCaseIs) and len(trigger.cases) != 1:
        trigger = AnyOf(tuple(SessionCaseIs(frozenset({case})) for case in SessionCase if case in trigger.cases))
    if not isinstance(trigger, All | AnyOf):
        return [(Literal(trigger, negated),)]
    rows = [_groups(each, negated=negated, conjunctive=conjunctive) for each in trigger.conditions]
    known = [row for row in rows if row is not None]
    if len(known) < len(rows):
        return None
    if (isinstance(trigger, All) is not negated) is conjunctive:
        found = [group for row in known for group in row]
        return found if len(found) <= MOST_CLAUSES else None
    size = 1
    for row in known:
        size *= len(row)
        if size > MOST_CLAUSES:
            return None
    return [tuple(dict.fromkeys(each for group in groups for each in group)) for groups in product(*known)]
