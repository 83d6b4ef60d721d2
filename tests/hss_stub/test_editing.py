import pytest

from hss_stub.editing import InRangeError, with_subscription, without
from hss_stub.subscribers import subscribers_of
from scscf.errors import InputError
from scscf.yaml_file import parse_yaml

SUBSCRIBERS = """
subscriptions:
  - name: ann
    private_identities:
      - {id: ann@home1.test, auth: {scheme: digest, password: secret}}
      - {id: pad@home1.test, auth: {scheme: none}}
    implicit_sets: [[sip:ann@home1.test, tel:+441]]
  - range: [1, 3]
    private_identities: [{id: "u{n}@home1.test", auth: {scheme: none}}]
    implicit_sets: [["sip:u{n}@home1.test"]]
  - range: [7, 7]
    private_identities: [{id: "one{n}@home1.test", auth: {scheme: none}}]
    implicit_sets: [["sip:one{n}@home1.test"]]
"""
RANGE = ["u1@home1.test", "u2@home1.test", "u3@home1.test"]


@pytest.fixture
def subscribers():
    return subscribers_of(parse_yaml(SUBSCRIBERS, "s.yaml"))


def keys(name, *more, **others):
    return {
        "private_identities": [{"id": f"{name}@home1.test", "auth": {"scheme": "none"}}],
        "implicit_sets": [[f"sip:{name}@home1.test", *more]],
        **others,
    }


def names(subscribers):
    return list(subscribers.private_identities())


def refused(*arguments):
    with pytest.raises(InputError) as caught:
        with_subscription(*arguments)
    return " ".join(problem.message for problem in caught.value.problems)


def test_a_subscription_is_added_and_the_ones_before_stay_as_they_were(subscribers):
    changed, entry = with_subscription(subscribers, keys("bob", "tel:+442"))

    assert names(changed) == [*names(subscribers), "bob@home1.test"]
    assert changed.find("ann@home1.test") == subscribers.find("ann@home1.test")
    assert [identity.uri for identity in changed.find("bob@home1.test").profile.sets[0]] == [
        "sip:bob@home1.test",
        "tel:+442",
    ]
    assert changed.entry_of("bob@home1.test") is entry
    assert subscribers.find("bob@home1.test") is None


def test_one_takes_the_place_of_the_whole_subscription_of_a_private_identity(subscribers):
    changed, _ = with_subscription(subscribers, keys("ann"), "pad@home1.test")

    assert names(changed) == [*RANGE, "one7@home1.test", "ann@home1.test"]
    assert list(changed.by_public("tel:+441")) == []


def test_one_is_taken_out_with_all_its_private_identities(subscribers):
    changed = without(subscribers, "pad@home1.test")

    assert names(changed) == [*RANGE, "one7@home1.test"]
    assert list(changed.by_public("sip:ann@home1.test")) == []
    assert names(without(subscribers, "who@home1.test")) == names(subscribers)
    assert names(without(subscribers, "one7@home1.test")) == ["ann@home1.test", "pad@home1.test", *RANGE]


def test_one_of_a_range_is_not_changed_alone(subscribers):
    with pytest.raises(InRangeError, match=r"u2@home1\.test is one of a range"):
        without(subscribers, "u2@home1.test")
    with pytest.raises(InRangeError):
        with_subscription(subscribers, keys("u2"), "u2@home1.test")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "private_identities"),
        ([], "must be"),
        ({**keys("bob"), "colour": "red"}, "colour"),
        ({**keys("bob"), "range": [1, 2]}, "one subscription at a time"),
        (keys("bob", name="ann"), "ann"),
        ({"private_identities": keys("bob")["private_identities"], "user_data": "/etc/passwd"}, "no name of a file"),
        (keys("bob", "not an identity"), "not an identity"),
        (keys("ann"), "ann@home1.test"),
        (keys("bob", "tel:+441"), r"tel:\+441"),
        (keys("u2"), "u2@home1.test"),
        (
            {**keys("bob"), "private_identities": [{"id": "bob@home1.test", "auth": {"scheme": "magic"}}]},
            "scheme|magic",
        ),
    ],
)
def test_what_is_wrong_or_taken_is_told_and_changes_nothing(subscribers, given, said):
    before = names(subscribers)

    with pytest.raises(InputError, match=said):
        with_subscription(subscribers, given)
    assert names(subscribers) == before


def test_no_secret_is_in_what_is_told(subscribers):
    given = keys("bob")
    given["private_identities"][0]["auth"] = {"scheme": "digest", "password": ["hush-hush"]}

    assert "hush-hush" not in refused(subscribers, given)
