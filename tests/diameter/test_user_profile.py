"""User profiles out of Server-Assignment-Answers."""

import pytest

from scscf.cx import AssignmentData, Result
from scscf.diameter.user_profile import TooMuchData, UserProfiles
from scscf.profile.service_profile import ChargingFunctions, UserProfile
from scscf.profile.user_data import LONGEST, UserDataError

pytestmark = pytest.mark.clause("TS 29.228 §6.1.2", "TS 29.228 §6.6")

HOME, WORK = "sip:a@home1.test", "sip:a.work@home1.test"


def document(*identities: str) -> bytes:
    listed = "".join(f"<PublicIdentity><Identity>{each}</Identity></PublicIdentity>" for each in identities)
    profile = f"<ServiceProfile>{listed}</ServiceProfile>"
    return f"<IMSSubscription><PrivateID>a@home1.test</PrivateID>{profile}</IMSSubscription>".encode()


def answer(*identities: str, **more: object) -> AssignmentData:
    data = AssignmentData(Result.SUCCESS, user_data=document(*identities) if identities else None)
    return data._replace(**more)  # type: ignore[arg-type]


def profile(of: UserProfiles, said: AssignmentData, known: UserProfile | None = None) -> UserProfile:
    made = of.profile(said, "a@home1.test", known, None)
    assert made is not None
    return made


def test_the_same_octets_give_the_same_set() -> None:
    profiles = UserProfiles()

    assert profiles.read(document(HOME)).implicit_set is profiles.read(document(HOME)).implicit_set


def test_only_so_many_documents_are_kept_and_the_least_used_goes() -> None:
    profiles = UserProfiles(kept=2)
    first, second = profiles.read(document(HOME)), profiles.read(document(WORK))
    assert profiles.read(document(HOME)) is first
    profiles.read(document("sip:b@home1.test"))

    assert profiles.read(document(HOME)) is first
    assert profiles.read(document(WORK)) is not second


def test_a_profile_in_which_nothing_differs_is_the_known_one() -> None:
    profiles = UserProfiles()
    known = profile(profiles, answer(HOME))

    assert profile(profiles, answer(HOME), known) is known
    assert profile(profiles, answer(), known) is known


def test_another_set_comes_beside_the_known_one_and_a_changed_one_in_its_place() -> None:
    profiles = UserProfiles()
    both = profile(profiles, answer(WORK), profile(profiles, answer(HOME)))
    assert [[identity.uri for identity in each] for each in both.sets] == [[HOME], [WORK]]

    changed = profile(profiles, answer(HOME, "tel:+1"), both)

    assert [[identity.uri for identity in each] for each in changed.sets] == [[HOME, "tel:+1"], [WORK]]


def test_charging_functions_are_replaced_where_the_answer_has_some() -> None:
    profiles, charging = UserProfiles(), ChargingFunctions(("aaa://ccf.home1.test",))
    known = profile(profiles, answer(HOME, charging=charging))

    assert known.charging == charging
    assert profile(profiles, answer(), known).charging == charging
    assert profile(profiles, answer(charging=ChargingFunctions(("aaa://b",))), known).charging == (("aaa://b",), ())


@pytest.mark.parametrize(
    ("associated", "existing", "name"),
    [
        ((), None, HOME),
        (("0@home1.test",), None, "0@home1.test"),
        (("z@home1.test",), None, "a@home1.test"),
        (("z@home1.test",), "there", "there"),
    ],
)
def test_all_devices_of_a_subscription_come_to_one_name(
    associated: tuple[str, ...], existing: str | None, name: str
) -> None:
    made = UserProfiles().profile(answer(HOME, associated=associated), "a@home1.test", None, existing)

    assert made is not None
    assert made.subscription == name


def test_a_user_without_a_private_identity_has_the_document_s() -> None:
    made = UserProfiles().profile(answer(HOME), "", None, None)

    assert made is not None
    assert made.private_identity == "a@home1.test"
    assert UserProfiles().profile(answer(), "", None, None) is None


@pytest.mark.parametrize("text", [b"", b"no XML", b"<other/>", b"\xff\xfe"])
def test_what_is_no_document_is_refused(text: bytes) -> None:
    with pytest.raises(UserDataError):
        UserProfiles().read(text)


def test_what_is_too_long_is_told_apart() -> None:
    with pytest.raises(TooMuchData):
        UserProfiles().read(b" " * (LONGEST + 1))
