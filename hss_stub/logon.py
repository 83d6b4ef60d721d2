"""NTLM logons: whose name it is, and what the HSS has of their password (MS-NLMP §2.2.1.3, §3.3.1)."""

from hss_stub.entry import Digest, Ntlm
from hss_stub.nt_hash import nt_hash
from hss_stub.subscriber import Subscriber
from hss_stub.subscribers import Subscribers
from hss_stub.template import Template


def logged_on(subscribers: Subscribers, name: str, aor: str, realm: str) -> str | None:
    """Return the private identity of who logs on as `user`, `DOMAIN\\user` or `user@domain`; None for a stranger.

    A user of `aor` comes first, named by username, private identity or its user part, in capitals or not. Where none
    of them has that name but somebody else does, it is that one's: a foreign identity is told from an unknown user.
    """
    domain, _, user = name.rpartition("\\")
    wanted = user.casefold()
    for private_identity in subscribers.by_public(aor):
        subscriber = subscribers.find(private_identity)
        if subscriber is None or not isinstance(subscriber.auth, Digest | Ntlm):
            continue
        local = private_identity.partition("@")[0]
        if wanted in (subscriber.username.casefold(), private_identity.casefold(), local.casefold()) and (
            _is_in(subscriber, domain)
        ):
            return private_identity
    found = subscribers.identify(user, aor, realm) or subscribers.identify(f"{user}@{realm}", aor, realm)
    subscriber = subscribers.find(found) if found is not None else None
    return found if subscriber is None or _is_in(subscriber, domain) else None


def nt_hash_of(subscriber: Subscriber) -> bytes:
    """Return the NT hash of a user who has a password or just that, 16 octets; else nothing."""
    auth = subscriber.auth
    if isinstance(auth, Ntlm) and auth.nt_hash is not None:
        return bytes.fromhex(auth.nt_hash.text(subscriber.n))
    if isinstance(auth, Digest | Ntlm) and auth.password is not None:
        return nt_hash(auth.password.text(subscriber.n))
    return b""


def same_logon(old: Subscriber | None, new: Subscriber | None) -> bool:
    """Tell whether what a user proves themselves with is what it was; so it is for who has no password here."""
    if old is None or new is None or not isinstance(new.auth, Digest | Ntlm):
        return True
    return old.username == new.username and type(old.auth) is type(new.auth) and _texts(old) == _texts(new)


def _texts(subscriber: Subscriber) -> list[object]:
    return [each.text(subscriber.n) if isinstance(each, Template) else each for each in subscriber.auth or ()]


def _is_in(subscriber: Subscriber, domain: str) -> bool:
    """Tell whether a user may log on in a domain: in any, unless the user's own is known."""
    own = subscriber.auth.domain if isinstance(subscriber.auth, Ntlm) else None
    return own is None or not domain or own.text(subscriber.n).casefold() == domain.casefold()
