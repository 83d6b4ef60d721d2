"""The section `siprege`: what Microsoft's registrar says of itself, and what it agrees to (MS-SIPREGE, MS-SIPAE)."""

from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from scscf.config.values import Host, NtlmVersion, SipaeVersion, SipUri
from scscf.yaml_model import Section

_OPTION = r"^[A-Za-z0-9.!%*_+`'~-]{1,100}$"
_QUOTABLE = r'^[^"\\\x00-\x1f\x7f]*$'
_SERVER = r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$"

Token = Annotated[str, Field(pattern=_OPTION)]
Tokens = Annotated[tuple[Token, ...], Field(max_length=50)]


class Siprege(NamedTuple):
    """How domains of the dialect siprege behave towards Microsoft's endpoints."""

    realm: str = "SIP Communications Service"
    """Realm of NTLM; digest has that of the domain (MS-SIPAE §2.2.1)."""
    target_name: str | None = None
    """Who the client proves itself to, a host name (MS-SIPAE §2.2.1); None: the host of the server name."""
    version: int = 4
    """Version of the authentication protocol, which says what is signed: 3 or 4 (MS-SIPAE §2.2.1)."""
    sa_lifetime: int = 28800
    """Seconds that a security association lives (MS-SIPAE §3.3)."""
    ntlm: str = "auto"
    """`auto`: offered where pyspnego is installed; `off`."""
    ntlm_min_version: int = 1
    """Least version of NTLM that a client may log on with: 1 or 2 (MS-NLMP §3.3)."""
    keep_alive: int = 300
    """Seconds of silence after which a connection ends that is kept alive; 0: none is (MS-CONMGMT §2.2.1)."""
    allow_events: tuple[str, ...] = ("registration-notify", "reg")
    """Event packages of Allow-Events in the 200 to a REGISTER."""
    supported: tuple[str, ...] = ("adhoclist", "msrtc-event-categories")
    """Option tags of Supported in the 200 to a REGISTER."""
    server: str = "RTC/3.5"
    """Server header."""
    diagnostics: str = "public"
    """`public`: ms-diagnostics-public; `full`: ms-diagnostics beside it (MS-OCER §2.2.1)."""
    preferred_registrar: str | None = None
    """SIP URI that endpoints are sent to where the HSS assigns a new server and does not say which one."""


_DEFAULT = Siprege()


class SipregeKeys(Section):
    """`siprege`: domains of the dialect siprege (MS-SIPREGE, MS-SIPAE)."""

    realm: Annotated[str, Field(min_length=1, max_length=255, pattern=_QUOTABLE)] = _DEFAULT.realm
    """Realm of NTLM; digest has that of the domain."""
    target_name: Host | None = None
    """Whom the client proves itself to; without it the host of the server name."""
    version: SipaeVersion = 4
    """Version of the authentication protocol, which says what is signed (MS-SIPAE §2.2.1)."""
    sa_lifetime: Annotated[int, Field(ge=1, le=604800)] = _DEFAULT.sa_lifetime
    """Seconds that a security association lives."""
    ntlm: Literal["auto", "off"] = "auto"
    """auto: offered where pyspnego is installed."""
    ntlm_min_version: NtlmVersion = 1
    """Least version of NTLM that a client may log on with; one with a lower version gets 403 (MS-NLMP §3.3)."""
    keep_alive: Annotated[int, Field(ge=0, le=86400)] = _DEFAULT.keep_alive
    """Seconds of silence after which a connection with agreed keep-alives ends; 0: none are agreed (MS-CONMGMT)."""
    allow_events: Tokens = _DEFAULT.allow_events
    """Event packages of Allow-Events in the 200 to a REGISTER."""
    supported: Tokens = _DEFAULT.supported
    """Option tags of Supported in the 200 to a REGISTER."""
    server: Annotated[str, Field(max_length=255, pattern=_SERVER)] = _DEFAULT.server
    """Server header."""
    diagnostics: Literal["public", "full"] = "public"
    """public: ms-diagnostics-public; full: ms-diagnostics beside it (MS-OCER §2.2.1)."""
    preferred_registrar: SipUri | None = None
    """SIP URI that endpoints are sent to where the HSS assigns a new server and does not say which one."""

    def siprege(self) -> Siprege:
        """Return it as the rest knows it."""
        return Siprege(*(getattr(self, name) for name in Siprege._fields))
