"""What a 2xx to a REGISTER has to say (RFC 3261 §10.3 step 8, RFC 3327, RFC 5626, RFC 5627, TS 24.229 §5.4.1.2.2F)."""

from collections.abc import Iterator

from scscf.conformance.asking import Asking
from scscf.conformance.finding import Found
from scscf.conformance.network.bindings import Bindings, Listed, associated_of, match
from scscf.sip.message import Response


def judge_refusal(asking: Asking, response: Response) -> Iterator[Found]:
    """Yield what is wrong with any final answer to a REGISTER."""
    if response.status >= 600:
        yield "answered-6xx", f"REGISTER is answered {response.status}."
    if "record-route" in response:
        yield "record-route-in-answer", f"{response.status} to REGISTER has a Record-Route."
    if asking.star and asking.request.expires != 0 and (response.status < 300 or response.status == 500):
        yield "star-not-refused", f"Contact * without Expires 0 is answered {response.status}, 400 is due."


def judge_listing(asking: Asking, response: Response, listed: list[Listed], bindings: Bindings) -> Iterator[Found]:
    """Yield what is wrong with the contacts of a 2xx; `bindings` are those of before it."""
    values = response.get_all("contact")
    if any(not value.strip() for value in values):
        yield "empty-contact", "200 to REGISTER has a Contact with nothing in it."
    seen = set()
    for each in listed:
        uri = each.address.uri
        if each.seconds is None:
            yield "contact-without-expires", f"{uri} is listed without expires."
        if (uri.text, each.flow) in seen:
            yield "contact-listed-twice", f"{uri} is listed twice."
        seen.add((uri.text, each.flow))
    yield from _kept(asking, listed, bindings)
    yield from _removed(asking, listed, bindings)


def _kept(asking: Asking, listed: list[Listed], bindings: Bindings) -> Iterator[Found]:
    for contact in asking.kept:
        if any(name.lower() == "proxy" for name, _ in contact.params):
            continue  # MS-SIPREGE has the registrar put another address in its place.
        shown = match(contact, listed)
        if shown is None:
            yield "own-contact-missing", f"200 to REGISTER does not list {contact.uri}."
        elif shown.seconds == 0:
            yield "own-contact-missing", f"200 to REGISTER grants {contact.uri} 0 s."
        elif shown.seconds is not None and contact.seconds is not None and shown.seconds > contact.seconds:
            message = f"{contact.uri} asks for {contact.seconds} s and is granted {shown.seconds} s."
            yield "granted-more-than-asked", message
        before = bindings.find(asking.aor, contact.uri, contact.flow)
        if shown is not None and before is not None and before.listed is not None and before.live:
            old, new = before.listed.parameter("pub-gruu"), shown.address.parameter("pub-gruu")
            if old and new and old != new:
                yield "gruu-changed", f"The public GRUU of {contact.uri} was {old} and is {new}."


def _removed(asking: Asking, listed: list[Listed], bindings: Bindings) -> Iterator[Found]:
    gone = [(contact.uri, contact.flow) for contact in asking.contacts if contact.seconds == 0]
    if asking.star and asking.request.expires == 0:
        gone += [(binding.uri, binding.flow) for binding in bindings.live_of(asking.aor) if not binding.emergency]
    kept = [match(contact, listed) for contact in asking.kept]
    for uri, flow in gone:
        for each in listed:
            if each in kept:
                continue
            same = (
                flow == each.flow if flow is not None and each.flow is not None else uri.text == each.address.uri.text
            )
            if same and each.seconds and uri.parameter("sos") is None:
                yield "removed-contact-listed", f"{uri} was de-registered and is listed with {each.seconds} s."


def judge_fields(
    asking: Asking, response: Response, listed: list[Listed], bindings: Bindings, *, ims: bool, whole: bool
) -> Iterator[Found]:
    """Yield what is wrong with the other fields of a 2xx; `bindings` are those of after it.

    `whole`: whether the UE's registration was seen to begin.
    """
    request = asking.request
    sent, back = request.values("path"), response.values("path")
    if sent and asking.contacts and sent != back and (back or ims):
        yield (
            "path-not-echoed",
            f"Path was {', '.join(sent)[:120]} and comes back as {', '.join(back)[:120] or 'none'}.",
        )
    supported = {tag.lower() for tag in request.values("supported")}
    if "gruu" not in supported:
        for each in listed:
            if each.address.parameter("pub-gruu") or each.address.parameter("temp-gruu"):
                yield "gruu-unasked", f"{each.address.uri} is listed with a GRUU that nobody asked for."
                break
    required = {tag.lower() for tag in response.values("require")}
    if "outbound" in required and ("outbound" not in supported or not any(each.flow for each in asking.contacts)):
        yield "outbound-unasked", "200 to REGISTER requires outbound, and the request had no part in it."
    remain = any(each.seconds for each in listed) or any(binding.live for binding in bindings)
    if asking.kept and not asking.is_emergency:
        if not associated_of(response):
            yield "associated-uri-missing", "200 to REGISTER has no P-Associated-URI."
        if not response.values("service-route"):
            yield "service-route-missing", "200 to REGISTER has no Service-Route."
    if asking.removes and whole and not bindings.gaps and not remain and response.values("service-route"):
        yield "service-route-on-deregister", "200 to a de-REGISTER that leaves nothing has a Service-Route."
    associated = associated_of(response)
    if len(set(associated)) < len(associated):
        yield "associated-uri-twice", f"P-Associated-URI names an identity twice: {', '.join(associated)[:160]}."
