"""TLS contexts for `tls://` listeners and for connections of our own (RFC 3261 §26.3, RFC 5922)."""

# mypy: allow-untyped-calls

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificates
from OpenSSL import SSL
from OpenSSL.crypto import X509
from twisted.internet.ssl import Certificate, CertificateOptions, optionsForClientTLS, trustRootFromCertificates

from scscf.config.listen import Listen
from scscf.errors import InputError, Problem

KeyLog = Callable[[bytes], object]
"""Is called with a line of an SSLKEYLOGFILE (draft-ietf-tls-keylogfile)."""


def with_key_log(context: Any, key_log: KeyLog | None) -> Any:
    """Return a context that tells `key_log` the secrets of every connection that it makes; None: tells nobody."""
    if key_log is None:
        return context

    def told(_connection: SSL.Connection, line: bytes) -> None:
        key_log(line)

    # A context that has made a connection cannot be changed, and the one of optionsForClientTLS is a step away.
    made_by = context if isinstance(context, CertificateOptions) else context._createConnection.__self__
    made_by.getContext().set_keylog_callback(told)
    return context


def server_context(listen: Listen) -> CertificateOptions:
    """Return the TLS context of a listener. Raises InputError for files that cannot be used."""
    if listen.certificate is None:
        raise InputError([Problem("listen", 0, 0, "tls:// needs certificate=FILE and key=FILE")])
    identity = _identity(listen.certificate, listen.key)
    if listen.verify != "none":
        if listen.ca is None:
            raise InputError([Problem("listen", 0, 0, f"verify={listen.verify} needs ca=FILE")])
        required = listen.verify == "required"
        identity |= {"verify": True, "caCerts": _authorities(listen.ca), "requireCertificate": required}
    context = CertificateOptions(**identity)
    try:
        context.getContext()
    except SSL.Error:
        raise InputError([Problem(listen.certificate, 0, 0, "certificate and key do not fit together")]) from None
    return context


def client_context(listen: Listen | None, name: str) -> Any:
    """Return the TLS context of a connection to `name`, whose certificate the peer has to show.

    `listen` is the tls:// listener whose certificate, authorities and `verify` count for our own connections too: with
    `verify=none` nothing is verified. Without a listener, or a `ca`, the system's authorities count. Raises InputError
    for files that cannot be used.
    """
    identity: dict[str, Any] = {}
    trust = None
    if listen is not None:
        if listen.certificate is not None:
            identity = _identity(listen.certificate, listen.key)
        if listen.verify == "none":
            return CertificateOptions(**identity, verify=False)
        if listen.ca is not None:
            trust = trustRootFromCertificates([Certificate(authority) for authority in _authorities(listen.ca)])
    return optionsForClientTLS(name, trustRoot=trust, extraCertificateOptions=identity)


def _identity(certificate: str, key: str | None) -> dict[str, Any]:
    chain = _certificates(certificate)
    path = key or certificate
    try:
        private = load_pem_private_key(_read(path), None)
    except (ValueError, TypeError):
        raise InputError(
            [Problem(path, 0, 0, "no private key in PEM form without a passphrase in this file")]
        ) from None
    return {"privateKey": private, "certificate": chain[0], "extraCertChain": chain[1:] or None}


def _certificates(path: str) -> list[Any]:
    try:
        return list(load_pem_x509_certificates(_read(path)))
    except ValueError:
        raise InputError([Problem(path, 0, 0, "no certificate in PEM form in this file")]) from None


def _authorities(path: str) -> list[X509]:
    return [X509.from_cryptography(certificate) for certificate in _certificates(path)]


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InputError([Problem(path, 0, 0, f"cannot be read: {error.strerror}")]) from None
