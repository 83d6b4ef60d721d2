"""The calls about messages: the last ones that were seen, and a capture of them."""

from typing import Annotated

from pydantic import Field

from scscf.capture.pcapng import Writer
from scscf.control.api import Api
from scscf.control.bodies import Aor, Query, Text
from scscf.control.message_shapes import MessagesView, MessageView
from scscf.control.message_views import message_view, recorded
from scscf.control.next_turn import next_turn
from scscf.control.route import Answer, Call, Content, Route
from scscf.errors import SipError
from scscf.messages.scan import Scan
from scscf.procedures.state import Node
from scscf.sip.uri import parse_uri
from scscf.sip.uri_comparison import aor_of

AT_ONCE = 100
"""Messages that are worked on before the node turns to what else there is to do."""
_COSTS = 10
"""Messages that are scanned in the time in which one is worked out."""
PCAPNG = "application/x-pcapng"

_Number = Annotated[int, Field(ge=0, le=2**63)]


class MessagesQuery(Query):
    """Which messages."""

    aor: Aor | None = None
    """That name this identity, or another one of its implicit set while it is registered, and their Cx sessions."""
    impi: Text | None = None
    """That name this private identity, and those with the same Call-ID or Session-Id."""
    call_id: Text | None = None
    """With this Call-ID, or Session-Id."""
    since: _Number | None = None
    """With a higher number: the first ones after it. Without, the last ones there are."""
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class CaptureQuery(Query):
    """Which messages."""

    aor: Aor | None = None
    """That name this identity, or another one of its implicit set while it is registered, and their Cx sessions."""
    since: _Number | None = None
    """With a higher number."""


async def messages(api: Api, call: Call) -> Answer:
    """Show SIP and Cx messages that were seen last, the newest last; `messages` configures how many are kept."""
    query: MessagesQuery = call.query
    ring = api.node.messages
    aors = None if query.aor is None else await _identities(api, query.aor)
    if query.since is None or query.since < ring.last:
        await _looked_at(api.node, call, Scan(aors, query.impi, query.call_id))
    last = ring.last
    shown: list[MessageView] = []
    for seen in ring.find(aors, query.impi, query.call_id, query.since, query.limit):
        shown.append(message_view(seen))
        if len(shown) % AT_ONCE == 0:
            await next_turn(api.node)
    body: MessagesView = {"messages": shown, "dropped": ring.dropped, "last": last}
    return Answer(200, body)


async def capture(api: Api, call: Call) -> Answer:
    """Return the messages that are kept as a capture (pcapng): IP packets are made up around them."""
    query: CaptureQuery = call.query
    node = api.node
    aors = None if query.aor is None else await _identities(api, query.aor)
    await _looked_at(node, call, Scan(aors))
    writer = Writer(interface="scscf")
    blocks = [writer.head()]
    for index, seen in enumerate(node.messages.find(aors, since=query.since), 1):
        blocks.append(writer.message(recorded(seen, keys=node.config.capture.keys)))
        if index % AT_ONCE == 0:
            await next_turn(node)
            if call.gone.done:
                break
    blocks.append(writer.end())
    return Answer(200, {}, Content(PCAPNG, b"".join(blocks), "scscf.pcapng"))


async def _looked_at(node: Node, call: Call, scan: Scan) -> None:
    """Have it worked out, a few at a time, what every message is about that may be looked for."""
    done = 0
    for seen in node.messages if scan.chooses else ():
        if not seen.known:
            done += 1
            if scan.may_fit(seen):
                seen.work_out()
                done += _COSTS
            if done > AT_ONCE * _COSTS:
                done = 0
                await next_turn(node)
                if call.gone.done:
                    return


async def _identities(api: Api, text: str) -> tuple[str, ...]:
    """Return an identity, canonical where it is a URI, and those of its implicit set while it is registered."""
    try:
        aor = aor_of(parse_uri(text))
    except SipError:
        return (text,)
    record = await api.node.store.find(aor)
    others = () if record is None else tuple(identity.uri for identity in record.identities_with(aor))
    return (aor, *others)


MESSAGES: tuple[Route, ...] = (
    Route("GET", "/v1/messages", messages, 200, MessagesView, MessagesQuery),
    Route("GET", "/v1/capture.pcapng", capture, 200, bytes, CaptureQuery),
)
"""Calls of the S-CSCF's control API."""
