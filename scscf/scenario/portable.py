"""Which scenarios somebody else's S-CSCF can be put to, and why another cannot."""

import re
from collections.abc import Iterator

from scscf.scenario.live_settings import Live
from scscf.scenario.loading import Scenario, all_steps
from scscf.scenario.step_keys import StepKeys
from scscf.scenario.world import DOMAIN


def why_not(scenario: Scenario, domain: str, live: Live) -> str | None:
    """Return why a scenario cannot be run against the S-CSCF that `live` names; None: it can be tried."""
    return next(_reasons(scenario, domain, live), None)


def _reasons(scenario: Scenario, domain: str, live: Live) -> Iterator[str]:
    wanted = dict(scenario.config)
    dialect, home = wanted.pop("dialect", "ims"), wanted.pop("home_domain", DOMAIN)
    if dialect != live.dialect:
        yield f"it is for dialect {dialect}, and the target is {live.dialect} (--dialect)"
    if live.domain is None and home != DOMAIN:
        yield f"it is for the home domain {home}, and the target's is {DOMAIN} (--domain)"
    if wanted:
        yield f"it needs a configuration of its own ({', '.join(sorted(wanted))}), and the target has another"
    if scenario.keys.hss == "diameter" and live.hss_api is None:
        yield "hss: diameter: --hss-api names the API of the target's hss-stub"
    text = repr(scenario.file.data)
    for name, keys in scenario.actors.items():
        host = f"{name.lower()}.{domain}"
        if re.search(rf"\b{re.escape(host)}", text):
            yield f"it names the host {host}, which the target cannot look up"
        if keys.external:
            yield f"{name} is a UE under test, which is judged at our own S-CSCF"
        if keys.auth == "none" and keys.is_subscriber and live.api is None:
            yield f"{name} has auth: none, and an S-CSCF need not know users without a secret"
    for step in steps_of(scenario):
        if step.operator is not None and step.operator.drain is not None:
            yield "to drain the target is to end it"
        if step.restart is not None:
            yield "the target is somebody else's: it cannot be restarted"
        if step.hss is not None and step.hss.fault is not None and step.hss.fault.command.lower() in ("uar", "lir"):
            yield "UAR and LIR are those of an I-CSCF, and the target may be none"
        if any(each.operator is not None for branch in step.parallel or () for each in branch):
            yield "what the operator does at the same time as a UE cannot be timed over an API"


def waits_for_retransmissions(scenario: Scenario) -> bool:
    """Tell whether a scenario needs messages to be sent again, or given up, as time passes."""
    return any(
        (step.answer is not None and step.answer.status is None and not step.answer.clear)
        or (step.rule is not None and step.rule.rule is not None and bool(step.rule.rule.do.drop))
        or (step.hss is not None and step.hss.fault is not None and "silent" in step.hss.fault.fault)
        for step in steps_of(scenario)
    )


def steps_of(scenario: Scenario) -> list[StepKeys]:
    """Return the steps of a scenario and those inside of them."""
    return list(all_steps(tuple(step.keys for step in scenario.steps)))
