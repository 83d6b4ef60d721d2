"""What a Cx command comes to, and what its enumerations say (TS 29.229 §6.2, §6.3)."""

from scscf.enums import Named


class Result(Named):
    """Outcomes of a Cx command: (where the number is defined, the number) of RFC 6733 §7.1 and TS 29.229 §6.2.

    `cx` results come in Experimental-Result, `base` results in Result-Code; `none` is no answer that can be used.
    """

    SUCCESS = ("base", 2001)
    FIRST_REGISTRATION = ("cx", 2001)
    SUBSEQUENT_REGISTRATION = ("cx", 2002)
    UNREGISTERED_SERVICE = ("cx", 2003)
    SUCCESS_SERVER_NAME_NOT_STORED = ("cx", 2004)
    SERVER_SELECTION = ("cx", 2005)

    COMMAND_UNSUPPORTED = ("base", 3001)
    UNABLE_TO_DELIVER = ("base", 3002)
    REALM_NOT_SERVED = ("base", 3003)
    TOO_BUSY = ("base", 3004)
    LOOP_DETECTED = ("base", 3005)
    REDIRECT_INDICATION = ("base", 3006)
    APPLICATION_UNSUPPORTED = ("base", 3007)
    OUT_OF_SPACE = ("base", 4002)
    AVP_UNSUPPORTED = ("base", 5001)
    AUTHORIZATION_REJECTED = ("base", 5003)
    """Nothing that could be registered is not barred."""
    INVALID_AVP_VALUE = ("base", 5004)
    MISSING_AVP = ("base", 5005)
    UNABLE_TO_COMPLY = ("base", 5012)

    USER_UNKNOWN = ("cx", 5001)
    IDENTITIES_DONT_MATCH = ("cx", 5002)
    IDENTITY_NOT_REGISTERED = ("cx", 5003)
    ROAMING_NOT_ALLOWED = ("cx", 5004)
    IDENTITY_ALREADY_REGISTERED = ("cx", 5005)
    AUTH_SCHEME_NOT_SUPPORTED = ("cx", 5006)
    IN_ASSIGNMENT_TYPE = ("cx", 5007)
    TOO_MUCH_DATA = ("cx", 5008)
    NOT_SUPPORTED_USER_DATA = ("cx", 5009)
    FEATURE_UNSUPPORTED = ("cx", 5011)
    SERVING_NODE_FEATURE_UNSUPPORTED = ("cx", 5012)

    TIMEOUT = ("none", 1)
    """The question was sent and no answer came in time: what the HSS did is not known."""
    DISCONNECTED = ("none", 2)
    """There was no HSS to ask, or none that it could be sent to: nothing was done."""
    GARBAGE = ("none", 3)
    """What came is no answer that can be read: what the HSS did is not known."""

    @property
    def kind(self) -> str:
        """Where the number is defined: `base`, `cx`, or `none`."""
        return str(self.value[0])

    @property
    def is_success(self) -> bool:
        """Whether the HSS did as it was asked."""
        return self.kind != "none" and 2000 <= self.value[1] < 3000

    @property
    def is_unknown(self) -> bool:
        """Whether it is not known what the HSS did."""
        return self in (Result.TIMEOUT, Result.GARBAGE)


class UserAuthorizationType(Named):
    """User-Authorization-Type (TS 29.229 §6.3.24)."""

    REGISTRATION = 0
    DE_REGISTRATION = 1
    REGISTRATION_AND_CAPABILITIES = 2


class ServerAssignment(Named):
    """Server-Assignment-Type (TS 29.229 §6.3.15)."""

    NO_ASSIGNMENT = 0
    REGISTRATION = 1
    RE_REGISTRATION = 2
    UNREGISTERED_USER = 3
    TIMEOUT_DEREGISTRATION = 4
    USER_DEREGISTRATION = 5
    TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME = 6
    USER_DEREGISTRATION_STORE_SERVER_NAME = 7
    ADMINISTRATIVE_DEREGISTRATION = 8
    AUTHENTICATION_FAILURE = 9
    AUTHENTICATION_TIMEOUT = 10
    DEREGISTRATION_TOO_MUCH_DATA = 11
    AAA_USER_DATA_REQUEST = 12
    PGW_UPDATE = 13
    RESTORATION = 14


class DeregistrationReason(Named):
    """Reason-Code of Deregistration-Reason (TS 29.229 §6.3.17)."""

    PERMANENT_TERMINATION = 0
    NEW_SERVER_ASSIGNED = 1
    SERVER_CHANGE = 2
    REMOVE_SCSCF = 3
