"""Makes src/casemate/gateway/models/data from the service models of the installed botocore.

One file a service, stripped of what a server does not need (documentation, examples, endpoint rules), one operation
or shape a line; and `index.json`, which is enough to recognise the service and operation of any request.

    python scripts/build_models.py            writes the files
    python scripts/build_models.py --check    exits 1 where a file is not what this script would write
"""

from __future__ import annotations

import gzip
import json
import sys
import unicodedata
from pathlib import Path
from typing import Any

import botocore

DATA = Path(__file__).resolve().parent.parent / "src/casemate/gateway/models/data"
BOTOCORE_DATA = Path(botocore.__file__).parent / "data"

# The services that are recognised, by botocore's names.
SERVICES = [
    "acm",
    "acm-pca",
    "apigateway",
    "apigatewayv2",
    "cloudfront",
    "cloudtrail",
    "cloudwatch",
    "dynamodb",
    "ebs",
    "ec2",
    "ecr",
    "elbv2",
    "events",
    "fms",
    "globalaccelerator",
    "guardduty",
    "iam",
    "inspector-scan",
    "inspector2",
    "kms",
    "lambda",
    "logs",
    "macie2",
    "network-firewall",
    "organizations",
    "ram",
    "rds",
    "resourcegroupstaggingapi",
    "route53",
    "route53resolver",
    "s3",
    "s3control",
    "scheduler",
    "secretsmanager",
    "securityhub",
    "shield",
    "sns",
    "sqs",
    "ssm",
    "sts",
    "wafv2",
]

# What only documentation, endpoint resolution or client code reads.
_STRIPPED = frozenset(
    [
        "documentation",
        "documentationUrl",
        "deprecatedMessage",
        "deprecatedSince",
        "box",
        "contextParam",
        "hostLabel",
        "endpoint",
        "endpointdiscovery",
        "endpointoperation",
        "staticContextParams",
        "operationContextParams",
        "clientContextParams",
        "retryable",
        "synthetic",
        "examples",
    ]
)
_METADATA = [
    "apiVersion",
    "awsQueryCompatible",
    "endpointPrefix",
    "jsonVersion",
    "protocol",
    "protocols",
    "serviceFullName",
    "serviceId",
    "signatureVersion",
    "signingName",
    "targetPrefix",
    "xmlNamespace",
]

# Unicode general categories that the models' patterns name; Java's and Unicode's meaning.
_CATEGORIES = ("C", "L", "M", "N", "P", "S", "Z", "Zs")


def main() -> int:
    files = rendered()
    if "--check" in sys.argv[1:]:
        if json.loads((DATA / "categories.json").read_text())["unicode"] != unicodedata.unidata_version:
            files["categories.json"] = (DATA / "categories.json").read_text()  # another Python knows another Unicode
        stale = [
            name for name, text in files.items() if not (DATA / name).exists() or (DATA / name).read_text() != text
        ]
        stale += [path.name for path in DATA.glob("*.json") if path.name not in files]
        print("\n".join(f"{name} is not current" for name in stale) or "models are current")
        return 1 if stale else 0
    DATA.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (DATA / name).write_text(text)
    return 0


def rendered() -> dict[str, str]:
    """Every file's text by its name."""
    models = {service: _strip_model(_read(service, "service-2"), _paginators(service)) for service in SERVICES}
    files = {f"{service}.json": _render_model(model) for service, model in models.items()}
    files["index.json"] = _render_index(models)
    files["categories.json"] = _render_categories()
    return files


def _read(service: str, kind: str) -> dict[str, Any]:
    latest = max((BOTOCORE_DATA / service).iterdir())
    packed = latest / f"{kind}.json.gz"
    raw = gzip.decompress(packed.read_bytes()) if packed.exists() else (latest / f"{kind}.json").read_bytes()
    model: dict[str, Any] = json.loads(raw)
    return model


def _paginators(service: str) -> dict[str, Any]:
    try:
        return dict(_read(service, "paginators-1")["pagination"])
    except FileNotFoundError:
        return {}


def _strip_model(model: dict[str, Any], paginators: dict[str, Any]) -> dict[str, Any]:
    operations = {name: _strip(operation) for name, operation in sorted(model["operations"].items())}
    for name, tokens in paginators.items():
        if name in operations:
            kept = {key: tokens[key] for key in ("input_token", "output_token", "limit_key") if key in tokens}
            operations[name]["pagination"] = kept
    return {
        "metadata": {key: model["metadata"][key] for key in _METADATA if key in model["metadata"]},
        "operations": operations,
        "shapes": {name: _strip_shape(shape) for name, shape in sorted(model["shapes"].items())},
    }


def _strip_shape(shape: dict[str, Any]) -> dict[str, Any]:
    stripped = {key: _strip(value) for key, value in shape.items() if key not in _STRIPPED}
    if "members" in shape:  # a member may be called "documentation"
        stripped["members"] = {name: _strip(member) for name, member in shape["members"].items()}
    return stripped


def _strip(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _strip(item) for key, item in value.items() if key not in _STRIPPED}
    if isinstance(value, list):
        return [_strip(item) for item in value]
    return value


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def _render_model(model: dict[str, Any]) -> str:
    sections = []
    for section in ("operations", "shapes"):
        lines = ",\n".join(f"{_compact(name)}:{_compact(value)}" for name, value in model[section].items())
        sections.append(f'"{section}":{{\n{lines}\n}}')
    return f'{{"metadata":{_compact(model["metadata"])},\n' + ",\n".join(sections) + "}\n"


def _render_index(models: dict[str, dict[str, Any]]) -> str:
    lines = ",\n".join(f"{_compact(service)}:{_compact(_index_entry(model))}" for service, model in models.items())
    return f'{{"botocore":{_compact(botocore.__version__)},"services":{{\n{lines}\n}}}}\n'


def _index_entry(model: dict[str, Any]) -> dict[str, Any]:
    metadata = model["metadata"]
    entry: dict[str, Any] = {
        "signing": metadata.get("signingName", metadata["endpointPrefix"]),
        "prefix": metadata["endpointPrefix"],
        "version": metadata["apiVersion"],
        "protocols": metadata.get("protocols", [metadata["protocol"]]),
        "target": metadata.get("targetPrefix", ""),
    }
    if metadata["protocol"].startswith("rest-"):
        entry["routes"] = [_route(model, name, operation) for name, operation in model["operations"].items()]
    else:
        entry["operations"] = list(model["operations"])
    return entry


def _route(model: dict[str, Any], name: str, operation: dict[str, Any]) -> list[Any]:
    """[operation, method, URI template, required query parameters, required headers, deprecated]."""
    shape = model["shapes"][operation["input"]["shape"]] if "input" in operation else {"members": {}}
    required: dict[str, list[str]] = {"querystring": [], "header": []}
    for member in shape.get("required", ()):
        reference = shape["members"][member]
        if reference.get("location") in required:
            required[reference["location"]].append(reference.get("locationName", member))
    http = operation["http"]
    return [
        name,
        http["method"],
        http["requestUri"],
        sorted(required["querystring"]),
        sorted(header.lower() for header in required["header"]),
        bool(operation.get("deprecated")),
    ]


def _render_categories() -> str:
    ranges: dict[str, Any] = {"unicode": unicodedata.unidata_version}
    ranges |= {name: _category_ranges(name) for name in _CATEGORIES}
    lines = ",\n".join(f"{_compact(name)}:{_compact(value)}" for name, value in ranges.items())
    return f"{{\n{lines}\n}}\n"


def _category_ranges(category: str) -> list[int]:
    """First and last code point of every run of the category, flat."""
    ranges: list[int] = []
    start = -1
    for code in range(sys.maxunicode + 2):
        inside = code <= sys.maxunicode and unicodedata.category(chr(code)).startswith(category)
        if inside and start < 0:
            start = code
        elif not inside and start >= 0:
            ranges += [start, code - 1]
            start = -1
    return ranges


if __name__ == "__main__":
    sys.exit(main())
