"""When a UE has to register again, and when it must not (TS 24.229 §5.1.1.4, §5.1.1.7, RFC 3680 §4.7)."""

from collections.abc import Iterable

from scscf.conformance.asking import Asking
from scscf.conformance.ue.bindings import OwnBinding, OwnBindings
from scscf.conformance.ue.duties import Duties
from scscf.conformance.ue.profile import UeProfile
from scscf.conformance.ue.reginfo import Told
from scscf.errors import SipError
from scscf.sip.address import parse_addresses
from scscf.sip.message import Response
from scscf.sip.uri import Uri
from scscf.sip.uri_comparison import same_uri

_ROUNDING = 1.5
"""How much earlier a document may say that a contact ends, in whole seconds, than it does."""


class OwnRegistration:
    """What the UE has registered, and the duties and bans that come of it.

    What the network allows begins when it is sent; what it asks of the UE begins when the UE has shown that it came.
    """

    def __init__(self, profile: UeProfile, duties: Duties) -> None:
        self._profile = profile
        self._duties = duties
        self.bindings = OwnBindings()
        self.service_route: tuple[Uri, ...] = ()
        self.has_left = False
        """Whether the UE de-registered all that it had."""
        self.tried_at = float("-inf")
        """When it last sent a REGISTER that registers."""
        self.told_at = float("-inf")
        """When the network last ended or shortened a registration: what the UE was about before is off."""
        self._waits_until = float("-inf")
        """Until when the UE may heed a Retry-After that it got before that."""

    def is_over(self, now: float) -> bool:
        """Tell whether the UE was registered and is not any more, so that it may well be gone."""
        return self.has_left or (self.bindings.had_any and not self.bindings.live(now))

    def tries(self, asking: Asking) -> None:
        """Take a REGISTER: whatever it comes to, the UE did not forget."""
        if asking.is_query:
            return
        if asking.removes:
            # It may be gone as soon as that is sent: it need not answer, subscribe or refresh any more (C.30).
            for kind in ("notify", "subscribe", "return"):
                self._duties.settle(kind)
        else:
            self.tried_at = asking.at
            self.has_left = False
            self._duties.settle("return")
        for binding in self.bindings:
            together = binding.aor == asking.aor or asking.aor in binding.associated
            named = asking.star or binding.flow is None or any(binding.is_of(contact) for contact in asking.contacts)
            if together and named:
                self._duties.settle("refresh", binding)

    def took(self, asking: Asking, response: Response, now: float) -> list[OwnBinding]:
        """Take the 2xx to a REGISTER; return the contacts that are bound anew, emergency ones left out."""
        before = set(self.bindings)
        created = self.bindings.take(asking, response, now)
        for binding in before - set(self.bindings):
            self._duties.settle("refresh", binding)
        for binding in self.bindings:
            if binding.ends == now + binding.granted and not binding.emergency:
                self._owe_refresh(binding)
        if asking.removes and not self.bindings:
            self.has_left = True
        if asking.registers:
            try:
                addresses = parse_addresses(response.values("service-route"))
                self.service_route = tuple(address.uri for address in addresses)
            except SipError:
                self.service_route = ()
        return [binding for binding in created if not binding.emergency]

    def again(self, asking: Asking, now: float) -> None:
        """Take a 2xx that is sent once more: the UE may count from this one."""
        for binding in self.bindings.again(asking, now):
            if self._duties.owes(("refresh", binding)):
                self._owe_refresh(binding)

    def excuse(self, rows: Iterable[Told], now: float) -> None:
        """Take what a NOTIFY says `now`, whether it arrives or not: what it ends or shortens is off.

        That it tells of the end when that has come is no excuse for whoever let it come.
        """
        for row in rows:
            for binding in self._told(row):
                if not row.is_active and not (row.event == "expired" and now >= binding.ends - _ROUNDING):
                    self._duties.settle("refresh", binding)
                if not row.is_active or row.event == "shortened":
                    self.told_at = now
                    self._waits_until = max(self._waits_until, self._duties.forbidden_until(("retry",)))
                    self._duties.allow("retry")

    def told(self, rows: Iterable[Told], first_sent: float, last_sent: float, now: float) -> None:
        """Take what a NOTIFY said that the UE answered 200 `now`; times in seconds."""
        if self.tried_at > first_sent:
            return
        rows = tuple(rows)
        still = {(row.aor, str(row.contact)) for row in rows if row.is_active}
        gone: dict[str, Told] = {}
        for row in rows:
            for binding in self._told(row):
                if row.is_active:
                    self._shorten(binding, row, last_sent, now)
                elif (row.aor, str(row.contact)) not in still:
                    self._keep_late(binding, row, now)
                    self.bindings.remove(binding)
                    self._duties.settle("refresh", binding)
                    gone[row.aor] = row
        bound = {binding.aor for binding in self.bindings}
        for row in gone.values():
            if row.aor not in bound:
                self._ended(row, first_sent, now)
        if gone:
            for kind in ("answer", "raise", *(() if self.bindings else ("subscribe", "resubscribe"))):
                self._duties.settle(kind)

    def _keep_late(self, binding: OwnBinding, row: Told, now: float) -> None:
        """Keep the duty to come before a shortened end: that it is told to be over just then is no excuse."""
        duty = self._duties.find(("refresh", binding))
        if duty is None or row.event != "expired" or not now >= binding.ends - _ROUNDING:
            return
        if duty.check == "too-late-after-shortened" and duty.by <= binding.ends:
            self._duties.owe(("return", binding), duty.by, duty.check, duty.message)

    def _told(self, row: Told) -> list[OwnBinding]:
        return [each for each in self.bindings if each.aor == row.aor and same_uri(each.contact, row.contact)]

    def _ended(self, row: Told, first_sent: float, now: float) -> None:
        duties, profile = self._duties, self._profile
        begins = max(now, self._waits_until)
        if row.event == "deactivated":
            message = f"{row.aor} was deactivated, and no REGISTER came in {profile.reaction:g} s."
            duties.owe(("return",), begins + profile.reaction, "no-register-after-deactivated", message)
        elif row.event == "rejected":
            message = f"{row.aor} was rejected, and a REGISTER came."
            duties.forbid(("register", row.aor), now + profile.observation, "register-after-rejected", message)
        elif row.event == "probation" and row.retry_after is not None:
            wait = row.retry_after
            message = f"{row.aor} was put on probation for {wait} s, and a REGISTER came before that."
            until = first_sent + wait - profile.early
            duties.forbid(("register", row.aor), until, "too-early-after-probation", message)
            message = f"{row.aor} was put on probation for {wait} s, and no REGISTER came after that."
            duties.owe(("return",), max(begins, now + wait) + profile.reaction, "no-register-after-probation", message)

    def _shorten(self, binding: OwnBinding, row: Told, sent: float, now: float) -> None:
        if row.event != "shortened" or row.expires is None:
            return
        profile = self._profile
        if sent + row.expires > binding.ends - _ROUNDING:
            return
        binding.granted, binding.ends = row.expires, sent + row.expires
        message = f"{binding.aor} at {binding.contact} was shortened to {row.expires} s, and no REGISTER came in time."
        by = max(binding.ends - profile.before_shortened_end, self._waits_until)
        if by <= now:
            by = now + profile.tolerance
        self._duties.owe(("refresh", binding), by, "too-late-after-shortened", message)

    def _owe_refresh(self, binding: OwnBinding) -> None:
        profile, granted = self._profile, binding.granted
        point = profile.refresh_point(granted)
        message = f"{binding.aor} at {binding.contact} was granted {granted} s and not refreshed after {point:g} s."
        by = binding.ends - granted + profile.refresh_deadline(granted)
        self._duties.owe(("refresh", binding), by, "late-refresh", message)
