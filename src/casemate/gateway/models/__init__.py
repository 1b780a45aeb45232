"""The published service models: what each AWS service's operations take, answer and refuse.

The files in `data` are made by `scripts/build_models.py` from a pinned botocore. `load` reads one when it is first
needed; `index` reads the small file that suffices to recognise any request.
"""

from __future__ import annotations

from casemate.gateway.models.index import Index, Route, ServiceEntry, index
from casemate.gateway.models.model import (
    Member,
    Operation,
    Pagination,
    ServiceModel,
    Shape,
    UnknownOperationName,
    UnknownService,
    load,
)

__all__ = [
    "Index",
    "Member",
    "Operation",
    "Pagination",
    "Route",
    "ServiceEntry",
    "ServiceModel",
    "Shape",
    "UnknownOperationName",
    "UnknownService",
    "index",
    "load",
]
