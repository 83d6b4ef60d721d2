import pytest

from hss_stub.cx_documents import from_xml
from hss_stub.subscribers import subscribers_of
from scscf.errors import InputError
from scscf.yaml_file import parse_yaml


def document(user, identities=None, declaration="", more=""):
    listed = "".join(
        f"<PublicIdentity><Identity>{each}</Identity></PublicIdentity>" for each in identities or [f"sip:{user}@h.test"]
    )
    return (
        f"{declaration}<IMSSubscription><PrivateID>{user}@h.test</PrivateID>\n"
        f"<ServiceProfile>{listed}{more}</ServiceProfile></IMSSubscription>"
    )


CRITERION = """<InitialFilterCriteria><Priority>0</Priority><ApplicationServer>
<ServerName>sip:as.h.test</ServerName><DefaultHandling>0</DefaultHandling>
<ServiceInfo>grüße \t&amp;  </ServiceInfo></ApplicationServer></InitialFilterCriteria>"""


def imported(*paths):
    return subscribers_of(parse_yaml(from_xml(list(paths)), "s.yaml"))


def test_a_folder_is_one_subscription_for_each_document(tmp_path):
    for user in ("dora", "erin"):
        (tmp_path / f"{user}.xml").write_text(document(user))

    users = imported(tmp_path)

    assert list(users.private_identities()) == ["dora@h.test", "erin@h.test"]
    assert users.find("erin@h.test").auth is None


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_service_profiles_come_through_whole_in_any_encoding(tmp_path, encoding):
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>\n'
    (tmp_path / "dora.xml").write_bytes(document("dora", declaration=declaration, more=CRITERION).encode(encoding))

    users = imported(tmp_path / "dora.xml")

    (identity,) = users.find("dora@h.test").profile.sets[0]
    (criterion,) = identity.service_profile.criteria
    assert criterion.server.service_info == "grüße \t&"


def test_documents_of_the_same_identities_are_the_devices_of_one_subscription(tmp_path):
    shared = ["sip:home@h.test", "tel:+49123"]
    for user in ("phone", "pager"):
        (tmp_path / f"{user}.xml").write_text(document(user, shared))

    users = imported(tmp_path / "phone.xml", tmp_path / "pager.xml")

    assert users.by_public("tel:+49123") == ("phone@h.test", "pager@h.test")
    assert len(users.entries) == 1


def test_every_mistake_is_told_with_its_file(tmp_path):
    (tmp_path / "a.xml").write_text("<nothing/>")
    (tmp_path / "b.xml").write_text(document("b").replace("<PrivateID>b@h.test</PrivateID>", ""))
    (tmp_path / "c.xml").write_text("<IMSSubscription>")
    (tmp_path / "empty").mkdir()

    with pytest.raises(InputError) as caught:
        from_xml([tmp_path, tmp_path / "empty"])

    said = str(caught.value).splitlines()
    assert [line.partition(": ")[0].rpartition("/")[2] for line in said] == ["empty", "a.xml", "b.xml", "c.xml"]
    assert "has no PrivateID" in said[2]


def test_documents_that_share_only_some_identities_are_told_apart_by_hand(tmp_path):
    (tmp_path / "a.xml").write_text(document("a", ["sip:a@h.test", "sip:both@h.test"]))
    (tmp_path / "b.xml").write_text(document("b", ["sip:b@h.test", "sip:both@h.test"]))

    with pytest.raises(InputError, match=r"b.xml: .*sip:both@h.test: this identity is there already"):
        from_xml([tmp_path])


def test_an_entity_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text("secret")
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'
    (tmp_path / "a.xml").write_text(document("a", ["sip:&e;@h.test"], entity))

    with pytest.raises(InputError):
        from_xml([tmp_path / "a.xml"])
