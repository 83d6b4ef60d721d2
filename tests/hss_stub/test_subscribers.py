import pytest

from hss_stub.subscribers import Removal, demo_subscribers, subscribers_of
from scscf.profile.service_profile import ExpiresLimits, PublicIdentity
from scscf.yaml_file import parse_yaml

TOBIAS = """
subscriptions:
  - name: tobias
    private_identities:
      - id: user1_private@home1.test
        auth: {scheme: digest, password: secret}
      - id: pager_private@home1.test
        auth: {scheme: digest, password: secret}
        identities: ["SIP:tobias@HOME1.test"]
    implicit_sets:
      - - {id: sip:temporary@home1.test, barred: true}
        - sip:tobias@home1.test
        - tel:+44-123-456-789
        - {id: sip:gameMaster@home1.test, display_name: Tobias}
      - - sip:work@home1.test
    expires: {default: 3600, min: 60, max: 7200}
"""

BILOXI = """
subscriptions:
  - private_identities: [{id: bob@biloxi.example.com, auth: {scheme: digest, username: bob, password: zanzibar}}]
    implicit_sets: [[sip:bob@biloxi.example.com]]
  - private_identities: [{id: bob@atlanta.example.com, auth: {scheme: digest, username: bob, password: other}}]
    implicit_sets: [[sip:bob@atlanta.example.com]]
  - private_identities: [{id: al@biloxi.example.com, auth: {scheme: digest, username: alice, password: x}}]
    implicit_sets: [[sip:alice@biloxi.example.com]]
"""

RANGE = """
subscriptions:
  - name: "user {n}"
    range: [1, 100000]
    private_identities:
      - {id: "user{n:06d}@home1.test", auth: {scheme: digest, username: "u{n}", password: "pw{n}"}}
      - {id: "second{n:06d}@home1.test", auth: {scheme: none}, identities: ["tel:+44-{n:06d}"]}
    implicit_sets: [["sip:User{n:06d}@HOME1.test", "tel:+44-{n:06d}"]]
    expires: [120, 1200, 1800]
"""


def subscribers(text):
    return subscribers_of(parse_yaml(text, "s.yaml"))


def test_a_profile_has_the_sets_in_the_file_s_order():
    profile = subscribers(TOBIAS).find("user1_private@home1.test").profile
    assert profile.subscription == "tobias"
    assert profile.expires == ExpiresLimits(3600, 60, 7200)
    assert profile.sets == (
        (
            PublicIdentity("sip:temporary@home1.test", barred=True),
            PublicIdentity("sip:tobias@home1.test"),
            PublicIdentity("tel:+44123456789"),
            PublicIdentity("sip:gameMaster@home1.test", False, "Tobias"),
        ),
        (PublicIdentity("sip:work@home1.test"),),
    )


def test_a_device_s_profile_lists_only_what_it_registers():
    profile = subscribers(TOBIAS).find("pager_private@home1.test").profile
    assert profile.sets == ((PublicIdentity("sip:tobias@home1.test"),),)


def test_an_identity_has_the_private_identities_that_register_it():
    found = subscribers(TOBIAS)
    assert found.by_public("sip:tobias@home1.test") == ("user1_private@home1.test", "pager_private@home1.test")
    assert found.by_public("tel:+44123456789") == ("user1_private@home1.test",)
    assert found.by_public("sip:nobody@home1.test") == ()


def test_a_range_is_as_many_subscribers_as_it_says():
    found = subscribers(RANGE)
    assert len(found) == 200000
    subscriber = found.find("user000042@home1.test")
    assert (subscriber.username, subscriber.n) == ("u42", 42)
    assert subscriber.profile.subscription == "user 42"
    assert subscriber.profile.expires == ExpiresLimits(granted=(120, 1200, 1800))
    assert subscriber.profile.sets == ((PublicIdentity("sip:User000042@home1.test"), PublicIdentity("tel:+44000042")),)
    assert found.by_public("tel:+44000042") == ("user000042@home1.test", "second000042@home1.test")
    assert found.by_public("sip:User000042@home1.test") == ("user000042@home1.test",)


@pytest.mark.parametrize(
    "private_identity",
    ["user000000@home1.test", "user100001@home1.test", "user42@home1.test", "user000042@home1.tes", "", "u" * 100000],
)
def test_outside_of_a_range_there_is_nobody(private_identity):
    assert subscribers(RANGE).find(private_identity) is None


def test_a_username_that_is_a_private_identity_is_itself():
    found = subscribers(TOBIAS)
    assert found.identify("pager_private@home1.test", "sip:work@home1.test", "home1.test") == "pager_private@home1.test"


def test_a_username_is_looked_for_among_the_users_of_the_address_of_record():
    found = subscribers(BILOXI)
    realm = "atlanta.example.com"
    assert found.identify("bob", "sip:bob@biloxi.example.com", realm) == "bob@biloxi.example.com"
    assert found.identify("bob", "sip:bob@atlanta.example.com", realm) == "bob@atlanta.example.com"
    assert subscribers(RANGE).identify("u7", "tel:+44000007", "home1.test") == "user000007@home1.test"


def test_a_username_with_a_foreign_address_of_record_is_still_somebody():
    found = subscribers(BILOXI)
    assert found.identify("alice", "sip:bob@biloxi.example.com", "atlanta.example.com") == "al@biloxi.example.com"
    assert found.identify("bob", "sip:x@y", "biloxi.example.com") == "bob@biloxi.example.com"
    assert found.identify("bob", "sip:x@y", "elsewhere.example.com") is None
    assert found.identify("mallory", "sip:bob@biloxi.example.com", "atlanta.example.com") is None
    assert subscribers(RANGE).identify("u7", "sip:x@y", "home1.test") == "user000007@home1.test"


def test_without_credentials_the_first_device_is_meant_or_the_one_that_is_named_so():
    assert subscribers(TOBIAS).default_private_identity("sip:tobias@home1.test") == "user1_private@home1.test"
    assert subscribers(TOBIAS).default_private_identity("sip:nobody@home1.test") is None
    named = subscribers("""
subscriptions:
  - private_identities: [{id: first@b, auth: {scheme: none}}, {id: a@b, auth: {scheme: none}}]
    implicit_sets: [[sip:a@b]]
""")
    assert named.default_private_identity("sip:a@b") == "a@b"


def test_braces_outside_of_a_range_are_text():
    text = BILOXI.replace("zanzibar", "'x{n}'")
    auth = subscribers(text).find("bob@biloxi.example.com").auth
    assert auth.password.text(5) == "x{n}"


def test_what_was_removed_is_told_of_those_who_are_asked_for():
    old = subscribers(TOBIAS)
    less = subscribers(TOBIAS.replace("        - tel:+44-123-456-789\n", ""))
    assert old.removed_in(less, ["user1_private@home1.test", "pager_private@home1.test", "stranger"]) == []
    assert old.removed_in(subscribers("subscriptions: []"), ["pager_private@home1.test"]) == [
        Removal("pager_private@home1.test", ())
    ]


def test_the_demo_subscribers_follow_the_domain():
    found = demo_subscribers("example.org")
    assert found.find("alice@example.org") is not None
    assert found.find("user0500@example.org").profile.sets[0][0].uri == "sip:user0500@example.org"
    assert found.by_public("tel:+44123456789") == ("user1_private@example.org",)


def test_a_set_of_which_nothing_is_left_is_removed_and_one_identity_of_a_set_is_not():
    text = """
subscriptions:
  - private_identities: [{{id: a@b, auth: {{scheme: none}}}}]
    implicit_sets: {}
"""
    old = subscribers(text.format("[[sip:a@b, sip:c@b], [sip:work@b, tel:+1]]"))

    assert old.removed_in(subscribers(text.format("[[sip:a@b], [sip:work@b, tel:+1]]")), ["a@b"]) == []
    assert old.removed_in(subscribers(text.format("[[sip:a@b]]")), ["a@b"]) == [
        Removal("a@b", ("sip:work@b", "tel:+1"))
    ]
