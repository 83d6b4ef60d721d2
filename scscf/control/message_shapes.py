"""The JSON shapes of messages: see scscf.control.shapes."""

from typing_extensions import TypedDict


class MessageLine(TypedDict):
    """One SIP or Cx message, summed up."""

    number: int
    """Rises; messages and events of the stream are numbered by one count."""
    at: float
    direction: str
    """in or out, as this S-CSCF sees it."""
    protocol: str
    """sip or cx."""
    transport: str
    """udp, tcp, tls or internal: it did not travel, the HSS is in this process; what it would have been is shown."""
    source: str
    """HOST:PORT."""
    destination: str
    aor: str | None
    """The address of record that it is about."""
    impi: str | None
    """The private identity that it names."""
    call_id: str | None
    """Call-ID; of a Cx message its Session-Id."""
    cseq: int | None
    summary: str
    """One line."""


class MessageView(MessageLine):
    """One SIP or Cx message; what proves who somebody is stands as zeroes, as many as it had octets."""

    raw: str
    """Of SIP the message, of Cx its octets in hex."""
    text: str
    """For people: of Cx an AVP a line."""


class MessagesView(TypedDict):
    """Messages, the newest last."""

    messages: list[MessageView]
    dropped: int
    """How many there were that are not kept any more."""
    last: int
    """The newest number there is, shown here or not: `since` this, nothing is missed."""
