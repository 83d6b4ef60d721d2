"""The keys of a scenario file: actors, network and steps."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from scscf.scenario.expectation_keys import Name, Text
from scscf.scenario.quantity import Time
from scscf.scenario.request_keys import SentHeaders, Texts
from scscf.scenario.step_keys import StepKeys
from scscf.yaml_model import Section

NUMBER = "{n}"
"""In the texts of an actor with a count: the number of each."""
_HOME = "home1.test"
MOST_DEVICES = 100
"""Devices of one user: private identities of one subscription of the HSS."""


def _key(text: str) -> str:
    if not re.fullmatch("[0-9A-Fa-f]{32}", text):
        raise ValueError(f"must be 32 hexadecimal digits, not {len(text)} characters")
    return text


def _public_identity(text: str) -> str:
    """Return what a UE may be called; `${domain}` is not known yet."""
    uri = text.replace(NUMBER, "1")
    scheme, _, rest = uri.partition(":")
    user, at, host = rest.rpartition("@")
    named = scheme.lower() in ("sip", "sips") and (user if at else "." in host)
    if "${" not in text and not named and scheme.lower() != "tel":
        raise ValueError(f"{text}: must be like sip:alice@{_HOME} or tel:+15550100")
    return text


Hex = Annotated[str, AfterValidator(_key), WithJsonSchema({"type": "string", "pattern": "^[0-9A-Fa-f]{32}$"})]


class ActorKeys(Section):
    """Somebody who takes part: a UE (or watcher), an endpoint of Microsoft's, a P-CSCF, an application server."""

    kind: Literal["ue", "endpoint", "pcscf", "as"] = "ue"
    aor: Annotated[Text, AfterValidator(_public_identity)] | None = None
    """Its public identity; `sip:NAME@DOMAIN` where none is written."""
    identities: Annotated[tuple[Any, ...], Field(max_length=100)] = ()
    """Its implicit registration set, as the subscribers file has it; only `aor` where none is written."""
    impi: Text | None = None
    """Its private identity; `NAME@DOMAIN` where none is written."""
    auth: Literal["digest", "aka", "ntlm", "none"] = "digest"
    """`ntlm` for an endpoint where it is not written."""
    password: Text = "secret"  # noqa: S105  # what simulated subscribers share
    known_password: Text | None = None
    """What it believes its password to be, where that is wrong."""
    k: Hex | None = None
    opc: Hex | None = None
    sqn: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{1,12}$")] = "0"
    """The highest sequence number that its USIM has believed."""
    user: Text | None = None
    """User name of NTLM; the user part of its private identity where none is written."""
    domain: Text = ""
    """Domain of NTLM."""
    algorithms: Annotated[tuple[Literal["MD5", "SHA-256"], ...], BeforeValidator(lambda v: v)] | None = None
    registers: Texts | None = None
    """What this device registers of the set; all where it is not written."""
    named: bool = True
    """Whether its first REGISTER says who it is; an endpoint's does not where it is not written."""
    contact: Text | None = None
    """Its Contact value; one that leads to it where none is written."""
    contact_params: Text = ""
    """Parameters after its contact: `;q=0.5`."""
    instance: Text | None = None
    """urn:uuid of +sip.instance."""
    reg_id: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    transport: Literal["udp", "tcp"] = "udp"
    """`tcp` for an endpoint where it is not written."""
    epid: Text | None = None
    """Of an endpoint; one that is made up where none is written, "" for none at all."""
    survivable: bool = False
    """Whether an endpoint can do without user services."""
    branch: bool = False
    """Whether an endpoint's Vias have a branch."""
    keep_alive: bool = False
    """Whether an endpoint keeps its connection alive, as agreed on with the server."""
    behind: Name | None = None
    """The P-CSCF that it reaches its network by."""
    trusted: bool | None = None
    """Whether the S-CSCF believes it (`trusted_peers`); a P-CSCF and an application server where it is not written."""
    asserts: Text | None = None
    """P-Asserted-Identity of its requests."""
    security_client: Text | None = None
    headers: SentHeaders = Field(default_factory=dict)
    """Of each of its REGISTERs."""
    expires: Annotated[int, Field(ge=0, le=4294967295)] = 600_000
    """Of its REGISTERs; an endpoint's say nothing of it where it is not written."""
    subscriber: bool = True
    """Whether the HSS knows it."""
    permit: Annotated[tuple[Text, ...], Field(max_length=100)] = ()
    """Standing checks that are not held against what it sees."""
    external: bool = False
    """A UE under test: the scenario waits for what it does."""
    misbehave: Annotated[tuple[Text, ...], Field(max_length=50)] = ()
    """What its stand-in does wrong, on virtual time."""
    autonomous: bool = False
    """It registers, subscribes and refreshes of its own accord once it is started."""
    subscribe: bool = True
    """Whether an autonomous one subscribes."""
    hook: Text | None = None
    """A command that is run where it is asked to do something: `HOOK register`."""
    count: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """So many of them, `NAME1`, `NAME2` ...; `{n}` in its texts is the number of each. An `aor` without it: devices of
    one user."""
    judged: bool = True
    """Whether what it sees is held against the standing checks."""

    @property
    def is_trusted(self) -> bool:
        """Whether the S-CSCF believes it."""
        return self.trusted if self.trusted is not None else self.kind in ("pcscf", "as")

    @property
    def is_subscriber(self) -> bool:
        """Whether the HSS knows it, where the file lists no subscribers."""
        return self.subscriber and self.kind in ("ue", "endpoint")

    @model_validator(mode="before")
    @classmethod
    def _of_an_endpoint(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("kind") == "endpoint":
            return {"auth": "ntlm", "transport": "tcp", **data}
        return data

    @model_validator(mode="after")
    def _consistent(self) -> "ActorKeys":
        if self.kind == "endpoint" and (self.autonomous or self.external):
            raise ValueError("an endpoint does what the steps say: autonomous and external are for kind: ue")
        if self.kind != "endpoint" and (self.auth == "ntlm" or self.epid is not None):
            raise ValueError("auth: ntlm and epid are for kind: endpoint")
        if self.auth == "aka" and (self.k is None or self.opc is None):
            raise ValueError("auth: aka needs k and opc")
        if self.count is not None and self.external:
            raise ValueError("a UE under test is one: no count")
        if (self.count or 0) > MOST_DEVICES and self.aor is not None and NUMBER not in self.aor:
            raise ValueError(f"one user has at most {MOST_DEVICES} devices; with {{n}} in aor each is a user's own")
        if self.misbehave and not (self.external or self.autonomous):
            raise ValueError("misbehave is for the stand-in of an external actor, or an autonomous one")
        return self


class ScenarioKeys(Section):
    """One scenario."""

    name: Text | None = None
    """The file's name where none is written."""
    about: Annotated[str, Field(max_length=5000)] = ""
    tags: Annotated[tuple[Text, ...], Field(max_length=50)] = ()
    clauses: Annotated[tuple[Text, ...], Field(max_length=50)] = ()
    control: bool = False
    """It shows that the test itself works: no quirk or fault is meant to fail it."""
    parameters: dict[Name, Text] = Field(default_factory=dict)
    """`${name}` → text, `--param` puts another in its place."""
    rows: Annotated[tuple[dict[Name, Text], ...], Field(max_length=1000)] = ()
    """The scenario is run once for each, with these parameters."""
    include: Texts = ()
    """Files, relative to this one, whose actors and configuration this one adds to, and whose steps come first."""
    config: dict[str, Any] = Field(default_factory=dict)
    """Configuration of the S-CSCF, as `scscf run --config` takes it."""
    subscribers: Annotated[list[Any], Field(max_length=1000)] | None = None
    """`subscriptions` of a subscribers file; made of the actors where it is not written."""
    hss: Literal["embedded", "diameter"] = "embedded"
    """Where the HSS stub is: in the S-CSCF, or behind Cx."""
    live: bool = True
    """Whether it can be run on sockets at all."""
    permit: Annotated[tuple[Text, ...], Field(max_length=100)] = ()
    """Standing checks that are not held against what any actor sees."""
    settle: Time = 1.0
    """Seconds after the last step in which what comes is still looked at."""
    longest: Time = 30 * 86400.0
    """The scenario ends in an error when it takes longer."""
    actors: Annotated[dict[Name, ActorKeys | None], Field(max_length=100)] = Field(default_factory=dict)
    steps: Annotated[tuple[StepKeys, ...], Field(max_length=1000)] = ()
