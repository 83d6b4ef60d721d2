"""Reading a reginfo document as a watcher does: what it says, without judging it (RFC 3680 §5)."""

from collections.abc import Mapping
from typing import NamedTuple

from lxml import etree

NAMESPACE = "urn:ietf:params:xml:ns:reginfo"
GRUU_NAMESPACE = "urn:ietf:params:xml:ns:gruuinfo"
_MOST_OCTETS = 4_000_000
_R, _G = f"{{{NAMESPACE}}}", f"{{{GRUU_NAMESPACE}}}"


class ReadContact(NamedTuple):
    """One contact of a registration: texts as they stand in the document, None for what is not there."""

    uri: str
    attributes: Mapping[str, str]
    """`id`, `state`, `event`, `expires`, `retry-after` and so on."""
    display_name: str | None
    params: Mapping[str, str]
    """unknown-param elements: name → text."""
    pub_gruu: str | None
    temp_gruu: str | None

    def get(self, name: str) -> str | None:
        """Return an attribute, None where it is not there."""
        return self.attributes.get(name)


class ReadRegistration(NamedTuple):
    """One registration."""

    aor: str
    id: str
    state: str
    contacts: tuple[ReadContact, ...]


class ReadDocument(NamedTuple):
    """One document."""

    version: str
    state: str
    registrations: tuple[ReadRegistration, ...]


def read_document(body: bytes) -> ReadDocument:
    """Return what a document says. Raises ValueError where it is no XML, too large, or no reginfo."""
    if len(body) > _MOST_OCTETS:
        raise ValueError(f"more than {_MOST_OCTETS} octets")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"not well-formed XML: {error}") from None
    if root.tag != f"{_R}reginfo":
        raise ValueError(f"the root is {root.tag}, not reginfo of {NAMESPACE}")
    return ReadDocument(
        root.get("version") or "",
        root.get("state") or "",
        tuple(_registration(each) for each in root.iterfind(f"{_R}registration")),
    )


def _registration(element: etree._Element) -> ReadRegistration:
    return ReadRegistration(
        element.get("aor") or "",
        element.get("id") or "",
        element.get("state") or "",
        tuple(_contact(each) for each in element.iterfind(f"{_R}contact")),
    )


def _contact(element: etree._Element) -> ReadContact:
    temp = element.find(f"{_G}temp-gruu")
    return ReadContact(
        (element.findtext(f"{_R}uri") or "").strip(),
        {str(name): str(value) for name, value in element.attrib.items()},
        element.findtext(f"{_R}display-name"),
        {each.get("name") or "": each.text or "" for each in element.iterfind(f"{_R}unknown-param")},
        _uri_of(element.find(f"{_G}pub-gruu")),
        _uri_of(temp),
    )


def _uri_of(element: etree._Element | None) -> str | None:
    return None if element is None else element.get("uri")
