"""What differs between the worlds that a registrar serves: data and pure functions, one file each."""

from scscf.dialects.dialect import Dialect
from scscf.dialects.ims import IMS
from scscf.dialects.rfc3261 import RFC3261
from scscf.dialects.siprege import SIPREGE

DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (IMS, RFC3261, SIPREGE)}
"""By the name that the configuration uses."""

__all__ = ["DIALECTS", "Dialect"]
