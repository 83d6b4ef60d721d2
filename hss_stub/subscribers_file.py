"""The keys of the subscribers file, their kinds and bounds."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from hss_stub.service_profiles import ServiceProfileKeys
from scscf.yaml_model import Section


def _or(short: dict[str, object]) -> ConfigDict:
    """Have the JSON schema of a section allow its short form too."""

    def extend(schema: dict[str, Any]) -> None:
        whole = dict(schema)
        schema.clear()
        schema["anyOf"] = [short, whole]

    return ConfigDict(json_schema_extra=extend)


Text = Annotated[str, Field(min_length=1, max_length=255)]
Seconds = Annotated[int, Field(ge=0, le=4294967295)]
Granted = Annotated[tuple[Annotated[int, Field(ge=1, le=4294967295)], ...], Field(max_length=1000)]


class DigestKeys(Section):
    """`auth` of a user with a password."""

    scheme: Literal["digest"]
    password: Text | None = None
    ha1: Text | None = None
    algorithms: Annotated[tuple[Literal["MD5", "SHA-256"], ...], Field(max_length=2)] | None = None
    """In order of preference; MD5 where it is not written."""
    username: Text | None = None
    """What the user logs in as, where that is not the private identity."""


class NtlmKeys(Section):
    """`auth` of a user with nothing but NTLM; a user with a password for digest has that too (MS-NLMP §3.3.1)."""

    scheme: Literal["ntlm"]
    password: Text | None = None
    """Needs the extra siprege."""
    nt_hash: Text | None = None
    """MD4 of the password in UTF-16, in place of the password: 32 hexadecimal digits."""
    username: Text | None = None
    """What the user logs on as, without the domain, besides the private identity and its user part."""
    domain: Text | None = None
    """NetBIOS domain; any where it is not written."""


class AkaKeys(Section):
    """`auth` of a user with an ISIM or USIM; all values in hexadecimal."""

    scheme: Literal["aka"]
    algorithm: Literal["milenage", "tuak"] = "milenage"
    k: Text
    op: Text | None = None
    opc: Text | None = None
    topc: Text | None = None
    amf: Text = "8000"
    sqn: Text = "000000000000"


class NoneKeys(Section):
    """`auth` of a user who is never challenged."""

    scheme: Literal["none"]


class PrivateIdentityKeys(Section):
    """One device: a private identity and how it is authenticated."""

    id: Text
    auth: Annotated[DigestKeys | NtlmKeys | AkaKeys | NoneKeys, Field(discriminator="scheme")]
    identities: Annotated[tuple[Text, ...], Field(max_length=1000)] | None = None
    """What this device registers of the implicit sets; all where it is not written."""


class IdentityKeys(Section):
    """A public identity in an implicit set, or just its URI."""

    model_config = _or({"type": "string"})

    id: Text
    barred: bool = False
    display_name: Text | None = None
    service_profile: Text | None = None
    wildcarded: bool = False
    """Stands for every identity that `id` matches, which has a regular expression between two `!`."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"id": value} if isinstance(value, str) else value


class ExpiresKeys(Section):
    """What this user is granted, in seconds, in place of the domain's limits; a list is granted one after the other."""

    model_config = _or({"type": "array", "items": {"type": "integer", "minimum": 1}})

    default: Seconds | None = None
    min: Seconds | None = None
    max: Seconds | None = None
    granted: Granted = ()

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        return {"granted": value} if isinstance(value, list) else value

    @model_validator(mode="after")
    def _ordered(self) -> "ExpiresKeys":
        values = [value for value in (self.min, self.default, self.max) if value is not None]
        if values != sorted(values):
            raise ValueError("min must not be more than default, nor default more than max")
        return self


Number = Annotated[int, Field(ge=0, le=10**15)]
ImplicitSetKeys = Annotated[tuple[IdentityKeys, ...], Field(max_length=1000)]


ChargingFunctions = Annotated[tuple[Annotated[str, Field(pattern=r"^[^\s\";,<>]{1,255}$")], ...], Field(max_length=2)]


class ChargingKeys(Section):
    """`charging`: addresses of charging functions, the primary one first (RFC 7315 §4.5)."""

    ccf: ChargingFunctions = ()
    ecf: ChargingFunctions = ()


class SubscriptionKeys(Section):
    """One IMS subscription, or a range of them: then `{n}` or `{n:06d}` in any text is the number."""

    name: Text | None = None
    """Users of one name share one record; the first private identity where it is not written."""
    range: tuple[Number, Number] | None = None
    """First and last number."""
    private_identities: Annotated[tuple[PrivateIdentityKeys, ...], Field(max_length=100)]
    """The devices."""
    implicit_sets: Annotated[tuple[ImplicitSetKeys, ...], Field(max_length=100)] = ()
    """Identities that are registered together; the first of a set that is not barred is its default one."""
    expires: ExpiresKeys | None = None
    max_contacts: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Bindings that one address of record may have, in place of the domain's limit."""
    roaming: Annotated[tuple[Text, ...], Field(max_length=1000)] | None = None
    """Visited networks (P-Visited-Network-ID) in which these users may register; all where it is not written."""
    charging: ChargingKeys | None = None
    """Charging functions, told to trusted peers."""
    service_profiles: dict[Text, ServiceProfileKeys] | None = None
    """Profiles with initial filter criteria, by name; `default` is that of identities that name none."""
    user_data: Annotated[str, Field(min_length=1, max_length=1_000_000)] | None = None
    """A Cx IMSSubscription, or a file that holds it, relative to this one; in place of implicit_sets and profiles."""


class SubscribersKeys(Section):
    """The subscribers file."""

    subscriptions: tuple[SubscriptionKeys, ...]
