"""The golden messages: their octets (tests/data/diameter), and what they say."""

from pathlib import Path

from scscf.cx import (
    AkaVector,
    Assignment,
    AssignmentData,
    AuthItem,
    Capabilities,
    DeregistrationReason,
    DigestVector,
    LocationInfo,
    LocationInfoAnswer,
    MultimediaAuth,
    MultimediaAuthAnswer,
    PushProfile,
    RegistrationTermination,
    RegistrationTerminationAnswer,
    Restoration,
    RestoredContact,
    Result,
    Resynchronisation,
    ServerAssignment,
    UserAuthorization,
    UserAuthorizationAnswer,
    UserAuthorizationType,
)
from scscf.diameter.cx_answers import CxAnswer
from scscf.diameter.cx_requests import CxRequest
from scscf.diameter.identity import Identity
from scscf.profile.service_profile import ChargingFunctions

FOLDER = Path(__file__).parent.parent / "data" / "diameter"
NAMES = sorted(file.stem for file in FOLDER.glob("*.hex"))

SCSCF = Identity("scscf.home1.test", "home1.test", ("192.0.2.1",))
HSS = Identity("hss.home1.test", "home1.test", ("2001:db8::1",), "hss-stub")

USER, AOR, SERVER = "alice@home1.test", "sip:alice@home1.test", "sip:scscf.home1.test:6060"
WILDCARDED = "sip:ali!.*!@home1.test"
USER_DATA = b"<IMSSubscription><PrivateID>alice@home1.test</PrivateID></IMSSubscription>"
HA1 = "910e90616d3ac77f1a2669f889ce165b"
DIGEST = DigestVector("MD5", "home1.test", USER, HA1)
RESTORATION = Restoration(
    USER,
    (
        RestoredContact(
            "<sip:alice@192.0.2.10>;expires=600",
            ("<sip:p1.home1.test;lr>", "<sip:p2.home1.test;lr>"),
            "c1@192.0.2.10",
            "<sip:alice@home1.test>;tag=f",
            "<sip:alice@home1.test>;tag=t",
            ("<sip:p1.home1.test;lr>",),
            "<sip:alice@192.0.2.10>",
            17,
        ),
    ),
    "SIP Digest",
)


def octets(name: str) -> bytes:
    """Return the octets of a golden message: hexadecimal digits, and comments from a semicolon on."""
    lines = (FOLDER / f"{name}.hex").read_text().splitlines()
    return bytes.fromhex("".join(line.partition(";")[0] for line in lines))


def vector(number: int) -> AkaVector:
    """Return the vector with that SIP-Item-Number of `maa-aka`."""
    rand, autn, xres, ck, ik = (bytes([16 * at + number]) for at in range(1, 6))
    return AkaVector(rand * 16, autn * 16, xres * 8, ck * 16, ik * 16)


REQUESTS: dict[str, tuple[CxRequest, str, str | None]] = {
    "uar": (
        UserAuthorization(USER, AOR, "visited1.test", UserAuthorizationType.REGISTRATION, True),
        "scscf.home1.test;1001;1",
        None,
    ),
    "sar": (
        Assignment(ServerAssignment.REGISTRATION, SERVER, USER, (AOR,), False, RESTORATION, True, WILDCARDED),
        "scscf.home1.test;1001;2",
        "hss.home1.test",
    ),
    "sar-unregistered": (
        Assignment(ServerAssignment.UNREGISTERED_USER, SERVER, None, (AOR,), True),
        "scscf.home1.test;1001;3",
        "hss.home1.test",
    ),
    "lir": (
        LocationInfo(AOR, True, UserAuthorizationType.REGISTRATION_AND_CAPABILITIES),
        "scscf.home1.test;1001;4",
        None,
    ),
    "mar": (MultimediaAuth(USER, AOR, SERVER), "scscf.home1.test;1001;5", "hss.home1.test"),
    "mar-resync": (
        MultimediaAuth(
            USER, AOR, SERVER, "Digest-AKAv1-MD5", 1, Resynchronisation(bytes(range(16)), bytes(range(0xA0, 0xAE)))
        ),
        "scscf.home1.test;1001;6",
        "hss.home1.test",
    ),
    "rtr": (
        RegistrationTermination(
            USER, DeregistrationReason.SERVER_CHANGE, (AOR, "tel:+15550001"), ("alice2@home1.test",), "moved"
        ),
        "hss.home1.test;7;1",
        "scscf.home1.test",
    ),
    "ppr": (
        PushProfile(USER, USER_DATA, ChargingFunctions(("aaa://ccf1.home1.test",), ()), DIGEST),
        "hss.home1.test;7;2",
        "scscf.home1.test",
    ),
}
"""Name → what it says, its Session-Id, its Destination-Host."""

ANSWERS: dict[str, tuple[CxAnswer, str]] = {
    "uaa": (
        UserAuthorizationAnswer(Result.FIRST_REGISTRATION, None, Capabilities((1, 2), (7,), (SERVER,))),
        "uar",
    ),
    "saa": (
        AssignmentData(
            Result.SUCCESS,
            USER,
            USER_DATA,
            ChargingFunctions(("aaa://ccf1.home1.test", "aaa://ccf2.home1.test"), ("aaa://ecf1.home1.test",)),
            (USER, "alice2@home1.test"),
            ("alice2@home1.test",),
            (RESTORATION,),
            SERVER,
            WILDCARDED,
        ),
        "sar",
    ),
    "lia": (LocationInfoAnswer(Result.SUCCESS, SERVER, None, WILDCARDED), "lir"),
    "maa-aka": (
        MultimediaAuthAnswer(
            Result.SUCCESS,
            USER,
            AOR,
            (AuthItem("Digest-AKAv1-MD5", vector(1)), AuthItem("Digest-AKAv1-MD5", vector(2))),
        ),
        "mar-resync",
    ),
    "maa-digest": (
        MultimediaAuthAnswer(Result.SUCCESS, USER, AOR, (AuthItem("SIP Digest", digest=DIGEST),)),
        "mar",
    ),
    "maa-unknown-user": (MultimediaAuthAnswer(Result.USER_UNKNOWN), "mar"),
    "rta": (
        RegistrationTerminationAnswer(Result.SUCCESS, ("alice2@home1.test",), ((USER, AOR),)),
        "rtr",
    ),
    "ppa": (Result.SUCCESS, "ppr"),
}
"""Name → what it says, and the request that it answers."""
