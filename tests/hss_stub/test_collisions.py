import pytest

from hss_stub.subscribers import subscribers_of
from scscf.errors import InputError
from scscf.yaml_file import parse_yaml


def problems(text):
    with pytest.raises(InputError) as caught:
        subscribers_of(parse_yaml(text, "s.yaml"))
    return [str(problem).partition(": ")[2] for problem in caught.value.problems]


def user(identity, numbers="null", uri=None):
    uri = uri or f"sip:{identity}"
    return (
        f'- {{range: {numbers}, private_identities: [{{id: "{identity}", auth: {{scheme: none}}}}], '
        f'implicit_sets: [["{uri}"]]}}\n'
    )


def test_a_private_identity_is_there_once():
    assert problems("subscriptions:\n" + user("a@b") + user("a@b", uri="sip:c@b")) == [
        "subscriptions[1].private_identities[0].id: a@b: this private identity is there already, in line 2"
    ]


def test_an_identity_is_in_one_set_however_it_is_written():
    assert problems("subscriptions:\n" + user("a@b") + user("c@b", uri="SIPS:%61@B;user=phone")) == [
        "subscriptions[1].implicit_sets[0][0]: sip:a@b: this identity is there already, in line 2"
    ]


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        (("u{n}@b", "[1, 10]"), ("u{n}@b", "[10, 20]"), "u10@b"),
        (("u{n}@b", "[1, 10]"), ("u7@b", "null"), "u7@b"),
        (("u7@b", "null"), ("u{n}@b", "[1, 10]"), "u7@b"),
        (("u{n}@b", "[1, 2000]"), ("u{n:04d}@b", "[1, 2000]"), "u1000@b"),
        (("u{n}@b", "[1, 200]"), ("u1{n}@b", "[1, 2]"), "u11@b"),
        (("u{n}@b", "[1, 3000000]"), ("u{n:06d}@b", "[1, 2000000]"), "u2000000@b"),
    ],
)
def test_ranges_that_make_the_same_text_are_refused(first, second, text):
    told = problems("subscriptions:\n" + user(*first) + user(*second))
    assert told == [
        f"subscriptions[1].private_identities[0].id: {text}: this private identity is there already, in line 2",
        f"subscriptions[1].implicit_sets[0][0]: sip:{text}: this identity is there already, in line 2",
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("u{n}@b", "[1, 10]"), ("u{n}@b", "[11, 20]")),
        (("u{n}@b", "[1, 10]"), ("u{n}@c", "[1, 10]")),
        (("u{n}@b", "[1, 10]"), ("v{n}@b", "[1, 10]")),
        (("u{n}@b", "[1, 10]"), ("u{n:02d}@b", "[1, 9]")),
        (("u{n}@b", "[1, 10]"), ("u11@b", "null")),
    ],
)
def test_ranges_that_do_not_meet_are_taken(first, second):
    subscribers_of(parse_yaml("subscriptions:\n" + user(*first) + user(*second), "s"))


def test_subscription_names_are_there_once():
    text = """
subscriptions:
- {name: x, private_identities: [{id: a, auth: {scheme: none}}], implicit_sets: [[sip:a@b]]}
- {name: x, private_identities: [{id: b, auth: {scheme: none}}], implicit_sets: [[sip:b@b]]}
"""
    assert problems(text) == ["subscriptions[1].name: x: this subscription name is there already, in line 3"]


def test_two_devices_of_an_identity_need_two_usernames():
    text = """
subscriptions:
- private_identities:
  - {id: a1, auth: {scheme: digest, username: a, password: x}}
  - {id: a2, auth: {scheme: digest, username: a, password: y}}
  implicit_sets: [[sip:a@b]]
"""
    assert problems(text) == [
        "subscriptions[0].private_identities[1].auth: logs in with the same username as the device in line 4, "
        "for the same identity"
    ]


def test_a_username_is_nobody_else_s_private_identity():
    text = """
subscriptions:
- {private_identities: [{id: a, auth: {scheme: digest, username: b, password: x}}], implicit_sets: [[sip:a@b]]}
- {private_identities: [{id: b, auth: {scheme: none}}], implicit_sets: [[sip:b@b]]}
"""
    assert problems(text) == [
        "subscriptions[0].private_identities[0].auth.username: b: this private identity is there already, in line 4"
    ]
