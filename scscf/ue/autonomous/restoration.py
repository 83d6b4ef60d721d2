"""The 504 by which a network that lost its data has a UE register anew (TS 24.229 §5.1.2A.1.6, §7.6)."""

from lxml import etree

from scscf.sip.message import Response
from scscf.ue.user_agent import Reply

_LARGEST = 65_536
_TYPE = "application/3gpp-ims+xml"


def asks_for_registration(reply: Reply) -> bool:
    """Tell whether a reply is such a 504: its body is an alternative service of type restoration."""
    if not isinstance(reply, Response) or reply.status != 504 or len(reply.body) > _LARGEST:
        return False
    if (reply.get("content-type") or "").partition(";")[0].strip().lower() != _TYPE:
        return False
    try:
        root = etree.fromstring(reply.body, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except etree.XMLSyntaxError:
        return False
    said = {etree.QName(each).localname: (each.text or "").strip() for each in root.iter() if isinstance(each.tag, str)}
    return said.get("type") == "restoration" and said.get("action") == "initial-registration"
