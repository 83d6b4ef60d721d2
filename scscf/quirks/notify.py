"""A NOTIFY on its way out, as quirks change it: its header fields, and its document as a tree."""

from collections.abc import Callable

from lxml import etree

from scscf.regevent.notification import Notification
from scscf.regevent.reginfo import CONTENT_TYPE, NAMESPACE
from scscf.sip.message import Request

REGISTRATION = f"{{{NAMESPACE}}}registration"
CONTACT = f"{{{NAMESPACE}}}contact"
URI = f"{{{NAMESPACE}}}uri"
UNKNOWN_PARAM = f"{{{NAMESPACE}}}unknown-param"


class Notify:
    """One NOTIFY. `request` is changed in place; the tree is written back by `finish`."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.swallowed = False
        """It is not sent at all, and the subscription does not notice."""
        self.texts: list[Callable[[str], str]] = []
        """What is done to the document once it is text again."""
        self.dialog = (request.get("call-id") or "", request.get("from") or "")
        """Call-ID and From: they name its dialog here."""
        self._is_reginfo = bool(request.body) and request.content_type == CONTENT_TYPE
        self._root: etree._Element | None = None

    @property
    def is_final(self) -> bool:
        """Whether it ends the subscription (RFC 6665 §4.1.3)."""
        return (self.request.get("subscription-state") or "").startswith("terminated")

    @property
    def root(self) -> etree._Element | None:
        """The reginfo document, None where there is none."""
        if self._root is None and self._is_reginfo:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
            try:
                self._root = etree.fromstring(self.request.body, parser)
            except etree.XMLSyntaxError:
                return None
        return self._root

    @property
    def registrations(self) -> list[etree._Element]:
        """The addresses of record of the document."""
        return [] if self.root is None else self.root.findall(REGISTRATION)

    @property
    def contacts(self) -> list[etree._Element]:
        """Every contact of the document."""
        return [contact for registration in self.registrations for contact in registration.findall(CONTACT)]

    def finish(self) -> None:
        """Write the document back into the request."""
        if self._root is not None:
            self.request.body = etree.tostring(self._root, encoding="UTF-8", xml_declaration=True)
        for change in self.texts:
            text = self.request.body.decode("utf-8", "surrogateescape")
            self.request.body = change(text).encode("utf-8", "surrogateescape")


def undo(notification: Notification) -> None:
    """Have the subscription not know of a NOTIFY that is not sent: its next one gets the same version and CSeq."""
    subscription = notification.subscription
    subscription.version = (subscription.version - 1) % 2**32
    subscription.dialog.local_cseq -= 1
