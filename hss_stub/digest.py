"""Digest vectors: H(username:realm:password) as the HSS gives it (TS 29.229 §6.3.41, RFC 7616 §3.4.2)."""

from hashlib import md5, sha256

from hss_stub.entry import Digest
from hss_stub.subscriber import Subscriber
from scscf.cx import DigestVector


def realm_of(private_identity: str, public_identity: str) -> str:
    """Return the digest realm of a user where nobody says: the domain of the private identity, else of the public."""
    return private_identity.rpartition("@")[2] if "@" in private_identity else public_identity.rpartition("@")[2]


def digest_vectors(subscriber: Subscriber, auth: Digest, realm: str) -> tuple[DigestVector, ...]:
    """Return H(username:realm:password) for each algorithm, in the order of preference."""
    username = subscriber.username
    if auth.ha1 is not None:
        return (DigestVector(auth.algorithms[0], realm, username, auth.ha1.text(subscriber.n).lower()),)
    password = auth.password.text(subscriber.n) if auth.password else ""
    secret = f"{username}:{realm}:{password}".encode("utf-8", "surrogateescape")
    return tuple(
        DigestVector(algorithm, realm, username, (sha256 if algorithm == "SHA-256" else md5)(secret).hexdigest())
        for algorithm in auth.algorithms
    )
