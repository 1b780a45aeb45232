"""The formats that are read, and the MIME type that a finding names each by."""

from __future__ import annotations

from enum import Enum


class Format(Enum):
    """A format told apart by content; the value is its MIME type."""

    TEXT = "text/plain"
    MARKDOWN = "text/markdown"
    YAML = "application/yaml"
    CSV = "text/csv"
    TSV = "text/tab-separated-values"
    JSON = "application/json"
    JSON_LINES = "application/x-ndjson"
    XML = "application/xml"
    HTML = "text/html"
    MAIL = "message/rfc822"
    GZIP = "application/gzip"
    BZIP2 = "application/x-bzip2"
    XZ = "application/x-xz"
    ZSTD = "application/zstd"
    TAR = "application/x-tar"
    ZIP = "application/zip"
    SEVEN_ZIP = "application/x-7z-compressed"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    ODT = "application/vnd.oasis.opendocument.text"
    ODP = "application/vnd.oasis.opendocument.presentation"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    XLSB = "application/vnd.ms-excel.sheet.binary.macroenabled.12"
    ODS = "application/vnd.oasis.opendocument.spreadsheet"
    XLS = "application/vnd.ms-excel"
    PDF = "application/pdf"
    PARQUET = "application/vnd.apache.parquet"
    ORC = "application/vnd.apache.orc"
    AVRO = "application/avro"
    OLE = "application/x-ole-storage"
    EMPTY = "application/x-empty"
    BINARY = "application/octet-stream"

    @property
    def mime_type(self) -> str:
        return self.value


COMPRESSED = frozenset({Format.GZIP, Format.BZIP2, Format.XZ, Format.ZSTD})
ARCHIVES = frozenset({Format.TAR, Format.ZIP, Format.SEVEN_ZIP}) | COMPRESSED
OFFICE = frozenset(
    {
        Format.DOCX,
        Format.PPTX,
        Format.ODT,
        Format.ODP,
        Format.XLSX,
        Format.XLSB,
        Format.ODS,
        Format.XLS,
        Format.OLE,
    }
)
COLUMNAR = frozenset({Format.PARQUET, Format.ORC, Format.AVRO})
NATIVE = frozenset(
    {
        Format.XLSX,
        Format.XLSB,
        Format.ODS,
        Format.XLS,
        Format.PDF,
        Format.PARQUET,
        Format.ORC,
        Format.AVRO,
        Format.OLE,
        Format.SEVEN_ZIP,
    }
)
"""Formats whose readers rest on large native parsers, or on ones that trust what they read: they run apart."""
