import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hss_stub.editing import InRangeError, with_subscription, without
from hss_stub.subscribers import Subscribers, subscribers_of
from scscf.errors import InputError
from scscf.yaml_file import parse_yaml

FILE = """
subscriptions:
  - range: [1, 9]
    name: "range {n}"
    private_identities: [{id: "r{n}@home1.test", auth: {scheme: digest, username: "log{n}", password: x}}]
    implicit_sets: [["sip:r{n}@home1.test"]]
  - name: ann
    private_identities: [{id: ann@home1.test, auth: {scheme: digest, username: annie, password: x}}]
    implicit_sets: [["sip:ann@home1.test", {id: "sip:desk!.*!@home1.test", wildcarded: true}]]
  - range: [1, 1]
    private_identities: [{id: "only{n}@home1.test", auth: {scheme: none}}]
    implicit_sets: [["sip:only{n}@home1.test"]]
"""
USERS = ("ann", "bea", "cid")
TEXTS = [f"{user}@home1.test" for user in (*USERS, "r3", "only1")]
AORS = [f"sip:{text}" for text in TEXTS] + ["sip:desk!.*!@home1.test", "sip:desk7@home1.test", "tel:+49123"]


def known() -> Subscribers:
    return subscribers_of(parse_yaml(FILE, "s.yaml"))


def keys(user: str, wildcarded: bool = False, username: str | None = None, **more: object) -> dict:
    auth = {"scheme": "digest", "password": "x"} | ({"username": username} if username else {})
    identities = [f"sip:{user}@home1.test"]
    if wildcarded:
        identities.append({"id": f"sip:{user}!.*!@home1.test", "wildcarded": True})
    return {"private_identities": [{"id": f"{user}@home1.test", "auth": auth}], "implicit_sets": [identities], **more}


def seen(subscribers: Subscribers) -> list[object]:
    """Return what look-ups answer."""
    return [
        len(subscribers),
        list(subscribers.private_identities()),
        [subscribers.find(text) for text in TEXTS],
        [subscribers.by_public(aor) for aor in (*AORS, *(f"sip:{user}7@home1.test" for user in USERS))],
        [subscribers.identify(name, aor, "home1.test") for name in ("annie", "log3", "x", "ann") for aor in AORS],
    ]


changes = st.tuples(
    st.sampled_from(["put", "remove"]), st.sampled_from(USERS), st.booleans(), st.sampled_from([None, "annie", "x"])
)


@settings(max_examples=40)
@given(st.lists(changes, max_size=8))
def test_what_is_changed_piece_by_piece_is_as_if_it_had_been_read_at_once(steps):
    subscribers = known()
    for what, user, wildcarded, username in steps:
        impi = f"{user}@home1.test"
        if what == "remove":
            subscribers = without(subscribers, impi)
        else:
            there = impi if subscribers.entry_of(impi) is not None else None
            subscribers, _ = with_subscription(subscribers, keys(user, wildcarded, username), there)

    assert seen(subscribers) == seen(Subscribers(subscribers.entries))


def test_the_subscribers_before_are_as_they_were():
    before = known()
    as_it_was = seen(before)

    changed, _ = with_subscription(before, keys("bea", wildcarded=True, username="annie"))
    without(changed, "ann@home1.test")

    assert seen(before) == as_it_was


def test_a_range_of_one_can_be_taken_out():
    assert without(known(), "only1@home1.test").find("only1@home1.test") is None


def test_nobody_is_taken_out_where_nobody_was():
    before = known()

    assert seen(without(before, "zoe@home1.test")) == seen(before)


def test_one_of_a_range_cannot_be_taken_out_alone():
    with pytest.raises(InRangeError, match=r"r3@home1\.test is one of a range"):
        without(known(), "r3@home1.test")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (keys("ann"), "ann@home1.test: this private identity is there already"),
        (keys("r3"), "r3@home1.test: this private identity is there already"),
        ({**keys("bea"), "implicit_sets": [["sip:r3@home1.test"]]}, "r3@home1.test has this identity already"),
        ({**keys("bea"), "implicit_sets": [["sip:ann@home1.test"]]}, "ann@home1.test has this identity already"),
        (
            {**keys("bea"), "implicit_sets": [["sip:b@h", {"id": "sip:desk!.*!@home1.test", "wildcarded": True}]]},
            "ann@home1.test has this identity already",
        ),
        (keys("bea", username="ann@home1.test"), "ann@home1.test has this name already"),
        (keys("bea", username="r3@home1.test"), "r3@home1.test has this name already"),
        (keys("bea", name="ann"), "name: ann: this subscription name is there already"),
        (keys("bea", name="range 4"), "name: range 4: this subscription name is there already"),
        ({**keys("bea"), "implicit_sets": [["sip:b@h"], ["sip:b@h"]]}, "this identity is there already$"),
        (keys("bea", user_data="no/such/file.xml"), "user_data: must be the IMSSubscription itself"),
        (keys("bea", user_data="\0"), "user_data: must be the IMSSubscription itself"),
        (keys("bea", range=["1", "2"]), "range: one subscription at a time"),
    ],
)
def test_what_somebody_has_already_is_refused(entry, said):
    with pytest.raises(InputError, match=said):
        with_subscription(known(), entry)


def test_a_name_that_others_log_in_with_is_refused():
    subscribers, _ = with_subscription(known(), keys("bea", username="cid@home1.test"))

    with pytest.raises(InputError, match=r"cid@home1\.test: bea@home1\.test has this username already"):
        with_subscription(subscribers, keys("cid"))


def test_a_subscription_keeps_the_name_of_the_one_that_it_replaces():
    replaced, entry = with_subscription(known(), keys("ann"), "ann@home1.test")
    another, _ = with_subscription(replaced, keys("ann", name="anna"), "ann@home1.test")
    unnamed, _ = with_subscription(another, keys("bea"))
    moved, _ = with_subscription(unnamed, keys("cid"), "bea@home1.test")

    assert entry.name.prefix == "ann"
    assert replaced.profile_of("ann@home1.test").subscription == "ann"
    assert another.profile_of("ann@home1.test").subscription == "anna"
    assert moved.profile_of("cid@home1.test").subscription == "cid@home1.test"
