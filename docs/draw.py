"""Draws the state machines from the tables that run: `python docs/draw.py > docs/state-machines.md`."""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

from scscf.auth.security_association import TRANSITIONS as ASSOCIATION
from scscf.diameter.peer import PEER
from scscf.diameter.watchdog import WATCHDOG
from scscf.proxy.response_context import BRANCH
from scscf.regevent.registration_notify import NOTICES
from scscf.regevent.subscription import TRANSITIONS, Input
from scscf.registration.change import SILENT_CAUSES, TERMINAL_EVENT_OF
from scscf.registration.registration import ACTIVE_EVENTS, TERMINAL_EVENTS
from scscf.sip.invite_transaction import INVITE_CLIENT, INVITE_SERVER
from scscf.sip.transaction import NON_INVITE_CLIENT, NON_INVITE_SERVER

HEAD = """# State machines

Drawn by `docs/draw.py` from the tables that the code runs on; a test holds the page against them.
"""


def diagram(table: Mapping[Any, Mapping[Any, Any]]) -> str:
    """Return a table as a mermaid state diagram; inputs that change and do nothing are left out."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {name(next(iter(table)))}"]
    for state, row in table.items():
        for what, entry in row.items():
            following, actions = entry if isinstance(entry, tuple) else (entry, ())
            if following is state and not actions:
                continue
            done = ", ".join(action.value for action in actions)
            lines.append(f"    {name(state)} --> {name(following)}: {what.value}{f' / {done}' if done else ''}")
    return "\n".join([*lines, "```"])


def name(state: Enum) -> str:
    """Return a state's name as a diagram can have it."""
    return re.sub("[^A-Za-z0-9]+", "_", str(state.value)).capitalize()


def contact_diagram() -> str:
    """Return the contact state machine of RFC 3680 §4.7.2, by the events that go with each state."""
    lines = ["```mermaid", "stateDiagram-v2"]
    for event in sorted(each.value for each in ACTIVE_EVENTS):
        start = "[*]" if event in ("registered", "created") else "Active"
        lines.append(f"    {start} --> Active: {event}")
    lines += [f"    Active --> Terminated: {event}" for event in sorted(each.value for each in TERMINAL_EVENTS)]
    return "\n".join([*lines, "    Terminated --> [*]", "```"])


def events_table() -> str:
    """Return cause → event of a contact that it ends."""
    rows = [
        f"| {cause.value} | {'nobody is told' if cause in SILENT_CAUSES else event.value} |"
        for cause, event in TERMINAL_EVENT_OF.items()
    ]
    return "\n".join(["| cause | event |", "| --- | --- |", *rows])


def notices_table() -> str:
    """Return event of a notice → its ErrorIds and the contact event."""
    rows = [
        f"| {event} | {', '.join(map(str, kind.error_ids))} | {kind.event.value} |" for event, kind in NOTICES.items()
    ]
    return "\n".join(["| event | ErrorId | contact event |", "| --- | --- | --- |", *rows])


def page() -> str:
    """Return the whole page."""
    inputs = ", ".join(f"`{each.value}`" for each in Input)
    return "\n".join(
        [
            HEAD,
            "## Non-INVITE server transaction (RFC 3261 §17.2.2, RFC 4320)\n",
            diagram(NON_INVITE_SERVER),
            "\n## Non-INVITE client transaction (RFC 3261 §17.1.2)\n",
            diagram(NON_INVITE_CLIENT),
            "\n## INVITE server transaction (RFC 3261 §17.2.1, RFC 6026)\n",
            diagram(INVITE_SERVER),
            "\n## INVITE client transaction (RFC 3261 §17.1.1, RFC 6026)\n",
            diagram(INVITE_CLIENT),
            "\n## Branch of a proxied request (RFC 3261 §16.6-§16.10)\n",
            diagram(BRANCH),
            "\n## Diameter peer (RFC 6733 §5.6)\n",
            diagram(PEER),
            "\n## Transport watchdog of a Diameter peer (RFC 3539 §3.4.1)\n",
            diagram(WATCHDOG),
            "\n## Subscription (RFC 6665 §4.2)\n",
            f"Its inputs: {inputs}.\n",
            diagram(TRANSITIONS),
            "\n## Contact (RFC 3680 §4.7.2)\n",
            contact_diagram(),
            "\n## Why a contact ends, and what its watchers are told\n",
            "An operator names the event; configuration's `causes` overrides the rest.\n",
            events_table(),
            "\n## What an endpoint of Microsoft's registrar is told of its end (MS-SIPREGE §2.2.1.13)\n",
            "And what its watchers are told. With `userservices-unavailable` it stays registered where it can.\n",
            notices_table(),
            "\n## Security association of NTLM (MS-SIPAE §3.3.1)\n",
            diagram(ASSOCIATION),
            "",
        ]
    )


if __name__ == "__main__":
    print(page(), end="")
