"""Quirks: ways in which networks in the field misbehave, each a transformation of messages, off unless asked for."""

from scscf.quirks.quirk import Quirk
from scscf.quirks.quirks import Quirks, UnknownQuirkError
from scscf.quirks.table import QUIRKS

__all__ = ["QUIRKS", "Quirk", "Quirks", "UnknownQuirkError"]
