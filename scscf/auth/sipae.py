"""What NTLM signs of a SIP message (MS-SIPAE §3.2.4.1, §3.3.4.1)."""

from scscf.errors import SipError
from scscf.sip.address import Address, parse_address
from scscf.sip.grammar import split_list
from scscf.sip.message import Request, Response

VERSIONS = (2, 3, 4)
"""Versions of the protocol; from 3 on the URI of To and the asserted identities are signed too."""


def signature_text(
    scheme: str, version: int, rand: str, num: str, realm: str, targetname: str, message: Request | Response
) -> bytes:
    """Return the buffer that is signed: each value in angle brackets, in the case that it has in the message.

    `rand` and `num` are crand and cnum of the client's messages, srand and snum of the server's. A field that the
    message does not have is `<>`. Raises SipError(400) for a message whose From, To or CSeq cannot be read.
    """
    sender, recipient, cseq = message.from_, message.to, message.cseq
    values = [scheme, rand, num, realm, targetname, message.call_id, str(cseq.number), cseq.method]
    values += [sender.uri.text, sender.tag or ""]
    if version >= 3:
        values.append(recipient.uri.text)
    values.append(recipient.tag or "")
    if version >= 3:
        values += _asserted(message)
    values.append((message.get("expires") or "").strip())
    if isinstance(message, Response):
        values.append(str(message.status))
    return "".join(f"<{value}>" for value in values).encode("utf-8", "surrogateescape")


def _asserted(message: Request | Response) -> tuple[str, str]:
    """Return the first SIP URI and the first tel URI of P-Asserted-Identity, or else of P-Preferred-Identity."""
    for name in ("p-asserted-identity", "p-preferred-identity"):
        texts = message.get_all(name)
        if texts:
            uris = [_parsed(item) for text in texts for item in split_list(text)]
            return _first(uris, "sip"), _first(uris, "tel")
    return "", ""


def _parsed(text: str) -> Address | None:
    try:
        return parse_address(text)
    except SipError:
        return None


def _first(addresses: list[Address | None], scheme: str) -> str:
    for address in addresses:
        if address is not None and address.uri.text.partition(":")[0].lower() == scheme:
            return address.uri.text
    return ""
