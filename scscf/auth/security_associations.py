"""The security associations that clients of NTLM have with this server (MS-SIPAE §3.3.1)."""

from base64 import b64encode
from collections import OrderedDict, deque

from scscf.auth.ntlm import MessageKeys, Target, challenge_message
from scscf.auth.security_association import Input, SecurityAssociation, State
from scscf.auth.sipae import VERSIONS
from scscf.sip.credentials import Credentials

__all__ = ["SecurityAssociation", "SecurityAssociations", "State"]


class SecurityAssociations:
    """Every association, bounded in number for each private identity and in all; the oldest makes room.

    `version` is the highest of the protocol that is offered; `lifetime` is that of an association, in seconds, and
    `limit` bounds the established ones and, apart from them, the challenges that have no answer yet.
    """

    PER_IDENTITY = 64
    UNANSWERED_FOR = 60.0
    """Seconds after which a challenge without an answer goes."""

    def __init__(
        self,
        realm: str,
        targetname: str,
        version: int,
        target: Target,
        lifetime: float = 28800.0,
        limit: int = 100_000,
    ) -> None:
        self.realm = realm
        self.targetname = targetname
        self.version = version
        self._target = target
        self._lifetime = lifetime
        self._limit = limit
        self._challenged: OrderedDict[str, SecurityAssociation] = OrderedDict()
        self._established: OrderedDict[str, SecurityAssociation] = OrderedDict()
        self._of_identity: dict[str, deque[str]] = {}

    def __len__(self) -> int:
        """Return how many associations there are, those with a challenge without an answer among them."""
        return len(self._challenged) + len(self._established)

    def __contains__(self, opaque: str) -> bool:
        """Tell whether an association has this name."""
        return opaque in self._challenged or opaque in self._established

    def first_challenge(self) -> str:
        """Return the value of WWW-Authenticate that says what is offered, and no more (MS-SIPAE §3.3.5.1)."""
        return f'NTLM realm="{self.realm}", targetname="{self.targetname}", version={self.version}'

    def open(self, opaque: str, server_challenge: bytes, now: float) -> str:
        """Begin an association and return the value of WWW-Authenticate with its CHALLENGE_MESSAGE.

        `opaque` is its name, 8 random hex digits; whichever had that name before is forgotten. `server_challenge` is
        8 random octets.
        """
        self.sweep(now)
        before = self._named(opaque)
        if before is not None:
            self.end(before)
        challenge = challenge_message(server_challenge, self._target)
        association = SecurityAssociation(self, opaque, challenge, now + self.UNANSWERED_FOR)
        self._challenged[opaque] = association
        if len(self._challenged) > self._limit:
            self.end(next(iter(self._challenged.values())))
        data = b64encode(challenge).decode("ascii")
        return (
            f'NTLM opaque="{opaque}", gssapi-data="{data}", targetname="{self.targetname}", '
            f'realm="{self.realm}", version={self.version}'
        )

    def find(self, credentials: Credentials, now: float) -> SecurityAssociation | None:
        """Return the association that credentials name by their opaque; None for one that is unknown or over.

        Credentials for another realm or another server name none.
        """
        params = credentials.params
        if params.get("realm", self.realm) != self.realm or params.get("targetname", "") not in ("", self.targetname):
            return None
        association = self._named(params.get("opaque", ""))
        if association is None:
            return None
        if association.expires_at <= now:
            self._forget(association, Input.RAN_OUT)
            return None
        return association

    def is_alive(self, association: SecurityAssociation, now: float) -> bool:
        """Tell whether messages can still be signed in an association."""
        return association.is_established and association.expires_at > now

    def establish(
        self, sa: SecurityAssociation, private_identity: str, aor: str, keys: MessageKeys, now: float, version: int = 0
    ) -> None:
        """Give an association its user and its keys; one that is established already, or over, stays what it is.

        `version`: of the protocol, as the client says; 0 and what is not offered stand for the highest offered.
        """
        if sa.state is not State.CHALLENGED:
            return
        self._challenged.pop(sa.opaque, None)
        sa.establish(private_identity, aor, keys, now + self._lifetime)
        if version in VERSIONS and version < self.version:
            sa.version = version
        self._established[sa.opaque] = sa
        opaques = self._of_identity.setdefault(private_identity, deque())
        opaques.append(sa.opaque)
        if len(opaques) > self.PER_IDENTITY:
            self.end(self._established[opaques[0]])
        if len(self._established) > self._limit:
            self.end(next(iter(self._established.values())))

    def end(self, sa: SecurityAssociation) -> None:
        """Forget an association."""
        self._forget(sa, Input.ENDED)

    def withdraw(self, private_identity: str) -> int:
        """Forget every association of a private identity, so that its next request is challenged; return how many."""
        opaques = list(self._of_identity.get(private_identity, ()))
        for opaque in opaques:
            self.end(self._established[opaque])
        return len(opaques)

    def clear(self) -> int:
        """Forget everything; return how many associations there were."""
        associations = [*self._challenged.values(), *self._established.values()]
        for association in associations:
            self.end(association)
        return len(associations)

    def sweep(self, now: float) -> None:
        """Forget the associations that have run out: the oldest stand first."""
        for kept in (self._challenged, self._established):
            while kept:
                association = next(iter(kept.values()))
                if association.expires_at > now:
                    break
                self._forget(association, Input.RAN_OUT)

    def _named(self, opaque: str) -> SecurityAssociation | None:
        return self._established.get(opaque) or self._challenged.get(opaque)

    def _forget(self, association: SecurityAssociation, why: Input) -> None:
        opaque = association.opaque
        if self._challenged.get(opaque) is association:
            del self._challenged[opaque]
        elif self._established.get(opaque) is association:
            del self._established[opaque]
            identity = association.private_identity or ""
            opaques = self._of_identity[identity]
            opaques.remove(opaque)
            if not opaques:
                del self._of_identity[identity]
        association.over(why)
