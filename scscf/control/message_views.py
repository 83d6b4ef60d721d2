"""Messages as the control API shows them, and as captures have them: without what proves who somebody is."""

from scscf.capture.recording import Recorded
from scscf.config.listen import hostport
from scscf.control.message_shapes import MessageLine, MessageView
from scscf.diameter.display import shown
from scscf.messages.hidden import hidden
from scscf.messages.seen import INTERNAL, SIP, Seen

NOT_SENT = "did not travel: the HSS is in the S-CSCF's own process"


def message_view(seen: Seen) -> MessageView:
    """Return a message as it is shown, whole."""
    octets = hidden(seen.protocol, seen.data)
    if seen.protocol == SIP:
        raw = text = octets.decode("utf-8", "replace")
    else:
        raw, text = octets.hex(), shown(octets)
    return {**message_line(seen), "raw": raw, "text": text}


def message_line(seen: Seen) -> MessageLine:
    """Return a message summed up."""
    facts = seen.facts
    return {
        "number": seen.number,
        "at": seen.at,
        "direction": seen.direction,
        "protocol": seen.protocol,
        "transport": seen.transport,
        "source": hostport(*seen.source),
        "destination": hostport(*seen.destination),
        "aor": facts.aor,
        "impi": facts.impi,
        "call_id": facts.call_id,
        "cseq": facts.cseq,
        "summary": facts.summary,
    }


def recorded(seen: Seen, *, keys: bool) -> Recorded:
    """Return a message for a capture; with `keys` as it travelled. What did not travel has no secrets in any case."""
    internal = seen.transport == INTERNAL
    return Recorded(
        seen.at,
        "sip" if seen.protocol == SIP else "diameter",
        seen.transport,
        seen.source,
        seen.destination,
        seen.data if keys and not internal else hidden(seen.protocol, seen.data),
        remark=NOT_SENT if internal else "",
    )
