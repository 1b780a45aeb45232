"""Results in the shape that Macie's API gives to findings (model, `Finding`).

A file that is packed inside another has a finding of its own: `s3Object.embeddedFileDetails.filePath` names it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from casemate.engines.sensitive.results import Detection, FileResult, Occurrences

_SCORES: Final = {"Low": 1, "Medium": 2, "High": 3}
_TYPES: Final = {
    "CREDENTIALS": "Credentials",
    "FINANCIAL_INFORMATION": "Financial",
    "PERSONAL_INFORMATION": "Personal",
    "CUSTOM_IDENTIFIER": "CustomIdentifier",
}
_TITLES: Final = {
    "Credentials": "The S3 object contains credentials data",
    "Financial": "The S3 object contains financial information",
    "Personal": "The S3 object contains personal information",
    "CustomIdentifier": "The S3 object contains custom data identifiers",
    "Multiple": "The S3 object contains multiple categories of sensitive data",
}


@dataclass(frozen=True, slots=True)
class Resource:
    """What was scanned. `bucket` is None for a file that lies in no bucket."""

    key: str
    size: int
    last_modified: str
    """ISO 8601, UTC."""
    bucket: str | None = None
    account: str = ""
    region: str = ""
    partition: str = "aws"


def finding(result: FileResult, resource: Resource, *, now: str, most: int | None = 15) -> dict[str, Any] | None:
    """The finding of one file, or None where nothing was found. `now` is ISO 8601, UTC.

    `most` occurrences get a place, taken detection by detection; None gives every one its place.
    """
    if not result.detections:
        return None
    kinds = {_TYPES[detection.category] for detection in result.detections}
    kind = kinds.pop() if len(kinds) == 1 else "Multiple"
    level = max((detection.severity for detection in result.detections), key=_SCORES.__getitem__)
    described, left_out = _classification(result, most)
    place = "/".join((resource.key, *result.members))
    identity = hashlib.sha256(repr((resource.bucket, place, described)).encode()).hexdigest()[:32]
    return {
        "accountId": resource.account,
        "archived": False,
        "category": "CLASSIFICATION",
        "classificationDetails": {
            "result": described | {"sizeClassified": resource.size, "additionalOccurrences": left_out}
        },
        "count": 1,
        "createdAt": now,
        "description": f"{_TITLES[kind]}.",
        "id": identity,
        "partition": resource.partition,
        "region": resource.region,
        "resourcesAffected": {"s3Bucket": _bucket(resource), "s3Object": _object(result, resource)},
        "sample": False,
        "schemaVersion": "1.0",
        "severity": {"description": level, "score": _SCORES[level]},
        "title": _TITLES[kind],
        "type": f"SensitiveData:S3Object/{kind}",
        "updatedAt": now,
    }


def _bucket(resource: Resource) -> dict[str, Any]:
    if resource.bucket is None:
        return {}
    return {"name": resource.bucket, "arn": f"arn:{resource.partition}:s3:::{resource.bucket}"}


def _object(result: FileResult, resource: Resource) -> dict[str, Any]:
    described: dict[str, Any] = {
        "key": resource.key,
        "path": f"{resource.bucket}/{resource.key}" if resource.bucket else resource.key,
        "extension": PurePosixPath(resource.key).suffix.removeprefix("."),
        "size": resource.size,
        "lastModified": resource.last_modified,
    }
    if result.members:
        inner = "/".join(result.members)
        described["embeddedFileDetails"] = {
            "filePath": inner,
            "fileExtension": PurePosixPath(inner).suffix.removeprefix("."),
        }
    return described


def _classification(result: FileResult, most: int | None) -> tuple[dict[str, Any], bool]:
    left = most
    sensitive: dict[str, list[dict[str, Any]]] = {}
    custom: list[dict[str, Any]] = []
    for detection in result.detections:
        described = {"count": detection.count, "occurrences": occurrences(detection.occurrences, left)}
        if left is not None:
            left = max(0, left - detection.count)
        if detection.category == "CUSTOM_IDENTIFIER":
            custom.append({"arn": detection.arn or "", "name": detection.type} | described)
        else:
            sensitive.setdefault(detection.category, []).append({"type": detection.type} | described)
    total = sum(detection.count for detection in result.detections)
    return {
        "mimeType": result.mime_type,
        "status": {"code": result.status, "reason": result.reason},
        "sensitiveData": [
            {"category": category, "detections": detections, "totalCount": _total(result.detections, category)}
            for category, detections in sensitive.items()
        ],
        "customDataIdentifiers": {"detections": custom, "totalCount": _total(result.detections, "CUSTOM_IDENTIFIER")},
    }, most is not None and total > most


def _total(detections: Sequence[Detection], category: str) -> int:
    return sum(detection.count for detection in detections if detection.category == category)


def occurrences(found: Occurrences, most: int | None = None) -> dict[str, Any]:
    """Places in the model's shape `Occurrences`: at most so many, cells first."""
    places: dict[str, list[dict[str, Any]]] = {}
    left = most if most is not None else found.count
    for name, items in (
        ("cells", [_cell(*cell) for cell in found.cells[:left]]),
        ("lineRanges", [{"start": start, "end": end, "startColumn": at} for start, end, at in found.lines[:left]]),
        ("pages", [{"pageNumber": number} for number in found.pages[:left]]),
        ("records", [_record(*record) for record in found.records[:left]]),
    ):
        if items and left:
            places[name] = items[:left]
            left -= len(places[name])
    return places


def _cell(row: int, column: int, name: str | None, sheet: str | None) -> dict[str, Any]:
    reference = None if sheet is None else f"{sheet}!{_letters(column)}{row}"
    return {"row": row, "column": column, "columnName": name, "cellReference": reference}


def _letters(column: int) -> str:
    """A column's letters in a workbook: 1 is A, 27 is AA."""
    letters = ""
    while column:
        column, digit = divmod(column - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def _record(index: int, path: str | None) -> dict[str, Any]:
    return {"recordIndex": index} if path is None else {"recordIndex": index, "jsonPath": path}
