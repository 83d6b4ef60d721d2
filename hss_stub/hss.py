"""The HSS towards foreign CSCFs: UAR, LIR, MAR and SAR as values (TS 29.228 §6.1-§6.3, §8.1)."""

from collections.abc import Callable, Iterable, Mapping

from hss_stub.assignment_rules import FAILED, KEEPING, LEAVING, refusal
from hss_stub.auth_items import auth_items
from hss_stub.procedures import HssProcedures
from hss_stub.pushes import NobodyError, Push
from hss_stub.registration_states import WITH_PROFILE, RegistrationState
from hss_stub.servers import Servers, Serving
from hss_stub.subscriber import Subscriber
from scscf.cx import (
    NTLM,
    Assignment,
    AssignmentData,
    DeregistrationReason,
    LocationInfo,
    LocationInfoAnswer,
    MultimediaAuth,
    MultimediaAuthAnswer,
    RegistrationTermination,
    Result,
    ServerAssignment,
    UserAuthorization,
    UserAuthorizationAnswer,
    UserAuthorizationType,
)
from scscf.profile.service_profile import ImplicitSet, UserProfile
from scscf.profile.user_data_document import user_data


class Hss:
    """An HSS over the subscribers and states of `core`; without `keeps_names` no server name is stored on request."""

    def __init__(self, core: HssProcedures, servers: Servers, *, keeps_names: bool = True) -> None:
        self.core = core
        self.servers = servers
        self.keeps_names = keeps_names
        self.moved: Callable[[Push], object] = lambda push: None
        """Called with an RTR for the S-CSCF that served a user until another one registered them (TS 29.228 §8.1.1)."""

    def user_authorization(self, request: UserAuthorization) -> UserAuthorizationAnswer:
        """UAR (TS 29.228 §6.1.1.1)."""
        subscriber = self.core.subscribers.find(request.private_identity)
        leaves = request.type is UserAuthorizationType.DE_REGISTRATION
        visited = request.visited_network.lower() if request.visited_network and not leaves else None
        if visited is not None and subscriber is not None and visited == _home(subscriber, request.public_identity):
            visited = None
        result = self.core.authorise(request.private_identity, request.public_identity, visited, request.emergency)
        result = self._or_unknown(result, request.public_identity)
        if result is not Result.SUCCESS or subscriber is None:
            return UserAuthorizationAnswer(result)
        serving = self.servers.find(subscriber.profile.subscription)
        if leaves:
            state = self.core.registration_state(request.private_identity, request.public_identity)
            if serving is None or state is RegistrationState.NOT_REGISTERED:
                return UserAuthorizationAnswer(Result.IDENTITY_NOT_REGISTERED)
            return UserAuthorizationAnswer(Result.SUCCESS, serving.server_name)
        if request.type is UserAuthorizationType.REGISTRATION_AND_CAPABILITIES:
            return UserAuthorizationAnswer(Result.SUCCESS, None, self.servers.capabilities())
        if serving is not None:
            return UserAuthorizationAnswer(Result.SUBSEQUENT_REGISTRATION, serving.server_name)
        return UserAuthorizationAnswer(Result.FIRST_REGISTRATION, None, self.servers.capabilities())

    def location_info(self, request: LocationInfo) -> LocationInfoAnswer:
        """LIR (TS 29.228 §6.1.4.1)."""
        found = self._subscriber_of(request.public_identity)
        if found is None:
            return LocationInfoAnswer(Result.USER_UNKNOWN)
        profile = found.profile
        identity = profile.identity(request.public_identity)
        wildcarded = identity.uri if identity is not None and identity.wildcarded else None
        if request.type is UserAuthorizationType.REGISTRATION_AND_CAPABILITIES:
            return LocationInfoAnswer(Result.SUCCESS, None, self.servers.capabilities(), wildcarded)
        serving = self.servers.find(profile.subscription)
        services = identity.service_profile.criteria if identity is not None and identity.service_profile else ()
        wanted = request.originating or any(criterion.registered_part is not True for criterion in services)
        if not wanted and not self._is_reachable(request.public_identity):
            return LocationInfoAnswer(Result.IDENTITY_NOT_REGISTERED)
        if serving is not None:
            return LocationInfoAnswer(Result.SUCCESS, serving.server_name, None, wildcarded)
        return LocationInfoAnswer(Result.UNREGISTERED_SERVICE, None, self.servers.capabilities(), wildcarded)

    def multimedia_auth(self, request: MultimediaAuth, host: str | None = None) -> MultimediaAuthAnswer:
        """MAR (TS 29.228 §6.3.1): the asking S-CSCF is stored as the one that authenticates the user.

        After a synchronisation failure only the S-CSCF that is stored gets an answer (TS 29.228 §8.1).
        """
        failed = MultimediaAuthAnswer(Result.AUTH_SCHEME_NOT_SUPPORTED, request.private_identity)
        if request.failed is not None and self._serves_another(request):
            return failed._replace(result=Result.UNABLE_TO_COMPLY)
        impi, ntlm = request.private_identity, request.scheme.upper() == NTLM
        answer = self.core.authenticate(impi, request.public_identity, None, request.failed, ntlm=ntlm)
        if answer.result is not Result.SUCCESS:
            return failed._replace(result=self._or_unknown(answer.result, request.public_identity))
        items = auth_items(self.core, request, answer)
        if not items:
            return failed
        self._authenticating(request, host)
        return MultimediaAuthAnswer(Result.SUCCESS, request.private_identity, request.public_identity, items)

    def server_assignment(self, request: Assignment, host: str | None = None) -> AssignmentData:
        """SAR (TS 29.228 §6.1.2.1)."""
        what, aors = request.type, request.public_identities
        found = self._named(request)
        if found is None:
            return AssignmentData(Result.USER_UNKNOWN)
        profile = found.profile
        for aor in aors:
            if profile.set_of(aor) is None:
                return AssignmentData(self._or_unknown(Result.IDENTITIES_DONT_MATCH, aor), profile.private_identity)
        refused = refusal(request, self.servers.find(profile.subscription))
        if refused is not None:
            return AssignmentData(refused, profile.private_identity)
        if what in FAILED:
            self._authentication_is_over(profile)
            return AssignmentData(Result.SUCCESS, profile.private_identity)
        result = Result.SUCCESS
        kept = what in KEEPING and self.keeps_names
        told = what
        if what in KEEPING and not kept:
            result, told = Result.SUCCESS_SERVER_NAME_NOT_STORED, ServerAssignment.USER_DEREGISTRATION
        elif what is ServerAssignment.UNREGISTERED_USER and self._is_registered(profile, aors[0]):
            # An S-CSCF asks so that has lost its data: the user stays registered (TS 29.228 §6.1.2.1, TS 23.380).
            told = ServerAssignment.NO_ASSIGNMENT
        self._move(request, profile)
        for aor in aors or tuple(row[0].uri for row in profile.sets):
            answer = self.core.assign(profile.private_identity, aor, told)
            if not answer.result.is_success:
                return AssignmentData(answer.result, profile.private_identity)
        self._served(request, profile, host)
        implicit_set = profile.set_of(aors[0]) if aors else profile.sets[0]
        data = AssignmentData(result, profile.private_identity)
        if what not in WITH_PROFILE and what is not ServerAssignment.RESTORATION:
            return data
        return self._with_profile(data, request, profile, implicit_set)

    def serving(self, private_identity: str) -> tuple[str, str | None]:
        """Return Server-Name and Origin-Host of a user's S-CSCF. Raises NobodyError."""
        subscriber = self.core.subscribers.find(private_identity)
        if subscriber is None:
            raise NobodyError(f"there is no {private_identity}")
        found = self.servers.find(subscriber.profile.subscription)
        if found is None:
            raise NobodyError(f"{private_identity} has no S-CSCF")
        return found.server_name, found.host

    def released(self, private_identities: Iterable[str]) -> None:
        """Forget the S-CSCF of each of these whose subscription has nothing registered any more."""
        for private_identity in private_identities:
            subscriber = self.core.subscribers.find(private_identity)
            if subscriber is not None and not self._is_served(subscriber.profile):
                self.servers.clear(subscriber.profile.subscription)

    def dropped(self, profiles: Iterable[UserProfile]) -> None:
        """Forget what is kept of users whom the subscribers file has no more."""
        for profile in profiles:
            self.servers.keep_restoration(profile.private_identity, None)
            if not self._is_served(profile):
                self.servers.clear(profile.subscription)

    def renamed(self, names: Mapping[str, str]) -> None:
        """Keep the S-CSCF of users whose subscription may have another name now; `names` has the names of before."""
        left = set()
        for private_identity, name in names.items():
            subscriber = self.core.subscribers.find(private_identity)
            serving = self.servers.find(name)
            if subscriber is None or serving is None or subscriber.profile.subscription == name:
                continue
            left.add(name)
            if self.servers.find(subscriber.profile.subscription) is None:
                self.servers.keep(subscriber.profile.subscription, serving)
        if left:
            found = (self.core.subscribers.find(each) for each in self.core.served())
            for name in left - {each.profile.subscription for each in found if each is not None}:
                self.servers.clear(name)

    def _with_profile(
        self, data: AssignmentData, request: Assignment, profile: UserProfile, implicit_set: ImplicitSet | None
    ) -> AssignmentData:
        others = self._private_identities(profile)
        kept = self.servers.restoration(profile.private_identity)
        return data._replace(
            user_data=None if request.user_data_available else user_data(profile, implicit_set or ()),
            charging=profile.charging,
            associated=tuple(each for each in others if each != profile.private_identity),
            restoration=(kept,) if kept is not None and request.restoration is None else (),
        )

    def _named(self, request: Assignment) -> Subscriber | None:
        if request.private_identity:
            return self.core.subscribers.find(request.private_identity)
        return self._subscriber_of(request.public_identities[0]) if request.public_identities else None

    def _or_unknown(self, result: Result, aor: str) -> Result:
        """Tell an identity that nobody has from one that another user has."""
        if result is Result.IDENTITIES_DONT_MATCH and not self.core.subscribers.by_public(aor):
            return Result.USER_UNKNOWN
        return result

    def _serves_another(self, request: MultimediaAuth) -> bool:
        found = self.core.subscribers.find(request.private_identity)
        serving = None if found is None else self.servers.find(found.profile.subscription)
        return serving is not None and serving.server_name != request.server_name

    def _authenticating(self, request: MultimediaAuth, host: str | None) -> None:
        found = self.core.subscribers.find(request.private_identity)
        if found is None or not request.server_name:
            return
        subscription = found.profile.subscription
        before = self.servers.find(subscription)
        if before is None:
            self.servers.keep(subscription, Serving(request.server_name, host, True))
        elif before.server_name == request.server_name:
            self.servers.keep(subscription, before._replace(host=host))
        else:
            # TS 29.228 §8.1: the S-CSCF that asks takes the place of another one.
            old = before.before if before.pending else (before.server_name, before.host)
            back = old is not None and old[0] == request.server_name
            told = None if old is None or old[1] in (None, host) else old
            self.servers.keep(subscription, Serving(request.server_name, host, not back, told))

    def _move(self, request: Assignment, profile: UserProfile) -> None:
        """Where another S-CSCF than before registers a user, end what that one has of the subscription."""
        serving = self.servers.find(profile.subscription)
        if request.type is not ServerAssignment.REGISTRATION or serving is None or serving.before is None:
            return
        for private_identity in self._private_identities(profile):
            subscriber = self.core.subscribers.find(private_identity)
            if subscriber is None or not self._has_state(subscriber.profile):
                continue
            for row in subscriber.profile.sets:
                self.core.assign(private_identity, row[0].uri, ServerAssignment.ADMINISTRATIVE_DEREGISTRATION)
            reason = DeregistrationReason.NEW_SERVER_ASSIGNED
            self.moved(Push(*serving.before, RegistrationTermination(private_identity, reason)))

    def _authentication_is_over(self, profile: UserProfile) -> None:
        serving = self.servers.find(profile.subscription)
        if serving is None or not serving.pending:
            return
        if not self._is_served(profile):
            self.servers.clear(profile.subscription)
        elif serving.before is not None:
            self.servers.keep(profile.subscription, Serving(*serving.before, False))

    def _served(self, request: Assignment, profile: UserProfile, host: str | None) -> None:
        """Store the S-CSCF where anything of the subscription is served by it, else forget it."""
        if request.type is ServerAssignment.NO_ASSIGNMENT:
            return
        if request.restoration is not None:
            self.servers.keep_restoration(profile.private_identity, request.restoration)
        if request.type in LEAVING:
            self.servers.keep_restoration(profile.private_identity, None)
        if self._is_served(profile):
            self.servers.keep(profile.subscription, Serving(request.server_name, host, False))
        else:
            self.servers.clear(profile.subscription)

    def _is_registered(self, profile: UserProfile, aor: str) -> bool:
        return self.core.registration_state(profile.private_identity, aor) is RegistrationState.REGISTERED

    def _is_served(self, profile: UserProfile) -> bool:
        found = (self.core.subscribers.find(each) for each in self._private_identities(profile))
        return any(each is not None and self._has_state(each.profile) for each in found)

    def _has_state(self, profile: UserProfile) -> bool:
        return any(
            self.core.registration_state(profile.private_identity, row[0].uri) is not RegistrationState.NOT_REGISTERED
            for row in profile.sets
        )

    def _is_reachable(self, aor: str) -> bool:
        """Return whether an identity is registered by anybody, or an S-CSCF is kept for it."""
        users = self.core.subscribers.by_public(aor)
        return any(self.core.registration_state(each, aor) is not RegistrationState.NOT_REGISTERED for each in users)

    def _private_identities(self, profile: UserProfile) -> tuple[str, ...]:
        """Return every private identity that shares an identity with this one, it included."""
        found = dict.fromkeys((profile.private_identity,))
        for row in profile.sets:
            found |= dict.fromkeys(self.core.subscribers.by_public(row[0].uri))
        return tuple(found)

    def _subscriber_of(self, aor: str) -> Subscriber | None:
        private_identity = next(iter(self.core.subscribers.by_public(aor)), None)
        return self.core.subscribers.find(private_identity) if private_identity is not None else None


def _home(subscriber: Subscriber, public_identity: str) -> str:
    """Return the home network's domain, which needs no leave to roam in."""
    private_identity = subscriber.profile.private_identity
    return (private_identity if "@" in private_identity else public_identity).rpartition("@")[2].lower()
