"""SIP-Auth-Data-Items of a MAA: what an S-CSCF needs to authenticate a user (TS 29.228 §6.3.1)."""

from hss_stub.procedures import HssProcedures
from scscf.cx import NTLM, AuthAnswer, AuthItem, MultimediaAuth

AKA_SCHEMES = ("Digest-AKAv1-MD5", "Digest-AKAv2-MD5", "Digest-AKAv2-SHA-256")
DIGEST_SCHEMES = ("SIP Digest", "Digest", "Digest-MD5")
UNKNOWN = "Unknown"
NONE = "None"
"""Scheme of a user who is never challenged: a word of our own, which no foreign S-CSCF understands."""
MOST = 5
"""AKA vectors in one answer, however many are asked for."""


def auth_items(core: HssProcedures, request: MultimediaAuth, answer: AuthAnswer) -> tuple[AuthItem, ...]:
    """Return the items; `answer` is the first of them, and none are given for a scheme that is not the user's."""
    scheme = request.scheme
    if answer.scheme == "none":
        return (AuthItem(NONE),)
    if scheme.upper() == NTLM and answer.aka is None:
        return _ntlm_items(answer)
    if answer.aka is None:
        if scheme not in (UNKNOWN, *DIGEST_SCHEMES):
            return ()
        return tuple(AuthItem(DIGEST_SCHEMES[0], digest=vector) for vector in answer.vectors)
    if scheme not in (UNKNOWN, *AKA_SCHEMES):
        return ()
    items = [AuthItem(AKA_SCHEMES[0] if scheme == UNKNOWN else scheme, aka=answer.aka)]
    for _ in range(min(request.items, MOST) - 1):
        more = core.authenticate(request.private_identity, request.public_identity, None)
        items.append(AuthItem(items[0].scheme, aka=more.aka))
    return tuple(items)


def _ntlm_items(answer: AuthAnswer) -> tuple[AuthItem, ...]:
    """Return the NT hash and what the user has for digest; nothing where there is no NT hash."""
    if not answer.nt_hash:
        return ()
    return (
        AuthItem(NTLM, nt_hash=answer.nt_hash),
        *(AuthItem(DIGEST_SCHEMES[0], digest=vector) for vector in answer.vectors),
    )
