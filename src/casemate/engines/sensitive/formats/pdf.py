"""PDF as pages of text, through PDFium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from casemate.contracts.sensitive import Limits, PageText, Unit
from casemate.engines.sensitive.formats.problems import MALFORMED, UNPARSABLE, Unreadable

MOST_PAGES: Final = 100_000
LONGEST_PAGE: Final = 4_000_000
"""Characters of one page that are read."""


def read_pdf(file: BinaryIO, _limits: Limits) -> Iterator[Unit]:
    """The pages of a document, and what stands in its form fields' and annotations' text. Raises Unreadable."""
    import pypdfium2 as pdfium  # type: ignore[import-untyped]  # noqa: PLC0415  a native library, loaded when it is needed

    try:
        document = pdfium.PdfDocument(file)
    except pdfium.PdfiumError as error:
        reason = UNPARSABLE if "password" in str(error).lower() else MALFORMED
        raise Unreadable(reason, f"the PDF can't be opened: {error}") from error
    broken: list[int] = []
    try:
        for index in range(min(len(document), MOST_PAGES)):
            try:
                page = document[index]
                text_page = page.get_textpage()
                text = text_page.get_text_range(0, min(text_page.count_chars(), LONGEST_PAGE), errors="replace")
            except pdfium.PdfiumError:
                broken.append(index + 1)
                continue
            if text:
                yield PageText(index + 1, text.replace("\r\n", "\n").replace("\ufffe", "-"))
            text_page.close()
            page.close()
    finally:
        document.close()
    if broken:
        raise Unreadable(MALFORMED, f"pages that can't be read: {', '.join(map(str, broken[:20]))}")
