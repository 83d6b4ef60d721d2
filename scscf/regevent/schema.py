"""The judge of documents: schemas/reginfo.xsd and what the schema cannot say (RFC 3680 §5)."""

from functools import cache
from importlib.resources import as_file, files

from lxml import etree

_NAMESPACE = "{urn:ietf:params:xml:ns:reginfo}"
_ACTIVE = frozenset({"registered", "created", "refreshed", "shortened"})


@cache
def _schema() -> etree.XMLSchema:
    """Return the schema; the files that it imports lie beside it."""
    with as_file(files("scscf.schemas").joinpath("reginfo.xsd")) as path:
        return etree.XMLSchema(etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)))


def problems_of(document: bytes) -> list[str]:
    """Return what is wrong with a reginfo document: nothing for one that a watcher can rely on."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        return [f"not well-formed: {error}"]
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        return ["a document type declaration has no place in it"]
    schema = _schema()
    if not schema.validate(root):
        return [f"line {error.line}: {error.message}" for error in schema.error_log]  # type: ignore[attr-defined]
    return [*_contradictions(root)]


def _contradictions(root: etree._Element) -> list[str]:
    found: list[str] = []
    seen: dict[str, set[str]] = {"aor": set(), "registration id": set(), "contact id": set()}
    for registration in root.iterfind(f"{_NAMESPACE}registration"):
        contacts = registration.findall(f"{_NAMESPACE}contact")
        names = [("aor", registration.get("aor") or ""), ("registration id", registration.get("id") or "")]
        names += [("contact id", contact.get("id") or "") for contact in contacts]
        for kind, name in names:
            if name in seen[kind]:
                found.append(f"{kind} {name} is there twice")
            seen[kind].add(name)
        live = [contact for contact in contacts if contact.get("state") == "active"]
        if live and registration.get("state") != "active":
            found.append(f"{registration.get('aor')} is {registration.get('state')} and has an active contact")
        found += [problem for contact in contacts for problem in _contact_problems(contact)]
    return found


def _contact_problems(contact: etree._Element) -> list[str]:
    event, state, found = contact.get("event"), contact.get("state"), []
    if (event in _ACTIVE) != (state == "active"):
        found.append(f"event {event} does not go with state {state}")
    if event == "shortened" and contact.get("expires") is None:
        found.append("shortened needs expires")
    if event == "probation" and contact.get("retry-after") is None:
        found.append("probation needs retry-after")
    return found
