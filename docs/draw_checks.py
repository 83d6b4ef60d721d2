"""Draws the standing checks from their tables: `python docs/draw_checks.py > docs/checks.md`."""

from scscf.conformance.network.checks import CHECKS
from scscf.conformance.ue.checks import UE_CHECKS

HEAD = """# What networks and UEs are held to

Drawn by `docs/draw_checks.py` from the tables that run; a test holds the page against them. Every simulated actor of a
scenario has a judge of the network beside it, every UE under test one of its own ([scenarios](scenarios.md)); so has
`scscf ue`. `permit: [name]` in a scenario, or at an actor, says that a breach is meant.

*[from memory]* marks a clause whose wording was not at hand.
"""


def page() -> str:
    """Return the page."""
    head = ["| check | what is wrong | clause |", "| --- | --- | --- |"]
    network, ue = list(head), list(head)
    for name, check in CHECKS.items():
        notes = (" (IMS)" if check.ims else "") + (" (only where asked for)" if check.asked_for else "")
        network.append(f"| `{name}` | {check.sentence}{notes}{_memory(check.from_memory)} | {check.clause} |")
    for name, each in UE_CHECKS.items():
        ue.append(f"| `{name}` | {each.sentence}{_memory(each.from_memory)} | {each.clause} |")
    return "\n".join([HEAD, "## Of a network", "", *network, "", "## Of a UE", "", *ue, ""])


def _memory(from_memory: bool) -> str:
    return " *[from memory]*" if from_memory else ""


if __name__ == "__main__":
    print(page(), end="")
