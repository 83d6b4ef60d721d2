"""A user's profile out of Server-Assignment-Answers (TS 29.228 §6.1.2, §6.6), read once for each different document."""

from hashlib import sha256

from scscf.cx import AssignmentData
from scscf.profile.service_profile import ImplicitSet, UserProfile
from scscf.profile.user_data import LONGEST, UserData, UserDataError, parse_user_data

KEPT = 4096
"""How many parsed documents are kept."""


class TooMuchData(UserDataError):
    """A document that is longer than this S-CSCF takes (TS 29.228 §6.6)."""


class UserProfiles:
    """Profiles out of answers. The same octets give the same implicit set, the same object."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._parsed: dict[bytes, UserData] = {}

    def read(self, document: bytes) -> UserData:
        """Return what a User-Data says. Raises UserDataError, TooMuchData for one that is too long."""
        if len(document) > LONGEST:
            raise TooMuchData(f"has more than {LONGEST} octets")
        key = sha256(document).digest()
        found = self._parsed.pop(key, None)
        if found is None:
            found = parse_user_data(document)
            if len(self._parsed) >= self._kept:
                del self._parsed[next(iter(self._parsed))]
        self._parsed[key] = found
        return found

    def profile(
        self, answer: AssignmentData, private_identity: str, known: UserProfile | None, existing: str | None
    ) -> UserProfile | None:
        """Return a user's profile with what an answer says in the place of what was `known`: that very object where
        nothing differs. None where neither has a profile.

        `existing` is the subscription that already has one of the identities, for a user of whom nothing is known.
        Raises UserDataError.
        """
        data = None if answer.user_data is None else self.read(answer.user_data)
        if known is None:
            if data is None:
                return None
            user = private_identity or answer.private_identity or data.private_identity
            name = existing or _subscription(user, answer.associated, data.implicit_set)
            return UserProfile(user, name, (data.implicit_set,), charging=answer.charging)
        profile = known
        if data is not None and data.implicit_set not in known.sets:
            profile = profile.with_set(data.implicit_set)
        if answer.charging is not None and answer.charging != profile.charging:
            profile = profile._replace(charging=answer.charging)
        return profile


def _subscription(user: str, associated: tuple[str, ...], implicit_set: ImplicitSet) -> str:
    """Return a name that all devices of a subscription come to, as far as the HSS says who they are."""
    return min((user, *associated)) if associated else implicit_set[0].uri
