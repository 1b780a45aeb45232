"""Personal and secret data in bytes of any format.

`scan` reads one file through readers that it is given and tells what stands where; a `Plan` says what to look for and
is compiled once (`select`, `compile_plan`). `finding` puts a result into the shape of Macie's API. Readers of formats
are in `formats`, the machine learning for names and addresses in `names`; both keep to
`casemate.contracts.sensitive`.
"""

from casemate.engines.sensitive.allow import AllowList
from casemate.engines.sensitive.catalogue import Identifier, managed_identifiers
from casemate.engines.sensitive.custom import CustomIdentifier, SeverityLevel
from casemate.engines.sensitive.errors import InvalidAllowList, InvalidIdentifier, SensitiveError, UnknownIdentifier
from casemate.engines.sensitive.findings import Resource, finding
from casemate.engines.sensitive.plans import Plan, compile_plan, select
from casemate.engines.sensitive.results import Detection, FileResult, Occurrences, ScanResult
from casemate.engines.sensitive.scanning import scan

__all__ = [
    "AllowList",
    "CustomIdentifier",
    "Detection",
    "FileResult",
    "Identifier",
    "InvalidAllowList",
    "InvalidIdentifier",
    "Occurrences",
    "Plan",
    "Resource",
    "ScanResult",
    "SensitiveError",
    "SeverityLevel",
    "UnknownIdentifier",
    "compile_plan",
    "finding",
    "managed_identifiers",
    "scan",
    "select",
]
