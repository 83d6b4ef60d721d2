"""What the logs look like: one line of text or one JSON object an event; at debug every message, secrets left out."""

import json
import logging
import re
import sys
from collections.abc import Mapping

_SECRETS = re.compile(
    r'(?<![\w-])(response|rspauth|cnonce|ck|ik|auts|gssapi-data(?!=""))\s*=\s*(?:"[^"]*"?|[^",;\s<>]+)', re.IGNORECASE
)
_TOKENS = re.compile(r"^((?:proxy-)?authorization\s*:\s*(?:basic|bearer)\s+)[^\r\n]+", re.IGNORECASE | re.MULTILINE)
_PLAIN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}

messages = logging.getLogger("scscf.messages")


def without_secrets(text: str) -> str:
    """Return a SIP message with the values hidden that prove who somebody is."""
    return _TOKENS.sub(r"\1...", _SECRETS.sub(r'\1="..."', text))


def log_message(direction: str, transport: str, local: tuple[str, int], remote: tuple[str, int], data: bytes) -> None:
    """Log one SIP message at debug; `direction` is `in` or `out`."""
    arrow = "<-" if direction == "in" else "->"
    text = without_secrets(data.decode("utf-8", "replace"))
    messages.debug(
        "%s %s %s:%s",
        transport,
        arrow,
        *remote[:2],
        extra={"direction": direction, "transport": transport, "local": f"{local[0]}:{local[1]}",
               "remote": f"{remote[0]}:{remote[1]}", "sip": text},
    )  # fmt: skip


def log_diameter(direction: str, transport: str, local: tuple[str, int], remote: tuple[str, int], text: str) -> None:
    """Log one Diameter message at debug, as the text that it is shown by."""
    messages.debug(
        "%s %s %s:%s",
        transport,
        "<-" if direction == "in" else "->",
        *remote[:2],
        extra={"direction": direction, "transport": transport, "local": f"{local[0]}:{local[1]}",
               "remote": f"{remote[0]}:{remote[1]}", "diameter": text},
    )  # fmt: skip


class TextFormatter(logging.Formatter):
    """One line an event; a SIP message on the lines after it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of one event."""
        line = super().format(record)
        text = getattr(record, "sip", None) or getattr(record, "diameter", None)
        return line if text is None else f"{line}\n{text}"


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message and whatever the event adds."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of one event."""
        more: Mapping[str, object] = {
            key: value for key, value in record.__dict__.items() if key not in _PLAIN and not key.startswith("_")
        }
        line: dict[str, object] = {
            "time": round(record.created, 6),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        } | {key: str(value) for key, value in more.items()}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up_logs(level: str, format: str) -> None:
    """Send every log of this process to stderr, as text or json, from a level on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if format == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
