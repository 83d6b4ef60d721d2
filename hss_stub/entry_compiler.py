"""From the keys of an entry of the subscribers file to what it stands for, with everything that is wrong with it."""

import re
from pathlib import Path

from hss_stub.entry import Aka, Device, Digest, Entry, Identity, Ntlm
from hss_stub.nt_hash import LENGTH, NEEDED, is_available
from hss_stub.service_profiles import service_profiles, varies
from hss_stub.subscribers_file import AkaKeys, DigestKeys, IdentityKeys, NtlmKeys, PrivateIdentityKeys, SubscriptionKeys
from hss_stub.template import Template, canonical_template, parse_template
from scscf.errors import Problem, SipError
from scscf.profile.filter_criteria import ServiceProfile
from scscf.profile.pattern import PatternError
from scscf.profile.service_profile import ChargingFunctions, ExpiresLimits
from scscf.profile.user_data import UserDataError, parse_user_data
from scscf.profile.wildcard import pattern_of
from scscf.sip.uri import parse_uri
from scscf.sip.uri_comparison import aor_of
from scscf.yaml_file import Where, YamlFile
from scscf.yaml_model import did_you_mean

MAX_RANGE = 10_000_000
"""How many subscriptions one entry may stand for."""

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
"""It names the encoding of a file, which a text does not have any more."""
_HEX = re.compile(r"[0-9A-Fa-f]*")
_HA1_DIGITS = {"MD5": 32, "SHA-256": 64}
_PRIVATE_IDENTITY = re.compile(r"[^\s\"\\,;<>]{1,255}")


def compile_entry(keys: SubscriptionKeys, file: YamlFile, where: Where, problems: list[Problem]) -> Entry:
    """Return what an entry stands for; what is wrong with it is added to `problems`."""
    return _Compiler(keys, file, where, problems).entry()


class _Compiler:
    def __init__(self, keys: SubscriptionKeys, file: YamlFile, where: Where, problems: list[Problem]) -> None:
        self.keys = keys
        self.file = file
        self.where = where
        self.problems = problems
        self.numbers = range(-1, 0)
        if keys.range is not None:
            first, last = keys.range
            self.numbers = range(first, last + 1)
            if last < first:
                self.complain(("range",), f"the first number ({first}) must not be more than the last ({last})")
                self.numbers = range(first, first + 1)
            elif last - first >= MAX_RANGE:
                self.complain(("range",), f"at most {MAX_RANGE} numbers")
        self.ends = (self.numbers[0], self.numbers[-1])
        self.profiles: dict[str, ServiceProfile] = {}
        self.varying: set[str] = set()

    def complain(self, where: Where, message: str) -> None:
        self.problems.append(self.file.problem((*self.where, *where), message))

    def template(self, text: str) -> Template:
        return Template((text,), ()) if self.keys.range is None else parse_template(text)

    def own(self, template: Template, where: Where) -> None:
        """Complain where every subscription of a range would have the same of what must differ."""
        if len(self.numbers) > 1 and not template.varies:
            self.complain(where, "needs {n}: each subscription of the range must have its own")

    def entry(self) -> Entry:
        keys = self.keys
        named = keys.service_profiles or {}
        self.profiles = service_profiles(named, self.file, (*self.where, "service_profiles"), self.problems)
        self.varying = {name for name, profile in self.profiles.items() if varies(profile)}
        if keys.range is None:
            for profile_name in sorted(self.varying):
                self.complain(("service_profiles", profile_name), "{n} needs a range")
        sets = self.user_data(keys.user_data) if keys.user_data is not None else self.implicit_sets()
        for number, implicit_set in enumerate(keys.implicit_sets):
            if not implicit_set:
                self.complain(("implicit_sets", number), "must have at least one identity")
        if not keys.implicit_sets and keys.user_data is None:
            self.complain(("implicit_sets",), "must have at least one set")
        if not keys.private_identities:
            self.complain(("private_identities",), "must have at least one")
        devices = tuple(
            self.device(device, sets, ("private_identities", position))
            for position, device in enumerate(keys.private_identities)
        )
        name = (
            self.template(keys.name) if keys.name else devices[0].private_identity if devices else Template(("",), ())
        )
        if keys.name:
            self.own(name, ("name",))
        limits = keys.expires
        expires = ExpiresLimits(limits.default, limits.min, limits.max, limits.granted) if limits else None
        charging = ChargingFunctions(keys.charging.ccf, keys.charging.ecf) if keys.charging else None
        roaming = tuple(network.lower() for network in keys.roaming) if keys.roaming is not None else None
        return Entry(name, self.numbers, devices, sets, expires, self.where, charging, roaming, keys.max_contacts)

    def implicit_sets(self) -> tuple[tuple[Identity, ...], ...]:
        """Return the sets as the file has them."""
        return tuple(
            tuple(
                self.identity(identity, ("implicit_sets", number, position))
                for position, identity in enumerate(implicit_set)
            )
            for number, implicit_set in enumerate(self.keys.implicit_sets)
        )

    def user_data(self, name: str) -> tuple[tuple[Identity, ...], ...]:
        """Return the set of an IMSSubscription: that of a file, or what is written here itself."""
        for other in ("implicit_sets", "service_profiles", "range"):
            if getattr(self.keys, other):
                self.complain(("user_data",), f"goes without {other}")
        is_document = name.lstrip().startswith("<")
        try:
            if is_document:
                document, name = _DECLARATION.sub("", name).encode("utf-8", "replace"), "the document"
            else:
                document = (Path(self.file.name).parent / name).read_bytes()
            found = parse_user_data(document)
        except (OSError, ValueError, UserDataError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            self.complain(("user_data",), f"{name}: {reason}")
            return ()
        known = [device.id for device in self.keys.private_identities]
        if found.private_identity and found.private_identity not in known:
            allowed = ", ".join(known[:10])
            self.complain(("user_data",), f"{name}: PrivateID {found.private_identity} is none of {allowed}")
        where = (*self.where, "user_data")
        return (
            tuple(
                Identity(
                    Template((identity.uri,), ()),
                    identity.barred,
                    Template((identity.display_name,), ()) if identity.display_name else None,
                    identity.service_profile,
                    where,
                    identity.wildcarded,
                )
                for identity in found.implicit_set
            ),
        )

    def identity(self, keys: IdentityKeys, where: Where) -> Identity:
        uri = self.wildcard(keys.id, where) if keys.wildcarded else self.uri(keys.id, where)
        if not keys.wildcarded:
            self.own(uri, where)
        display_name = self.template(keys.display_name) if keys.display_name else None
        profile = self.profiles.get(keys.service_profile or "default")
        if keys.service_profile is not None and profile is None:
            names = list(self.profiles)
            hint = did_you_mean(keys.service_profile, names)
            allowed = f"; there are {', '.join(names)}" if names else "; there are no service_profiles"
            self.complain((*where, "service_profile"), f"{keys.service_profile}: no such profile{allowed}{hint}")
        profile_varies = profile is not None and profile.name in self.varying
        return Identity(uri, keys.barred, display_name, profile, (*self.where, *where), keys.wildcarded, profile_varies)

    def wildcard(self, text: str, where: Where) -> Template:
        if self.keys.range is not None:
            self.complain(where, f"{text}: a wildcarded identity cannot be in a range")
        try:
            pattern_of(text)
        except PatternError as error:
            self.complain(where, f"{text}: {error}, as in sip:desk!.*!@home1.test")
        return Template((text,), ())

    def uri(self, text: str, where: Where) -> Template:
        template = self.template(text)
        try:
            if self.keys.range is None:
                return Template((_canonical(text),), ())
            canonical = canonical_template(text, _canonical)
            if any(_canonical(template.text(n)) != canonical.text(n) for n in self.ends):
                raise ValueError("{n} cannot stand here")
        except (SipError, ValueError) as error:
            hint = "; {n} needs a range" if self.keys.range is None and "{n" in text else ""
            reason = "must be a SIP or tel URI" if isinstance(error, SipError) else str(error)
            self.complain(where, f"{text}: {reason}{hint}")
            return template
        return canonical

    def device(self, keys: PrivateIdentityKeys, sets: tuple[tuple[Identity, ...], ...], where: Where) -> Device:
        private_identity = self.template(keys.id)
        self.own(private_identity, (*where, "id"))
        if any(_PRIVATE_IDENTITY.fullmatch(private_identity.text(n)) is None for n in self.ends):
            self.complain((*where, "id"), f"{keys.id}: must be like user@home1.test, at most 255 characters")
        username = private_identity
        auth: Digest | Ntlm | Aka | None = None
        if isinstance(keys.auth, DigestKeys):
            auth = self.digest(keys.auth, (*where, "auth"))
            username = self.template(keys.auth.username) if keys.auth.username else private_identity
        elif isinstance(keys.auth, NtlmKeys):
            auth = self.ntlm(keys.auth, (*where, "auth"))
            username = self.template(keys.auth.username) if keys.auth.username else private_identity
        elif isinstance(keys.auth, AkaKeys):
            auth = self.aka(keys.auth, (*where, "auth"))
        if keys.identities is not None:
            sets = self.only(keys.identities, sets, (*where, "identities"))
        return Device(private_identity, username, auth, sets, (*self.where, *where))

    def only(
        self, identities: tuple[str, ...], sets: tuple[tuple[Identity, ...], ...], where: Where
    ) -> tuple[tuple[Identity, ...], ...]:
        known = {identity.uri.identity for implicit_set in sets for identity in implicit_set}
        wanted = set()
        for position, text in enumerate(identities):
            count = len(self.problems)
            verbatim = Template((text,), ())
            uri = verbatim if verbatim.identity in known else self.uri(text, (*where, position))
            if uri.identity not in known and len(self.problems) == count:
                self.complain((*where, position), f"{text} is in none of the implicit_sets")
            wanted.add(uri.identity)
        if not identities:
            self.complain(where, "must have at least one identity")
        chosen = (tuple(identity for identity in row if identity.uri.identity in wanted) for row in sets)
        return tuple(row for row in chosen if row)

    def digest(self, keys: DigestKeys, where: Where) -> Digest:
        if (keys.password is None) == (keys.ha1 is None):
            self.complain(where, "needs password or ha1" if keys.password is None else "give password or ha1, not both")
        if keys.algorithms is not None and (not keys.algorithms or len(set(keys.algorithms)) < len(keys.algorithms)):
            self.complain((*where, "algorithms"), "must be MD5, SHA-256 or both, each once")
        algorithms: tuple[str, ...] = keys.algorithms or ("MD5",)
        ha1 = self.template(keys.ha1) if keys.ha1 else None
        if ha1 is not None:
            if keys.algorithms is None and len(ha1.text(self.ends[0])) == _HA1_DIGITS["SHA-256"]:
                algorithms = ("SHA-256",)
            if len(algorithms) > 1:
                self.complain((*where, "ha1"), "is of one algorithm: give a password where algorithms has two")
            self.hexadecimal(ha1, (_HA1_DIGITS[algorithms[0]],), (*where, "ha1"))
        return Digest(algorithms, self.template(keys.password) if keys.password else None, ha1)

    def ntlm(self, keys: NtlmKeys, where: Where) -> Ntlm:
        if (keys.password is None) == (keys.nt_hash is None):
            what = "needs password or nt_hash" if keys.password is None else "give password or nt_hash, not both"
            self.complain(where, what)
        elif keys.password is not None and not is_available():
            self.complain((*where, "password"), f"needs the extra siprege: {NEEDED}; or give nt_hash")
        for name in ("username", "domain"):
            if "\\" in (getattr(keys, name) or ""):
                self.complain((*where, name), "has no backslash: username and domain are keys of their own")
        password, nt_hash, domain = (
            None if text is None else self.template(text) for text in (keys.password, keys.nt_hash, keys.domain)
        )
        if nt_hash is not None:
            self.hexadecimal(nt_hash, (2 * LENGTH,), (*where, "nt_hash"))
        return Ntlm(password, nt_hash, domain)

    def aka(self, keys: AkaKeys, where: Where) -> Aka:
        tuak = keys.algorithm == "tuak"
        given = [name for name in ("op", "opc", "topc") if getattr(keys, name) is not None]
        if tuak and given != ["topc"]:
            self.complain(where, "tuak needs topc, and neither op nor opc")
        elif not tuak and given not in (["op"], ["opc"]):
            self.complain(where, "milenage needs op or opc, one of the two, and no topc")
        sizes = {"k": (32, 64) if tuak else (32,), "op": (32,), "opc": (32,), "topc": (64,), "amf": (4,), "sqn": (12,)}
        values: dict[str, Template | None] = {}
        for name, digits in sizes.items():
            text = getattr(keys, name)
            values[name] = None if text is None else self.template(text)
            if text is not None:
                self.hexadecimal(self.template(text), digits, (*where, name))
        return Aka(keys.algorithm, **values)  # type: ignore[arg-type]  # k, amf and sqn are never None

    def hexadecimal(self, template: Template, digits: tuple[int, ...], where: Where) -> None:
        for n in self.ends:
            text = template.text(n)
            if len(text) not in digits or _HEX.fullmatch(text) is None:
                allowed = " or ".join(map(str, digits))
                self.complain(where, f"must be {allowed} hexadecimal digits, not {len(text)} characters")
                return


def _canonical(text: str) -> str:
    uri = parse_uri(text)
    if uri.scheme not in ("sip", "sips", "tel"):
        raise SipError(400, "Bad URI")
    return aor_of(uri)
