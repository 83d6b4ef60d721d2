"""Rules about the AKA vector that a REGISTER leads to (TS 33.102 §6.3)."""

from collections.abc import Callable

from scscf.rules.facts import Facts
from scscf.rules.rules import Rules
from scscf.sip.changed_call import Change
from scscf.sip.message import Request, Response


class VectorRules:
    """Makes the vector of one REGISTER wrong. Only when that is answered it is known whether there was one."""

    def __init__(self, rules: Rules, facts: Facts, distort: Callable[[str, str | None], bool]) -> None:
        self._rules = rules.about("vector", facts)
        self._distort = distort
        self._distorted: list[str] = []
        due = [rule.keys.do.vector for rule in self._rules if rule.is_next]
        if due:
            self._distorted = [each for each in sorted(facts.private_identities) if distort(each, due[-1])]

    def answered(self, change: Change, request: Request, response: Response) -> Response:
        """Take an answer, which `change` makes another of; where no vector was needed, the next one is right again."""
        if response.status >= 200:
            if response.status == 401 and any("algorithm=AKA" in each for each in response.get_all("www-authenticate")):
                for rule in self._rules:
                    rule.meet()
            else:
                for private_identity in self._distorted:
                    self._distort(private_identity, None)
            self._rules, self._distorted = [], []
        return change(request, response)


def may_need_vector(request: Request, facts: Facts) -> bool:
    """Tell whether a REGISTER may lead to a vector: it answers no challenge, or says that it cannot take the last."""
    return request.method == "REGISTER" and (
        facts.phase != "authenticated"
        or any("auts=" in value or 'response=""' in value for value in request.get_all("authorization"))
    )
