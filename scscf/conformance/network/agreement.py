"""Whether documents agree with what the answers to the UE's REGISTERs said (RFC 3261 §10.3, RFC 3680 §4.7, §5)."""

from collections.abc import Iterator, Sequence

from scscf.conformance.asking import Asking
from scscf.conformance.finding import Found
from scscf.conformance.network.bindings import Binding, Bindings
from scscf.conformance.network.document import contact_uri, identity, seconds_of
from scscf.conformance.network.exchanges import Exchange
from scscf.conformance.network.profile import NetworkProfile
from scscf.regevent.reading import ReadContact, ReadDocument
from scscf.sip.uri import Uri
from scscf.sip.uri_comparison import same_uri

_BY_NETWORK = frozenset({"deactivated", "rejected", "probation"})
_NEW = frozenset({"registered", "created"})
_IDENTITIES_HOLD = 30.0


class Agreement:
    """Holds documents against bindings. `pending` are REGISTERs that are not finally answered."""

    def __init__(self, profile: NetworkProfile, bindings: Bindings) -> None:
        self._profile = profile
        self._bindings = bindings

    def judge(
        self,
        document: ReadDocument,
        made: float,
        slack: float,
        pending: Sequence[Exchange],
        now: float,
        *,
        first: bool = False,
    ) -> Iterator[Found]:
        """Yield where a document that was made at `made`, give or take `slack` seconds, contradicts the answers.

        What it tells of a REGISTER of `pending` is kept there until that is answered. `first`: it is the first of its
        subscription, so that nothing but what others told can say what is new in it.
        """
        askings = [(exchange, exchange.asking) for exchange in pending if exchange.asking is not None]
        for registration in document.registrations:
            aor = identity(registration.aor)
            uris = [contact.uri for contact in registration.contacts]
            for contact in registration.contacts:
                uri = contact_uri(contact.uri)
                if uri is None or uris.count(contact.uri) > 1 or uri.parameter("sos") is not None:
                    continue
                about = [asking for _, asking in askings if _is_about(asking, uri)]
                for exchange, asking in askings:
                    if exchange.early is None and _shows(asking, contact, uri, self._bindings, made):
                        told = f"A NOTIFY tells that {uri} is {contact.get('event')} before the REGISTER is answered."
                        exchange.early = (told, now)
                binding = None if aor is None else self._bindings.find(aor, uri)
                if (
                    binding is None
                    or binding.emergency
                    or (not self._profile.from_start and _is_newer(contact, binding))
                ):
                    continue
                if contact.get("state") == "active":
                    yield from _as_new(binding, contact, made - slack, self._profile.tolerance, first=first)
                    yield from self._active(binding, contact, made, slack, bool(about))
                elif contact.get("state") == "terminated" and not self._is_old(binding, made - slack):
                    yield from self._terminated(binding, contact, made, slack, about)
            if aor is not None:
                yield from self._moved(aor, registration.contacts)

    def _is_old(self, binding: Binding, made: float) -> bool:
        """Tell whether an end may be that of an earlier binding of the contact, held back (RFC 3680 §4.10)."""
        before = binding.ended_before
        return binding.live and before is not None and before >= made - self._profile.patience

    def _active(
        self, binding: Binding, contact: ReadContact, made: float, slack: float, pending: bool
    ) -> Iterator[Found]:
        tolerance = self._profile.tolerance + slack
        if not binding.live:
            if not pending and made > (binding.ended_at or 0.0) + tolerance:
                message = f"{binding.uri} is told as active after a {binding.ended_by} that ended it."
                yield "stale-contact", message
            return
        if pending:
            return
        expires = seconds_of(contact, "expires")
        if made > binding.latest + self._profile.late + slack:
            yield "stale-contact", f"{binding.uri} is told as active after its time ran out."
        elif contact.get("event") == "shortened" and expires is not None:
            if made + expires > binding.latest + tolerance:
                yield "shortened-not-shorter", f"{binding.uri} is shortened to {expires} s and had less time left."
            else:
                binding.earliest, binding.latest, binding.before = made + expires, made + expires + slack, None
        elif expires is not None and not self._fits(binding, made + expires, made, slack):
            left = round(binding.latest - made)
            yield (
                "reginfo-expires-disagrees",
                f"{binding.uri} has {expires} s left, by the 200 to its REGISTER {left} s.",
            )
        yield from self._attributes(binding, contact)

    def _fits(self, binding: Binding, told: float, made: float, slack: float) -> bool:
        tolerance = self._profile.tolerance + slack
        windows = [(binding.earliest, binding.latest)]
        if binding.before is not None and made < binding.updated_at + tolerance:
            windows.append(binding.before)
        return any(earliest - tolerance <= told <= latest + tolerance for earliest, latest in windows)

    def _attributes(self, binding: Binding, contact: ReadContact) -> Iterator[Found]:
        cseq = seconds_of(contact, "cseq")
        if contact.get("callid") == binding.call_id and cseq is not None and cseq not in binding.cseqs:
            yield "cseq-disagrees", f"cseq of {binding.uri} is {cseq}, its REGISTER had {binding.cseqs[-1]}."
        if not binding.gruu and (contact.pub_gruu or contact.temp_gruu):
            yield "document-gruu-unasked", f"{binding.uri} is told with a GRUU that its UE did not ask for."
        listed = binding.listed
        if listed is None:
            return
        gruu = listed.parameter("pub-gruu")
        if gruu and contact.pub_gruu and gruu != contact.pub_gruu:
            yield "gruu-disagrees", f"The 200 gives {binding.uri} {gruu}, the document {contact.pub_gruu}."
        if contact.get("q") is not None and listed.parameter("q") is None:
            yield "q-disagrees", f"{binding.uri} has q {contact.get('q')} in the document and none in the 200."

    def _terminated(
        self, binding: Binding, contact: ReadContact, made: float, slack: float, about: list[Asking]
    ) -> Iterator[Found]:
        event = contact.get("event") or ""
        tolerance = self._profile.tolerance + slack
        leaving = any(_removes(asking, binding.uri) for asking in about)
        if leaving or (not binding.live and binding.ended_by == "de-REGISTER"):
            if event == "expired" and made < binding.earliest - tolerance:
                yield "wrong-event-after-deregister", f"{binding.uri} was de-registered and is told as expired."
            return
        if about or not binding.live:
            return
        if event == "expired" and made < binding.earliest - tolerance:
            left = round(binding.earliest - made)
            yield "expired-too-early", f"{binding.uri} is told as expired and had {left} s left."
        elif event == "expired" and made > binding.latest + self._profile.late + slack:
            yield "expiry-told-late", f"The end of {binding.uri} is told {made - binding.latest:.1f} s after its time."
        binding.end(made, "NOTIFY")

    def _moved(self, aor: str, contacts: Sequence[ReadContact]) -> Iterator[Found]:
        """Yield contacts that are ours by Call-ID and CSeq and have another URI than what we registered."""
        for contact in contacts:
            uri, cseq = contact_uri(contact.uri), seconds_of(contact, "cseq")
            ours = [
                binding
                for binding in self._bindings.live_of(aor)
                if binding.call_id == contact.get("callid") and binding.cseqs and binding.cseqs[-1] == cseq
            ]
            alone = len(ours) == 1 and sum(each.get("cseq") == contact.get("cseq") for each in contacts) == 1
            if alone and (uri is None or not same_uri(uri, ours[0].uri)):
                yield (
                    "contact-uri-changed",
                    f"{ours[0].uri} was registered and is told as {contact.uri[:80] or '(nothing)'}.",
                )

    def judge_identities(self, document: ReadDocument, made: float, *, wildcards: bool) -> Iterator[Found]:
        """Yield identities that a full document and P-Associated-URI of a 200 shortly before do not share."""
        told = {identity(registration.aor) for registration in document.registrations}
        for binding in self._bindings:
            if not binding.live or not binding.associated or not 0 <= made - binding.updated_at <= _IDENTITIES_HOLD:
                continue
            if not told.intersection(binding.associated):
                continue
            missing = [aor for aor in binding.associated if aor not in told]
            if missing:
                yield "identity-not-told", f"P-Associated-URI names {', '.join(missing)[:160]}, the document does not."
            if wildcards or binding.aor not in binding.associated:
                continue
            for registration in document.registrations:
                aor = identity(registration.aor)
                if aor is None or aor in binding.associated:
                    continue
                if any(
                    contact.get("state") == "active"
                    and (uri := contact_uri(contact.uri)) is not None
                    and same_uri(uri, binding.uri)
                    for contact in registration.contacts
                ):
                    message = f"{binding.uri} is active at {aor}, which P-Associated-URI does not name."
                    yield "identity-not-associated", message


def _as_new(binding: Binding, contact: ReadContact, made: float, tolerance: float, *, first: bool) -> Iterator[Found]:
    """Yield that a contact is told as registered that another subscription told of before its refresh, by one id.

    A duration-registered that began with the REGISTER says that the network knew nothing of it any more.
    """
    id, duration = contact.get("id") or "", seconds_of(contact, "duration-registered")
    before = binding.told
    if before is None or before[0] != id:
        binding.told = (id, made)
    if not first or before is None or before[0] != id or contact.get("event") != "registered":
        return
    if duration is not None and made - duration > binding.updated_at - tolerance:
        return
    if binding.since < before[1] < binding.updated_at < made:
        yield "refresh-told-as-registered", f"{binding.uri} was refreshed and is told as registered, id {id} as ever."


def _is_newer(contact: ReadContact, binding: Binding) -> bool:
    """Tell whether a contact is told of by a REGISTER later than those that were seen."""
    cseq = seconds_of(contact, "cseq")
    return contact.get("callid") == binding.call_id and cseq is not None and cseq > binding.cseqs[-1]


def _is_about(asking: Asking, uri: Uri) -> bool:
    return asking.star or any(same_uri(contact.uri, uri) for contact in asking.contacts)


def _removes(asking: Asking, uri: Uri) -> bool:
    if asking.star:
        return asking.request.expires == 0
    return any(contact.seconds == 0 and same_uri(contact.uri, uri) for contact in asking.contacts)


def _shows(asking: Asking, contact: ReadContact, uri: Uri, bindings: Bindings, now: float) -> bool:
    """Tell whether a document shows what a REGISTER asks for and nothing else can have brought about."""
    known = [binding for binding in bindings.of_contact(uri) if binding.live]
    if contact.get("state") == "terminated":
        if not known or not _removes(asking, uri) or contact.get("event") in _BY_NETWORK:
            return False
        return contact.get("event") != "expired" or all(now < binding.earliest - 2 for binding in known)
    if not any(contact_.seconds != 0 and same_uri(contact_.uri, uri) for contact_ in asking.contacts):
        return False
    if contact.get("callid") == asking.call_id and contact.get("cseq") == str(asking.cseq):
        return True
    duration = seconds_of(contact, "duration-registered")
    fresh = duration is None or duration <= now - asking.at + 2
    return not bindings.of_contact(uri) and contact.get("event") in _NEW and fresh
