"""What the S-CSCF asks of an HSS, and what it hears: the embedded stub, or one behind Diameter (TS 29.228 §6)."""

from typing import NamedTuple, Protocol

from scscf.cx.commands import (
    AkaVector,
    DigestVector,
    PushProfile,
    RegistrationTermination,
    RegistrationTerminationAnswer,
    Restoration,
    Resynchronisation,
)
from scscf.cx.result import Result, ServerAssignment
from scscf.profile.service_profile import UserProfile


class AuthAnswer(NamedTuple):
    """MAA. `scheme` is `digest`, `ntlm`, `aka` or `none` (never challenged)."""

    result: Result
    scheme: str = "digest"
    vectors: tuple[DigestVector, ...] = ()
    """With `digest`: in the HSS's order of preference."""
    aka: AkaVector | None = None
    """With `aka`: a fresh vector, used for one challenge only."""
    nt_hash: bytes = b""
    """With `ntlm`, and with `digest` where the HSS has it: MD4 of the password in UTF-16, 16 octets (MS-NLMP §3.3.1).

    Empty: this user has no NTLM password.
    """

    def __repr__(self) -> str:
        """Without the secrets, so that no log has them."""
        told = f" {self.vectors}" if self.vectors else f" {self.aka}" if self.aka is not None else ""
        return f"<AuthAnswer {self.result.name} {self.scheme}{told}{' and NTLM' if self.nt_hash else ''}>"


class AssignmentAnswer(NamedTuple):
    """SAA: the user's profile where the assignment type asks for one."""

    result: Result
    profile: UserProfile | None = None
    """One private identity's view; over Diameter with the one implicit set that was asked for."""
    restoration: tuple[Restoration, ...] = ()


class Cx(Protocol):
    """What an HSS answers to an S-CSCF (TS 29.228 §6.1, §6.3)."""

    async def multimedia_auth(
        self,
        private_identity: str,
        public_identity: str,
        realm: str,
        failed: Resynchronisation | None = None,
        *,
        ntlm: bool = False,
    ) -> AuthAnswer:
        """MAR: how is this user authenticated? USER_UNKNOWN, IDENTITIES_DONT_MATCH where there is no such user.

        `failed` is what a UE said whose sequence number was ahead: the vector is made from there on (TS 33.102 §6.3.5).
        With `ntlm` the answer has the NT hash too, where there is one; without it a user who has nothing else is
        AUTH_SCHEME_NOT_SUPPORTED.
        """

    async def user_authorization(
        self, private_identity: str, public_identity: str, visited_network: str | None, emergency: bool
    ) -> Result:
        """UAR: may this user register this identity, here? (TS 29.228 §6.1.1)

        Asked by an I-CSCF in front of us where there is one; the S-CSCF asks on its behalf at an initial registration.
        `visited_network` is in lower case, None at home.
        ROAMING_NOT_ALLOWED and AUTHORIZATION_REJECTED (every identity of the set is barred) spare the challenge.
        """

    async def server_assignment(
        self,
        private_identity: str,
        public_identity: str,
        assignment: ServerAssignment,
        known: UserProfile | None = None,
        restoration: Restoration | None = None,
    ) -> AssignmentAnswer:
        """SAR: this S-CSCF serves (or leaves) the user now. `known` is the profile that it has of the set already.

        `private_identity` is empty where none is known, of a user who is not registered.
        """

    async def identify(self, username: str, aor: str, realm: str, *, ntlm: bool = False) -> str | None:
        """Return the private identity of who logs in with `username` in `realm` as the address of record `aor`.

        No Cx command: the S-CSCF's mapping where no I-CSCF or P-CSCF gives a private identity, for users whose digest
        username is not their private identity (RFC 3665 §2: `bob`). Whether `aor` is theirs is not promised: that is
        for multimedia_auth to say. None where nobody logs in so. With `ntlm` it is the name of an NTLM logon: `user`,
        `DOMAIN\\user` or `user@domain`, in capitals or not (MS-NLMP §2.2.1.3).
        """

    async def default_private_identity(self, aor: str) -> str | None:
        """Return the private identity to challenge where a request for `aor` has no credentials, None for a stranger.

        No Cx command, as `identify`. The one that is named like the AOR comes first, if there is such a device.
        """


class HssListener(Protocol):
    """What an HSS may tell the S-CSCF unasked (TS 29.228 §6.1.3, §6.2): implemented by the procedures.

    Neither waits for a watcher, an application server or a REGISTER in flight.
    """

    async def registration_termination(self, request: RegistrationTermination) -> RegistrationTerminationAnswer:
        """RTR: registrations of a private identity (all of them where no public identity is named) are over."""

    async def push_profile(self, request: PushProfile) -> Result:
        """PPR: a user's profile, charging functions or credentials have changed."""
