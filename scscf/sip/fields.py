"""Header fields of a message as they stand: in wire order, found by name, written out (RFC 3261 §7.3)."""

from collections.abc import Callable, Iterable
from typing import Any, Final, Generic, TypeVar, overload

from scscf.errors import SipError
from scscf.sip.grammar import split_list
from scscf.sip.headers import KEYS, NOT_LISTS

T = TypeVar("T")

_TITLES: Final = {"call-id": "Call-ID", "cseq": "CSeq", "max-forwards": "Max-Forwards", "record-route": "Record-Route"}


def _title(key: str) -> str:
    return _TITLES.get(key) or key.title()


def bad(key: str) -> SipError:
    """Return the 400 for a header field that cannot be understood; `key` is its name in lower case."""
    return SipError(400, f"Bad {_title(key)} header")


def missing(key: str) -> SipError:
    """Return the 400 for a header field that must be there and is not; `key` is its name in lower case."""
    return SipError(400, f"Missing {_title(key)} header")


class parsed(Generic[T]):
    """A property that is worked out when it is first asked for and then kept, until a header field changes.

    It is what functools.cached_property is, without the lock that costs more than most of the parsing here.
    """

    def __init__(self, parse: Callable[[Any], T]) -> None:
        self._parse = parse
        self.__doc__ = parse.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, fields: None, owner: type) -> "parsed[T]": ...

    @overload
    def __get__(self, fields: "Fields", owner: type) -> T: ...

    def __get__(self, fields: "Fields | None", owner: type) -> "parsed[T] | T":
        if fields is None:
            return self
        value = fields.__dict__[self._name] = self._parse(fields)
        return value


class Fields:
    """The header fields of one message; values that were parsed are in its `__dict__`.

    Names given to the methods as `name_lower` are long names in lower case; compact forms are found by them too.
    Change header fields by the methods, not in `headers`, so that lookups stay right.
    """

    __slots__ = ("__dict__", "_first", "_more", "headers")

    headers: list[tuple[str, str]]
    """(name as written, value unfolded and stripped), in wire order."""
    _first: dict[str, str] | None
    _more: dict[str, list[str]] | None

    def _index(self) -> dict[str, str]:
        first: dict[str, str] = {}
        more: dict[str, list[str]] | None = None
        for name, value in self.headers:
            key = KEYS[name]
            if key in first:
                if more is None:
                    more = {}
                if key in more:
                    more[key].append(value)
                else:
                    more[key] = [first[key], value]
            else:
                first[key] = value
        self._first, self._more = first, more
        return first

    def _changed(self) -> None:
        self._first = self._more = None
        self.__dict__.clear()

    def get(self, name_lower: str) -> str | None:
        """Return the first value of a field, None where it is absent."""
        first = self._first
        if first is None:
            first = self._index()
        return first.get(name_lower)

    def get_all(self, name_lower: str) -> list[str]:
        """Return the values of every field of that name, in order, as they stand (comma lists unsplit)."""
        first = self._first
        if first is None:
            first = self._index()
        if name_lower not in first:
            return []
        more = self._more
        if more is not None and name_lower in more:
            return list(more[name_lower])
        return [first[name_lower]]

    def values(self, name_lower: str) -> list[str]:
        """Return the single values of every field of that name, comma lists split; empty ones are left out."""
        found: list[str] = []
        for value in self.get_all(name_lower):
            if "," in value and name_lower not in NOT_LISTS:
                found.extend([part for part in split_list(value) if part])
            elif value:
                found.append(value)
        return found

    def repeated(self) -> Iterable[str]:
        """Return the long names, in lower case, of the fields that stand there more than once."""
        if self._first is None:
            self._index()
        return self._more or ()

    def __contains__(self, name_lower: str) -> bool:
        first = self._first
        if first is None:
            first = self._index()
        return name_lower in first

    def add(self, name: str, value: str) -> None:
        """Append a field."""
        self.headers.append((name, value))
        self._changed()

    def set(self, name: str, value: str) -> None:
        """Put one field in place of every one of that name, where the first of them was, else at the end."""
        key = KEYS[name]
        kept: list[tuple[str, str]] = []
        placed = False
        for field in self.headers:
            if KEYS[field[0]] != key:
                kept.append(field)
            elif not placed:
                kept.append((name, value))
                placed = True
        if not placed:
            kept.append((name, value))
        self.headers = kept
        self._changed()

    def remove(self, name_lower: str) -> None:
        """Take out every field of that name."""
        self.headers = [field for field in self.headers if KEYS[field[0]] != name_lower]
        self._changed()

    def insert_first(self, name: str, value: str) -> None:
        """Put a field before all others, as a proxy does with Via and Record-Route."""
        self.headers.insert(0, (name, value))
        self._changed()

    def replace_top_via(self, text: str, via: object = None) -> None:
        """Put `text` in place of the topmost Via value and leave the others (RFC 3261 §18.2.1); no Via, no change.

        `via` is the new value parsed, where the caller has it.
        """
        for index, (name, value) in enumerate(self.headers):
            if KEYS[name] == "via":
                if "," in value:
                    text = ", ".join([text, *split_list(value)[1:]])
                self.headers[index] = (name, text)
                break
        else:
            return
        if self._first is not None:
            self._first["via"] = text
        if self._more is not None and "via" in self._more:
            self._more["via"][0] = text
        values = self.__dict__
        values.pop("vias", None)
        values.pop("via", None)
        if via is not None:
            values["via"] = via

    def clean_headers(self) -> list[tuple[str, str]]:
        """Return the fields with spaces for the line ends in them."""
        return [(one_line(name), one_line(value)) for name, value in self.headers]


def one_line(text: str) -> str:
    """Return `text` with spaces for its line ends, so that it cannot begin another header field."""
    return text.replace("\r", " ").replace("\n", " ")
