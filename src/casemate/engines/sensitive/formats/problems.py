"""What can be wrong with a file.

    Unreadable           the file is not read, or not to its end; holds the reason in Macie's words
    └── BudgetSpent      a limit on the whole scan of this file is reached: nothing more is opened

Reasons are those of the model's `ClassificationResultStatus`, and UNSUPPORTED_FILE_TYPE_EXCEPTION where a format is not
one that is read.
"""

from __future__ import annotations

from typing import Final

UNSUPPORTED: Final = "UNSUPPORTED_FILE_TYPE_EXCEPTION"
MALFORMED: Final = "MALFORMED_FILE"
MALFORMED_OFFICE: Final = "MALFORMED_OR_FILE_SIZE_EXCEEDS_LIMIT"
UNPARSABLE: Final = "UNABLE_TO_PARSE_FILE"
TOO_LARGE: Final = "FILE_EXCEEDS_SIZE_LIMIT"
ARCHIVE_TOO_LARGE: Final = "ARCHIVE_EXCEEDS_SIZE_LIMIT"
ARCHIVE_UNPROCESSED: Final = "ARCHIVE_CONTAINS_UNPROCESSED_FILES"
ARCHIVE_TOO_DEEP: Final = "ARCHIVE_NESTING_LEVEL_OVER_LIMIT"
ARCHIVE_BYTES: Final = "ARCHIVE_TOTAL_BYTES_EXTRACTED_OVER_LIMIT"
ARCHIVE_DOCUMENTS: Final = "ARCHIVE_TOTAL_DOCUMENTS_PROCESSED_OVER_LIMIT"
JSON_TOO_DEEP: Final = "JSON_NESTING_LEVEL_OVER_LIMIT"
OFFICE_RATIO: Final = "OOXML_UNCOMPRESSED_RATIO_EXCEEDS_LIMIT"
OFFICE_SIZE: Final = "OOXML_UNCOMPRESSED_SIZE_EXCEEDS_LIMIT"
OUT_OF_TIME: Final = "TIME_CUT_OFF_REACHED"


class Unreadable(Exception):
    """A file that is not read, or not further. `reason` is Macie's, `detail` a sentence for people."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class BudgetSpent(Unreadable):
    """What may be spent on the outermost file is spent."""
