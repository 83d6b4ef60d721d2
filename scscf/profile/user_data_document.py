"""Writing a user profile as an HSS prints it: IMSSubscription of TS 29.228 annexes B and E."""

import re
from itertools import groupby

from lxml import etree

from scscf.profile.filter_criteria import FilterCriterion, Trigger
from scscf.profile.normal_form import normal_form
from scscf.profile.service_profile import ImplicitSet, PublicIdentity, UserProfile
from scscf.profile.trigger import Header, MethodIs, RegistrationIs, RequestUri, SessionCaseIs, SessionDescription

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WILDCARDED_IMPU = "3"


def user_data(profile: UserProfile, implicit_set: ImplicitSet) -> bytes:
    """Return the IMSSubscription of one implicit registration set (User-Data of TS 29.229 §6.3.7).

    Identities keep their order; those in a row that share a service profile stand in one ServiceProfile. A criterion
    whose trigger has no bearable normal form, or no form at all in this document, is left out.
    """
    root = etree.Element("IMSSubscription")
    _add(root, "PrivateID", profile.private_identity)
    for _, row in groupby(implicit_set, key=lambda identity: id(identity.service_profile)):
        identities = tuple(row)
        element = etree.SubElement(root, "ServiceProfile")
        for identity in identities:
            _identity(element, identity)
        service_profile = identities[0].service_profile
        for criterion in service_profile.criteria if service_profile is not None else ():
            _criterion(element, criterion)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _identity(parent: etree._Element, identity: PublicIdentity) -> None:
    element = etree.SubElement(parent, "PublicIdentity")
    _add(element, "BarringIndication", "1" if identity.barred else "0")
    _add(element, "Identity", identity.uri)
    if not identity.wildcarded and identity.display_name is None:
        return
    extension = etree.SubElement(element, "Extension")
    _add(extension, "IdentityType", _WILDCARDED_IMPU if identity.wildcarded else "0")
    inner = etree.SubElement(extension, "Extension")
    if identity.display_name is not None:
        _add(inner, "DisplayName", identity.display_name)
    if identity.wildcarded:
        _add(etree.SubElement(inner, "Extension"), "WildcardedIMPU", identity.uri)


def _criterion(parent: etree._Element, criterion: FilterCriterion) -> None:
    element = etree.Element("InitialFilterCriteria")
    _add(element, "Priority", str(criterion.priority))
    if criterion.trigger is not None:
        try:
            _trigger(element, criterion.trigger)
        except ValueError:
            return
    server = etree.SubElement(element, "ApplicationServer")
    _add(server, "ServerName", criterion.server.uri)
    _add(server, "DefaultHandling", str(criterion.server.default_handling.value))
    if criterion.server.service_info is not None:
        _add(server, "ServiceInfo", criterion.server.service_info)
    if criterion.server.include_request or criterion.server.include_response:
        extension = etree.SubElement(server, "Extension")
        if criterion.server.include_request:
            etree.SubElement(extension, "IncludeRegisterRequest")
        if criterion.server.include_response:
            etree.SubElement(extension, "IncludeRegisterResponse")
    if criterion.registered_part is not None:
        _add(element, "ProfilePartIndicator", "0" if criterion.registered_part else "1")
    parent.append(element)


def _trigger(parent: etree._Element, trigger: Trigger) -> None:
    form = normal_form(trigger)
    if not form.groups or not all(form.groups):
        raise ValueError("a condition that is always, or never, met")
    point = etree.SubElement(parent, "TriggerPoint")
    _add(point, "ConditionTypeCNF", "1" if form.conjunctive else "0")
    for number, group in enumerate(form.groups):
        for condition, negated in group:
            spt = etree.SubElement(point, "SPT")
            _add(spt, "ConditionNegated", "1" if negated else "0")
            _add(spt, "Group", str(number))
            _condition(spt, condition)


def _condition(spt: etree._Element, condition: Trigger) -> None:
    if isinstance(condition, MethodIs | RegistrationIs):
        _add(spt, "Method", condition.method if isinstance(condition, MethodIs) else "REGISTER")
        if condition.registrations:
            extension = etree.SubElement(spt, "Extension")
            for kind in sorted(condition.registrations, key=lambda each: each.value):
                _add(extension, "RegistrationType", str(kind.value))
    elif isinstance(condition, SessionCaseIs):
        for case in condition.cases:
            _add(spt, "SessionCase", str(case.value))
    elif isinstance(condition, RequestUri):
        _add(spt, "RequestURI", condition.pattern.text)
    elif isinstance(condition, Header):
        header = etree.SubElement(spt, "SIPHeader")
        _add(header, "Header", condition.name.text)
        if condition.content is not None:
            _add(header, "Content", condition.content.text)
    elif isinstance(condition, SessionDescription):
        line = etree.SubElement(spt, "SessionDescription")
        _add(line, "Line", condition.line.text)
        if condition.content is not None:
            _add(line, "Content", condition.content.text)
    else:
        raise ValueError(f"a condition that user data have no word for: {type(condition).__name__}")


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = _NOT_XML.sub("", text)
