"""A verdict on a trace as text, and as JSON."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from scscf import __version__
from scscf.capture.recording import Address
from scscf.judgement.bench import Found
from scscf.judgement.judgement import Judgement, UserVerdict
from scscf.scenario.ladder import duration
from scscf.scenario.parties import printable, shown_address

SHAPE = 1
"""Version of the JSON's shape; a key that is added does not change it."""
_MOST_LINES = 500
_MOST_NETWORKS, _MOST_HOSTS = 8, 3
_MOST_LEGS = 1000


def judgement_lines(judgement: Judgement) -> list[str]:
    """Return the verdict: what was judged, a line for each finding (when, frame, who, what, clause), the verdict."""
    took = duration(max(0.0, judgement.ended - judgement.began))
    lines = [
        f"{judgement.file}: {_many(judgement.messages, 'message')} in {took}; {judgement.judged} of them, "
        f"of {_many(len(judgement.users), 'user')}, are judged"
    ]
    lines += _legs(judgement)
    lines += [f"note: {notice}" for notice in judgement.notices]
    found = sorted(
        ((each, user) for user in judgement.users for each in user.found), key=lambda pair: pair[0].finding.at
    )
    lines += [_line(each, user, judgement.began) for each, user in found[:_MOST_LINES]]
    if len(found) > _MOST_LINES:
        lines.append(f"... and {len(found) - _MOST_LINES} more")
    for user in judgement.users[:_MOST_LINES]:
        lines += [f"... {check} {count} times more, {user.exchanged.aor}" for check, count in user.more]
    lines.append(_verdict(judgement))
    return [printable(line) for line in lines]


def judgement_object(judgement: Judgement) -> dict[str, Any]:
    """Return the verdict for programs, as JSON takes it; times are seconds since the first frame."""
    return {
        "shape": SHAPE,
        "program": f"scscf {__version__}",
        "file": judgement.file,
        "outcome": "passed" if judgement.passed else "failed",
        "began": judgement.began,
        "seconds": round(max(0.0, judgement.ended - judgement.began), 6),
        "messages": judgement.messages,
        "judged": judgement.judged,
        "passed_on": judgement.passed_on,
        "legs": [
            {"method": method, "source": shown_address(leg.source), "target": shown_address(leg.destination),
             "requests": count}
            for method, leg, count in judgement.legs[:_MOST_LEGS]
        ],
        "notices": list(judgement.notices),
        "users": [_user(user, judgement.began) for user in judgement.users],
    }  # fmt: skip


def finding_text(each: Found, began: float) -> str:
    """Return one finding in one line: when, frame, who, what, clause."""
    finding = each.finding
    frame = "" if each.frame is None else f"frame {each.frame}"
    who = f"{_place(each.network)} -> {_place(each.peer)}" if each.network is not None else ""
    what = f"{finding.check}: {finding.message} ({finding.clause})"
    return printable("  ".join([f"{finding.at - began:10.3f}", f"{frame:<9}", *([who] if who else []), what]))


def _line(each: Found, user: UserVerdict, began: float) -> str:
    line = finding_text(each, began)
    return line if each.network is not None else f"{line}  {user.exchanged.aor}"


def _user(user: UserVerdict, began: float) -> dict[str, Any]:
    return {
        "network": shown_address(user.exchanged.network),
        "aor": user.exchanged.aor,
        "identities": list(user.exchanged.aors),
        "dialect": "ims" if user.exchanged.ims else "rfc3261",
        "messages": len(user.exchanged.messages),
        "findings": [
            {
                "at": round(each.finding.at - began, 6),
                "frame": each.frame,
                "network": _place(each.network) or None,
                "peer": _place(each.peer) or None,
                "check": each.finding.check,
                "clause": each.finding.clause,
                "message": each.finding.message,
            }
            for each in user.found
        ],
        "more": dict(user.more),
    }


def _place(address: Address | None) -> str:
    return "" if address is None else shown_address(address)


def _legs(judgement: Judgement) -> Iterator[str]:
    """Yield, for each network, where its messages were looked at."""
    networks: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for method, (source, destination), count in judgement.legs:
        here, there = (source, destination) if method == "NOTIFY" else (destination, source)
        networks[shown_address(here)][method][there[0]] += count
    for network, methods in list(networks.items())[:_MOST_NETWORKS]:
        yield f"judged at {network}: {'; '.join(_way(*each) for each in methods.items())}"
    if len(networks) > _MOST_NETWORKS:
        yield f"judged at {len(networks) - _MOST_NETWORKS} more places"
    if judgement.passed_on:
        yield f"{_many(judgement.passed_on, 'request')} seen on legs further away left aside"


def _way(method: str, hosts: Counter[str]) -> str:
    told = ", ".join(hosts) if len(hosts) <= _MOST_HOSTS else f"{len(hosts)} hosts"
    return f"{hosts.total()} {method} {'to' if method == 'NOTIFY' else 'from'} {told}"


def _verdict(judgement: Judgement) -> str:
    checks = Counter(each.finding.check for user in judgement.users for each in user.found)
    for user in judgement.users:
        checks.update(dict(user.more))
    if not checks:
        return f"passed: nothing is wrong in {_many(judgement.judged, 'message')}"
    users = sum(bool(user.found) for user in judgement.users)
    return f"failed: {_many(checks.total(), 'finding')} of {_many(len(checks), 'check')}, {_many(users, 'user')}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
