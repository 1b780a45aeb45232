"""Results in the shape that Macie's API gives to findings (model, `Finding`).

A file that is packed inside another has a finding of its own: `s3Object.embeddedFileDetails.filePath` names it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from casemate.engines.sensitive.results import Cell, Detection, FileResult, Line, Occurrences, Record
from casemate.engines.sensitive.streaming import Many, pieces_of_json, pieces_of_repr

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
    left = most

    def places(found: Occurrences) -> dict[str, Any]:
        nonlocal left
        given = occurrences(found, left)
        left = None if left is None else max(0, left - found.count)
        return given

    described = _classification(result, places)
    identity = hashlib.sha256(repr(_identified(result, resource, described)).encode()).hexdigest()[:32]
    total = sum(detection.count for detection in result.detections)
    return _assembled(result, resource, now, identity, described, left_out=most is not None and total > most)


def finding_in_pieces(result: FileResult, resource: Resource, *, now: str) -> Iterator[bytes]:
    """The JSON of `finding` with all occurrences, byte by byte the same, for results too large to be held as objects.

    Nothing at all where nothing was found.
    """
    if not result.detections:
        return
    described = _classification(result, streamed_occurrences)
    digest = hashlib.sha256()
    for piece in pieces_of_repr(_identified(result, resource, described)):
        digest.update(piece.encode())
    identity = digest.hexdigest()[:32]
    yield from pieces_of_json(_assembled(result, resource, now, identity, described, left_out=False))


def _identified(result: FileResult, resource: Resource, described: dict[str, Any]) -> tuple[Any, ...]:
    """What tells a finding from others."""
    return resource.bucket, "/".join((resource.key, *result.members)), described


def _assembled(
    result: FileResult, resource: Resource, now: str, identity: str, described: dict[str, Any], *, left_out: bool
) -> dict[str, Any]:
    kinds = {_TYPES[detection.category] for detection in result.detections}
    kind = kinds.pop() if len(kinds) == 1 else "Multiple"
    level = max((detection.severity for detection in result.detections), key=_SCORES.__getitem__)
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


def _classification(result: FileResult, places: Callable[[Occurrences], dict[str, Any]]) -> dict[str, Any]:
    sensitive: dict[str, list[dict[str, Any]]] = {}
    custom: list[dict[str, Any]] = []
    for detection in result.detections:
        described = {"count": detection.count, "occurrences": places(detection.occurrences)}
        if detection.category == "CUSTOM_IDENTIFIER":
            custom.append({"arn": detection.arn or "", "name": detection.type} | described)
        else:
            sensitive.setdefault(detection.category, []).append({"type": detection.type} | described)
    return {
        "mimeType": result.mime_type,
        "status": {"code": result.status, "reason": result.reason},
        "sensitiveData": [
            {"category": category, "detections": detections, "totalCount": _total(result.detections, category)}
            for category, detections in sensitive.items()
        ],
        "customDataIdentifiers": {"detections": custom, "totalCount": _total(result.detections, "CUSTOM_IDENTIFIER")},
    }


def _total(detections: Sequence[Detection], category: str) -> int:
    return sum(detection.count for detection in detections if detection.category == category)


def occurrences(found: Occurrences, most: int | None = None) -> dict[str, Any]:
    """Places in the model's shape `Occurrences`: at most so many, cells first."""
    places: dict[str, list[dict[str, Any]]] = {}
    left = most if most is not None else found.count
    for name, kept, place in _kinds_of_places(found):
        if kept and left:
            places[name] = [place(each) for each in kept[:left]]
            left -= len(places[name])
    return places


def streamed_occurrences(found: Occurrences) -> dict[str, Any]:
    """As `occurrences`, all of them, made when they are written."""
    return {name: Many(kept, place) for name, kept, place in _kinds_of_places(found) if kept}


def _kinds_of_places(found: Occurrences) -> Iterator[tuple[str, Sequence[Any], Callable[[Any], dict[str, Any]]]]:
    yield "cells", found.cells, _cell
    yield "lineRanges", found.lines, _line
    yield "pages", found.pages, _page
    yield "records", found.records, _record


def _line(place: Line) -> dict[str, Any]:
    start, end, at = place
    return {"start": start, "end": end, "startColumn": at}


def _page(number: int) -> dict[str, Any]:
    return {"pageNumber": number}


def _cell(place: Cell) -> dict[str, Any]:
    row, column, name, sheet = place
    reference = None if sheet is None else f"{sheet}!{_letters(column)}{row}"
    return {"row": row, "column": column, "columnName": name, "cellReference": reference}


def _letters(column: int) -> str:
    """A column's letters in a workbook: 1 is A, 27 is AA."""
    letters = ""
    while column:
        column, digit = divmod(column - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def _record(place: Record) -> dict[str, Any]:
    index, path = place
    return {"recordIndex": index} if path is None else {"recordIndex": index, "jsonPath": path}
