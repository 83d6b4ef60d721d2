"""Globally routable user agent URIs (RFC 5627): public ones are computed, temporary ones are sealed tokens."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable
from hashlib import blake2s
from typing import NamedTuple
from urllib.parse import unquote

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from scscf.registration.binding import Binding
from scscf.registration.epid import gruu_opaque, instance_in
from scscf.registration.instance import canonical_instance, same_instance
from scscf.registration.registration import Contact
from scscf.sip.uri import Uri, format_host, parse_uri
from scscf.sip.uri_comparison import aor_of

KEY_OCTETS = 64
"""AES-SIV with two keys of 256 bits (RFC 5297 §4)."""

_PREFIX = "tgruu."
_EPID = "user:epid:"
_CALL_OCTETS = 8
_CSEQ_OCTETS = 4
_PAD = 32
"""Tokens come in few lengths, so that theirs says little of the address of record."""
_MOST_OCTETS = 2048
_RESERVED = re.compile(r"[^A-Za-z0-9\-_.!~*'()\[\]/:&+$]")


class Gruu(NamedTuple):
    """What a GRUU stands for: an instance of an address of record."""

    aor: str
    """Canonical, of the host that the GRUU has."""
    instance: str
    """Instance id without `<>`."""
    call: bytes | None = None
    """Of which registration a temporary GRUU is: a digest of its Call-ID; None: a public GRUU."""
    cseq: int = 0
    """CSeq number of the REGISTER that a temporary GRUU was made for."""

    def is_live(self, contacts: Iterable[Contact]) -> bool:
        """Tell whether it may be used, given the contacts of its address of record (RFC 5627 §5.1).

        A public GRUU always may. A temporary one, while a contact of the instance is bound by the same Call-ID.
        """
        if self.call is None:
            return True
        for contact in contacts:
            binding = contact.binding
            if not binding.gruu or not binding.first_cseq <= self.cseq <= binding.cseq:
                continue
            if _call(binding.call_id) == self.call and same_instance(binding.instance or "", self.instance):
                return True
        return False


def is_gruu(uri: Uri) -> bool:
    """Tell whether a URI says that it is a GRUU: it has a `gr` parameter (RFC 5627 §3.3), or `gruu` (MS-SIPRE §3.4)."""
    return bool(uri.params) and uri.is_sip and any(name.lower() in ("gr", "gruu") for name, _value in uri.params)


def epid_gruu(aor: str, instance: str) -> str | None:
    """Return the GRUU of a Microsoft endpoint (MS-SIPRE §3.4), the same for ever; None for an instance without UUID."""
    try:
        return f"{aor};opaque={_EPID}{gruu_opaque(canonical_instance(instance))};gruu"
    except ValueError:
        return None


def public_gruu(aor: str, binding: Binding) -> str | None:
    """Return the public GRUU of a contact (RFC 5627 §3.1): the same for ever. SIPS where the contact is SIPS.

    None where the contact has no instance id or the address of record is no SIP URI.
    """
    instance = binding.instance
    if instance is None or not aor.startswith("sip:"):
        return None
    name = _RESERVED.sub(_escape, canonical_instance(instance))
    return f"{_scheme(binding)}:{aor[4:]};gr={name}" if name else None


class Gruus:
    """Makes and opens the temporary GRUUs of one node; `key()` gives 64 secret octets when the first one is made."""

    def __init__(self, key: Callable[[], bytes]) -> None:
        self._key = key
        self._cipher: AESSIV | None = None

    def temporary(self, aor: str, binding: Binding) -> str | None:
        """Return the latest temporary GRUU of a contact (RFC 5627 §3.2): another one for each REGISTER.

        None where the last REGISTER asked for none or the address of record is no SIP URI.
        """
        instance = binding.instance
        if not binding.gruu or instance is None or not aor.startswith("sip:"):
            return None
        name = f"{aor}\n{canonical_instance(instance)}".encode("utf-8", "surrogateescape")
        plain = _call(binding.call_id) + binding.cseq.to_bytes(_CSEQ_OCTETS, "big") + name
        sealed = self._siv().encrypt(plain + b"\0" * (-len(plain) % _PAD), None)
        token = urlsafe_b64encode(sealed).rstrip(b"=").decode()
        host = format_host(parse_uri(aor).host)
        return f"{_scheme(binding)}:{_PREFIX}{token}@{host};gr"

    def resolve(self, uri: Uri) -> Gruu | None:
        """Return what a URI with a `gr` parameter stands for, None where it is no GRUU that this node has made."""
        name = uri.parameter("gr")
        if name is None and uri.user and uri.parameter("gruu") is not None:
            return _endpoint(uri)
        if name is None or not uri.user:
            return None
        if name:
            return Gruu(aor_of(uri), canonical_instance(unquote(name, errors="surrogateescape")))
        if not uri.user.startswith(_PREFIX) or len(uri.user) > _MOST_OCTETS:
            return None
        token = uri.user[len(_PREFIX) :]
        try:
            sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            plain = self._siv().decrypt(sealed, None).rstrip(b"\0")
        except (Base64Error, ValueError, InvalidTag):
            return None
        call, rest = plain[:_CALL_OCTETS], plain[_CALL_OCTETS:]
        aor, _, instance = rest[_CSEQ_OCTETS:].decode("utf-8", "surrogateescape").partition("\n")
        return Gruu(aor, instance, call, int.from_bytes(rest[:_CSEQ_OCTETS], "big"))

    def _siv(self) -> AESSIV:
        if self._cipher is None:
            self._cipher = AESSIV(self._key())
        return self._cipher


def _endpoint(uri: Uri) -> Gruu | None:
    opaque = uri.parameter("opaque") or ""
    if not opaque.lower().startswith(_EPID):
        return None
    instance = instance_in(opaque[len(_EPID) :])
    return Gruu(aor_of(uri), f"urn:uuid:{instance.lower()}") if instance is not None else None


def _scheme(binding: Binding) -> str:
    return "sips" if binding.uri[:5].lower() == "sips:" else "sip"


def _call(call_id: str) -> bytes:
    return blake2s(call_id.encode("utf-8", "surrogateescape"), digest_size=_CALL_OCTETS).digest()


def _escape(match: re.Match[str]) -> str:
    return "".join(f"%{octet:02X}" for octet in match[0].encode("utf-8", "surrogateescape"))
