"""Cx user data as HSSs print it."""

import pytest

from scscf.profile.filter_criteria import DefaultHandling, RegistrationType, SessionCase, Trial
from scscf.profile.service_profile import PublicIdentity
from scscf.profile.user_data import LONGEST, UserDataError, parse_user_data
from scscf.sip.message import make_request

pytestmark = pytest.mark.clause("TS 29.228 annex E")

DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<IMSSubscription>
  <PrivateID>alice@home1.test</PrivateID>
  <ServiceProfile>
    <PublicIdentity>
      <BarringIndication>1</BarringIndication>
      <Identity>sip:001010000000001@home1.test</Identity>
    </PublicIdentity>
    <PublicIdentity>
      <Identity>sip:alice@Home1.test</Identity>
      <Extension><IdentityType>0</IdentityType><Extension><DisplayName>Alice</DisplayName></Extension></Extension>
    </PublicIdentity>
    <InitialFilterCriteria>
      <Priority>1</Priority>
      <TriggerPoint>
        <ConditionTypeCNF>1</ConditionTypeCNF>
        <SPT><ConditionNegated>0</ConditionNegated><Group>0</Group><Method>REGISTER</Method>
          <Extension><RegistrationType>0</RegistrationType><RegistrationType>2</RegistrationType></Extension></SPT>
        <SPT><ConditionNegated>1</ConditionNegated><Group>1</Group><SIPHeader><Header>Via</Header></SIPHeader></SPT>
      </TriggerPoint>
      <ApplicationServer>
        <ServerName>sip:as.home1.test</ServerName><DefaultHandling>1</DefaultHandling><ServiceInfo>hello</ServiceInfo>
        <Extension><IncludeRegisterRequest/><IncludeRegisterResponse/></Extension>
      </ApplicationServer>
      <ProfilePartIndicator>0</ProfilePartIndicator>
    </InitialFilterCriteria>
    <InitialFilterCriteria><Priority>0</Priority><ApplicationServer><ServerName>sip:first.home1.test</ServerName>
      </ApplicationServer></InitialFilterCriteria>
    <InitialFilterCriteria><Priority>2</Priority></InitialFilterCriteria>
    <Extension><SharedIFCSetID>7</SharedIFCSetID></Extension>
  </ServiceProfile>
  <ServiceProfile>
    <PublicIdentity><Identity>tel:+1-555-0001</Identity></PublicIdentity>
    <PublicIdentity><Identity>sip:desk1@home1.test</Identity>
      <Extension><IdentityType>3</IdentityType><Extension><Extension>
        <WildcardedIMPU>sip:desk!.*!@home1.test</WildcardedIMPU></Extension></Extension></Extension>
    </PublicIdentity>
  </ServiceProfile>
</IMSSubscription>
"""


def test_a_document_is_one_implicit_set_in_its_order(caplog: pytest.LogCaptureFixture) -> None:
    found = parse_user_data(DOCUMENT.encode())

    assert found.private_identity == "alice@home1.test"
    profile = found.implicit_set[0].service_profile
    assert profile is not None
    assert found.implicit_set == (
        PublicIdentity("sip:001010000000001@home1.test", True, None, False, profile),
        PublicIdentity("sip:alice@home1.test", False, "Alice", False, profile),
        PublicIdentity("tel:+15550001"),
        PublicIdentity("sip:desk!.*!@home1.test", wildcarded=True),
    )
    assert "InitialFilterCriteria is left out" in caplog.text
    assert "SharedIFCSetID" in caplog.text


def test_criteria_are_read_whole() -> None:
    profile = parse_user_data(DOCUMENT.encode()).implicit_set[0].service_profile
    assert profile is not None
    first, second = profile.criteria
    assert (first.server.uri, first.trigger, first.registered_part) == ("sip:first.home1.test", None, None)
    assert (second.priority, second.registered_part) == (1, True)
    assert second.server.default_handling is DefaultHandling.TERMINATE
    assert (second.server.service_info, second.server.include_request, second.server.include_response) == (
        "hello",
        True,
        True,
    )
    assert second.trigger is not None
    plain, via = make_request("REGISTER", "sip:h", []), make_request("REGISTER", "sip:h", [("Via", "x")])
    case = SessionCase.ORIGINATING_REGISTERED
    assert second.trigger.holds(Trial(plain, case, RegistrationType.INITIAL))
    assert not second.trigger.holds(Trial(plain, case, RegistrationType.REFRESH))
    assert not second.trigger.holds(Trial(via, case, RegistrationType.INITIAL))


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"", "is no XML"),
        (b"<a/>", "must be an IMSSubscription, not a"),
        (b"<IMSSubscription/>", "has no PublicIdentity"),
        (DOCUMENT.replace("sip:alice@Home1.test", "alice").encode(), "Identity must be a SIP or tel URI"),
        (DOCUMENT.replace("desk!.*!", "desk!(!").encode(), r"has a \( without its \)"),
        (b" " * (LONGEST + 1), "has more than"),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "IMSSubscription"),
    ],
)
def test_what_is_no_user_data_is_refused(document: bytes, message: str) -> None:
    with pytest.raises(UserDataError, match=message):
        parse_user_data(document)


def test_comments_do_not_cut_a_text_short() -> None:
    document = DOCUMENT.replace("sip:alice@", "sip:al<!-- a comment -->ice@").encode()
    assert parse_user_data(document).implicit_set[1].uri == "sip:alice@home1.test"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<Priority>1<", "<Priority>one<"),
        ("<Method>REGISTER</Method>", ""),
        ("<Group>0<", "<Group>x<"),
        ("<RegistrationType>2<", "<RegistrationType>9<"),
        ("<Header>Via</Header>", "<Header>(a</Header>"),
        ("<ServerName>sip:as.home1.test<", "<ServerName>sip:as&#10;X: y<"),
        ("<ServerName>sip:as.home1.test<", "<ServerName>http://as.home1.test<"),
        ("<Method>REGISTER</Method>", "<SessionCase>7</SessionCase>"),
    ],
)
def test_a_criterion_that_is_none_is_left_out(old: str, new: str) -> None:
    document = DOCUMENT.replace(old, new)
    if old == "<Method>REGISTER</Method>" and not new:
        document = document.replace("<RegistrationType>0</RegistrationType><RegistrationType>2</RegistrationType>", "")
    profile = parse_user_data(document.encode()).implicit_set[1].service_profile
    assert profile is not None
    assert [criterion.priority for criterion in profile.criteria] == [0]
