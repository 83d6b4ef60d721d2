"""Reading a user profile as an HSS prints it: IMSSubscription of TS 29.228 annexes B and E."""

import logging
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from scscf.errors import SipError
from scscf.profile.filter_criteria import (
    ApplicationServer,
    DefaultHandling,
    FilterCriterion,
    RegistrationType,
    ServiceProfile,
    SessionCase,
    Trigger,
)
from scscf.profile.pattern import PatternError, compiled
from scscf.profile.service_profile import ImplicitSet, PublicIdentity
from scscf.profile.trigger import (
    Header,
    MethodIs,
    Not,
    RegistrationIs,
    RequestUri,
    SessionCaseIs,
    SessionDescription,
    in_groups,
)
from scscf.profile.wildcard import pattern_of
from scscf.sip.uri import parse_uri
from scscf.sip.uri_comparison import aor_of

log = logging.getLogger(__name__)

LONGEST = 1_000_000
"""Octets of a document."""

_LONGEST_SERVER_NAME = 255
_WILDCARDED = ("2", "3", "4")
"""IdentityType of a wildcarded PSI or public user identity."""


class UserDataError(ValueError):
    """A document that is no IMSSubscription."""


class UserData(NamedTuple):
    """What a document says: one implicit registration set, with its service profiles."""

    private_identity: str
    implicit_set: ImplicitSet


def parse_user_data(document: bytes) -> UserData:
    """Read an IMSSubscription. Raises UserDataError; a filter criterion that is none is left out, with a warning."""
    if len(document) > LONGEST:
        raise UserDataError(f"has more than {LONGEST} octets")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UserDataError(f"is no XML: {error}") from None
    if _tag(root) != "IMSSubscription":
        raise UserDataError(f"must be an IMSSubscription, not {_tag(root)}")
    identities: list[PublicIdentity] = []
    for number, profile in enumerate(_children(root, "ServiceProfile")):
        service_profile = _service_profile(profile, f"{number}")
        identities += [_identity(one, service_profile) for one in _children(profile, "PublicIdentity")]
    if not identities:
        raise UserDataError("has no PublicIdentity")
    return UserData(_text(root, "PrivateID") or "", tuple(identities))


def is_server_name(text: str) -> bool:
    """Tell whether a text can be the ServerName of an application server, a SIP URI (TS 29.228 §B.2.2)."""
    try:
        return len(text) <= _LONGEST_SERVER_NAME and parse_uri(text).is_sip
    except SipError:
        return False


def _identity(element: etree._Element, service_profile: ServiceProfile | None) -> PublicIdentity:
    text = _text(element, "Identity") or ""
    extension = tuple(_extensions(element))
    wildcard = _first(extension, "WildcardedIMPU") or _first(extension, "WildcardedPSI")
    kind = _first(extension, "IdentityType")
    name = _first(extension, "DisplayName")
    barred = _is_true(_text(element, "BarringIndication"))
    if wildcard is not None or (kind in _WILDCARDED and "!" in text):
        uri = wildcard or text
        try:
            pattern_of(uri)
        except PatternError as error:
            raise UserDataError(f"{uri}: {error}") from None
        return PublicIdentity(uri, barred, name, True, service_profile)
    try:
        uri = aor_of(parse_uri(text))
    except SipError:
        raise UserDataError(f"{text[:100]}: Identity must be a SIP or tel URI") from None
    return PublicIdentity(uri, barred, name, False, service_profile)


def _service_profile(element: etree._Element, name: str) -> ServiceProfile | None:
    criteria = []
    for one in _children(element, "InitialFilterCriteria"):
        try:
            criteria.append(_criterion(one))
        except (UserDataError, PatternError) as error:
            log.warning("an InitialFilterCriteria is left out: %s", error)
    if next(iter(element.iter("{*}SharedIFCSetID")), None) is not None:
        log.warning("SharedIFCSetID is left out: what it stands for is not known here")
    criteria.sort(key=lambda criterion: criterion.priority)
    return ServiceProfile(name, tuple(criteria)) if criteria else None


def _criterion(element: etree._Element) -> FilterCriterion:
    server = next(_children(element, "ApplicationServer"), None)
    uri = _text(server, "ServerName") if server is not None else None
    if server is None or not uri:
        raise UserDataError("no ServerName")
    if not is_server_name(uri):
        raise UserDataError(f"ServerName must be a SIP URI, not {uri[:100]!r}")
    point = next(_children(element, "TriggerPoint"), None)
    part = _text(element, "ProfilePartIndicator")
    return FilterCriterion(
        _number(_text(element, "Priority"), "Priority"),
        ApplicationServer(
            uri,
            DefaultHandling.TERMINATE if _text(server, "DefaultHandling") == "1" else DefaultHandling.CONTINUE,
            _text(server, "ServiceInfo"),
            any(next(_children(each, "IncludeRegisterRequest"), None) is not None for each in _extensions(server)),
            any(next(_children(each, "IncludeRegisterResponse"), None) is not None for each in _extensions(server)),
        ),
        _trigger(point) if point is not None else None,
        None if part is None else part.strip() == "0",
    )


def _trigger(point: etree._Element) -> Trigger:
    conditions = []
    for spt in _children(point, "SPT"):
        groups = frozenset(_number(each.text, "Group") for each in _children(spt, "Group")) or frozenset({0})
        condition = _condition(spt)
        conditions.append((groups, Not(condition) if _is_true(_text(spt, "ConditionNegated")) else condition))
    if not conditions:
        raise UserDataError("a TriggerPoint without SPT")
    return in_groups(tuple(conditions), conjunctive=_is_true(_text(point, "ConditionTypeCNF")))


def _condition(spt: etree._Element) -> Trigger:
    kinds = frozenset(
        _registration_type(each.text)
        for extension in _extensions(spt)
        for each in _children(extension, "RegistrationType")
    )
    method = _text(spt, "Method")
    if method is not None:
        return MethodIs(method.strip(), kinds)
    uri = _text(spt, "RequestURI")
    if uri is not None:
        return RequestUri(compiled(uri))
    case = _text(spt, "SessionCase")
    if case is not None:
        return SessionCaseIs(frozenset({_session_case(case)}))
    for header in _children(spt, "SIPHeader"):
        content = _text(header, "Content")
        name = compiled(_text(header, "Header") or "", ignore_case=True)
        return Header(name, None if content is None else compiled(content))
    for line in _children(spt, "SessionDescription"):
        content = _text(line, "Content")
        return SessionDescription(compiled(_text(line, "Line") or ""), None if content is None else compiled(content))
    if kinds:
        return RegistrationIs(kinds)
    raise UserDataError("an SPT without a condition")


def _registration_type(text: str | None) -> RegistrationType:
    try:
        return RegistrationType(_number(text, "RegistrationType"))
    except ValueError:
        raise UserDataError(f"RegistrationType {text}") from None


def _session_case(text: str) -> SessionCase:
    try:
        return SessionCase(_number(text, "SessionCase"))
    except ValueError:
        raise UserDataError(f"SessionCase {text}") from None


def _number(text: str | None, what: str) -> int:
    value = (text or "").strip()
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        raise UserDataError(f"{what} must be a number, not {value[:20]!r}")
    return int(value)


def _is_true(text: str | None) -> bool:
    return (text or "").strip() in ("1", "true")


def _tag(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return (child for child in element if _tag(child) == name)


def _extensions(element: etree._Element) -> Iterator[etree._Element]:
    """Yield the Extension elements of an element, and those within them: each release has put one into the last."""
    for extension in _children(element, "Extension"):
        yield extension
        yield from _extensions(extension)


def _text(element: etree._Element, name: str) -> str | None:
    child = next(_children(element, name), None)
    return None if child is None else (child.text or "").strip()


def _first(elements: tuple[etree._Element, ...], name: str) -> str | None:
    return next(filter(None, (_text(each, name) for each in elements)), None)
