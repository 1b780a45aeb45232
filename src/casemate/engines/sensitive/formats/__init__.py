"""Readers of file formats: bytes in, units of text with their places out (`casemate.contracts.sensitive`).

`Readers` is the door to all of them. Formats are told apart by content and then by name; what is packed in a file is
read too, within limits; what can't be read is a `Problem`, never an exception.
"""

from casemate.engines.sensitive.formats.detection import detect
from casemate.engines.sensitive.formats.kinds import Format
from casemate.engines.sensitive.formats.native import NativeReader, Packed
from casemate.engines.sensitive.formats.native_readers import read_here
from casemate.engines.sensitive.formats.problems import Unreadable
from casemate.engines.sensitive.formats.readers import Readers

__all__ = ["Format", "NativeReader", "Packed", "Readers", "Unreadable", "detect", "read_here"]
