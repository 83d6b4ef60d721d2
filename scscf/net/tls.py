"""TLS contexts for `tls://` listeners and for connections of our own (RFC 3261 §26.3, RFC 5922)."""

# mypy: allow-untyped-calls

from pathlib import Path
from typing import Any

from OpenSSL import crypto
from twisted.internet.ssl import (
    Certificate,
    CertificateOptions,
    PrivateCertificate,
    optionsForClientTLS,
    trustRootFromCertificates,
)

from scscf.config.listen import Listen
from scscf.errors import InputError, Problem

_END = "-----END CERTIFICATE-----"


def server_context(listen: Listen) -> CertificateOptions:
    """Return the TLS context of a listener. Raises InputError for files that cannot be used."""
    if listen.certificate is None:
        raise InputError([Problem("listen", 0, 0, "tls:// needs certificate=FILE and key=FILE")])
    chain = _certificates(listen.certificate)
    key = _key(listen.key or listen.certificate)
    trust = None
    if listen.verify != "none":
        if listen.ca is None:
            raise InputError([Problem("listen", 0, 0, f"verify={listen.verify} needs ca=FILE")])
        trust = trustRootFromCertificates(_wrapped(_certificates(listen.ca)))
    return CertificateOptions(
        privateKey=key,
        certificate=chain[0],
        extraCertChain=chain[1:] or None,
        trustRoot=trust,
        requireCertificate=listen.verify == "required",
    )


def client_context(listen: Listen | None, name: str) -> Any:
    """Return the TLS context of a connection to `name`, whose certificate the peer has to show.

    `listen` is the tls:// listener whose certificate, authorities and `verify` count for our own connections too: with
    `verify=none` nothing is verified. Without a listener, or a `ca`, the system's authorities count.
    """
    own = None
    if listen is not None and listen.certificate is not None:
        key = _key(listen.key or listen.certificate)
        certificate = crypto.dump_certificate(crypto.FILETYPE_PEM, _certificates(listen.certificate)[0])
        own = PrivateCertificate.loadPEM(certificate + crypto.dump_privatekey(crypto.FILETYPE_PEM, key))
    if listen is not None and listen.verify == "none":
        return _Unverified(own)
    trust = None
    if listen is not None and listen.ca is not None:
        trust = trustRootFromCertificates(_wrapped(_certificates(listen.ca)))
    return optionsForClientTLS(name, trustRoot=trust, clientCertificate=own)


class _Unverified(CertificateOptions):
    """Encrypts, but verifies nothing."""

    def __init__(self, own: PrivateCertificate | None) -> None:
        if own is None:
            super().__init__(verify=False)
        else:
            super().__init__(verify=False, privateKey=own.privateKey.original, certificate=own.original)


def _certificates(path: str) -> list[Any]:
    text = _read(path)
    pieces = [piece + _END + "\n" for piece in text.split(_END)[:-1]]
    try:
        found = [crypto.load_certificate(crypto.FILETYPE_PEM, piece.encode()) for piece in pieces]
    except (crypto.Error, ValueError):
        found = []
    if not found:
        raise InputError([Problem(path, 0, 0, "no certificate in PEM form in this file")])
    return found


def _key(path: str) -> Any:
    try:
        return crypto.load_privatekey(crypto.FILETYPE_PEM, _read(path).encode(), b"")
    except (crypto.Error, ValueError):
        raise InputError(
            [Problem(path, 0, 0, "no private key in PEM form, without a passphrase, in this file")]
        ) from None


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except (OSError, UnicodeError) as error:
        raise InputError([Problem(path, 0, 0, f"cannot be read: {error}")]) from None


def _wrapped(certificates: list[Any]) -> list[Certificate]:
    return [Certificate(certificate) for certificate in certificates]
