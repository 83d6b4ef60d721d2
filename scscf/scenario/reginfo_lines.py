"""A reginfo document in a few words: version, state, and what is told of each identity and contact (RFC 3680 §5)."""

from collections.abc import Callable, Iterable

from lxml import etree

from scscf.scenario.parties import printable

_NAMESPACE = "{urn:ietf:params:xml:ns:reginfo}"
_LARGEST = 1_000_000
MOST = 8
"""Registrations of one document, and contacts of one registration, that are told."""


def reginfo_lines(document: bytes, contact: Callable[[str], str] = printable) -> list[str]:
    """Return a line for each registration, the first with version and state: `v1 full  sip:a active: phone created`.

    `contact` makes a name of a contact URI. Of octets that are no reginfo the one line says so.
    """
    root = _root(document)
    if root is None or root.tag != f"{_NAMESPACE}reginfo":
        return ["no reginfo document"]
    head = printable(f"v{root.get('version', '?')} {root.get('state', '?')}")
    registrations = root.findall(f"{_NAMESPACE}registration")
    if not registrations:
        return [f"{head}  no registration"]
    short = _shortener(registration.get("aor", "?") for registration in registrations)
    lines = [_registration(each, short, contact) for each in registrations[:MOST]]
    if len(registrations) > MOST:
        lines.append(f"and {len(registrations) - MOST} more")
    margin = " " * len(head)
    return [f"{margin if number else head}  {line}" for number, line in enumerate(lines)]


def pretty(document: bytes) -> list[str]:
    """Return a document as lines, an element each; of octets that are no XML their text."""
    root = _root(document)
    if root is None:
        return [printable(line) for line in document.decode("utf-8", "replace").splitlines()]
    etree.indent(root)
    text = etree.tostring(root, encoding="unicode")
    return [printable(line) for line in text.splitlines()]


def _root(document: bytes) -> etree._Element | None:
    if len(document) > _LARGEST:
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_blank_text=True
    )
    try:
        return etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _shortener(aors: Iterable[str]) -> Callable[[str], str]:
    """Return what leaves out the domain of an identity, where a document knows only one."""
    domains = {aor.partition("@")[2] for aor in aors if "@" in aor}
    if len(domains) > 1:
        return printable
    return lambda aor: printable(aor.partition("@")[0])


def _registration(element: etree._Element, short: Callable[[str], str], contact: Callable[[str], str]) -> str:
    contacts = element.findall(f"{_NAMESPACE}contact")
    told = [_contact(each, contact) for each in contacts[:MOST]]
    if len(contacts) > MOST:
        told.append(f"and {len(contacts) - MOST} more")
    head = f"{short(element.get('aor', '?'))} {printable(element.get('state', '?'))}"
    return f"{head}: {', '.join(told)}" if told else head


def _contact(element: etree._Element, contact: Callable[[str], str]) -> str:
    uri = element.findtext(f"{_NAMESPACE}uri", "?").strip()
    words = [contact(uri), printable(element.get("event", "?"))]
    if element.get("event") == "shortened" and element.get("expires"):
        words.append(printable(f"{element.get('expires')} s"))
    if element.get("retry-after"):
        words.append(printable(f"retry after {element.get('retry-after')} s"))
    return " ".join(words)
