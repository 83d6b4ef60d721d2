"""What the calls of the control API may be asked with: the parameters behind the question mark."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from scscf.control.bodies import MAX_WAIT, Aor, Query, Reason, Wait

KINDS = ("registration", "contact", "subscription", "notify", "user_services", "third_party_register", "message")
"""What the event stream tells of."""
_KIND = "|".join(KINDS)


class PageQuery(Query):
    """Which registrations."""

    state: Literal["init", "active", "terminated"] | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    after: Annotated[str, Field(max_length=1000)] = ""
    """`next` of the page before."""
    q: Annotated[str, Field(max_length=200)] = ""
    """Only those with this text in the address of record, in a contact or in its private identity; case is ignored."""


class RegistrationQuery(Query):
    """What to wait for."""

    wait: Annotated[float, Field(ge=0, le=MAX_WAIT)] | None = None
    """Hold the answer until the state is so, at most this many seconds; 404 where it has not come."""
    state: Literal["init", "active", "terminated"] | None = None
    """What to wait for; active where it is not given."""


class SilentQuery(Query):
    """That nobody is told has to be said."""

    silent: Literal["true"]

    @model_validator(mode="before")
    @classmethod
    def _said(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and data.get("silent") != "true":
            raise ValueError("this tells nobody, so it has to say silent=true; POST /v1/deregistrations tells watchers")
        return data


class SubscriptionsQuery(Query):
    """Which subscriptions."""

    aor: Aor | None = None
    ended: bool = False
    """Also those that ended of late, after the live ones."""
    q: Annotated[str, Field(max_length=200)] = ""
    """Only those with this text in the address of record or the watcher; case is ignored."""
    limit: Annotated[int, Field(ge=1, le=1000)] | None = None
    """At most so many; all where it is not given."""
    skip: Annotated[int, Field(ge=0, le=10**9)] = 0
    """How many of them come before the first one shown."""
    bodies: bool = True
    """Whether the last document comes with each; without, its body is null."""


class NotifyQuery(Query):
    """Whether to wait for the watcher."""

    wait: Wait | None = None


class EndQuery(Query):
    """Why it ends."""

    reason: Reason | None = None
    """Subscription-State reason; the configured `terminated_reason` where it is not given."""


class EventsQuery(Query):
    """Which events."""

    kinds: Annotated[str, Field(pattern=f"^({_KIND})(,({_KIND}))*$", max_length=200)] = ",".join(KINDS)
    """Separated by commas; all where it is not given."""
    raw: bool = False
    """Whether messages come whole."""
    since: Annotated[int, Field(ge=0, le=2**63)] | None = None
    """What has a higher id is told of first, as with the header Last-Event-ID; what is not kept counts as `lost`."""
