"""The laws find what they forbid, and let pass what they allow."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
import laws

BROKEN = [
    ("wall-clock", "services/kms/keys.py", "import time\nnow = time.time()"),
    ("wall-clock", "gateway/x.py", "from datetime import datetime\nx = datetime.now()"),
    ("secret-compared", "gateway/x.py", "def f(key, given):\n    return key.signature == given"),
    ("secret-compared", "gateway/x.py", "def f(secret, given):\n    return given != secret"),
    ("sql", "services/iam/x.py", 'q = "SELECT id FROM users"'),
    ("sql", "foundation/stores.py", "import sqlite3"),
    ("between-services", "services/iam/x.py", "from casemate.services.kms.records import KEYS"),
    ("hidden-import", "gateway/x.py", "import importlib"),
    ("hidden-import", "gateway/x.py", 'm = __import__("os")'),
    ("network", "services/kms/x.py", "import socket"),
    ("network", "engines/web/x.py", "from http import client\nimport http.client"),
    ("environment", "gateway/x.py", 'import os\nx = os.environ["HOME"]'),
    ("unfinished", "gateway/x.py", "x = 1  # TO" + "DO later"),
    ("too-long", "gateway/x.py", "def f():\n" + "    x = 1\n" * 80),
    ("too-long", "gateway/x.py", "x = 1\n" * 700),
]
ALLOWED = [
    ("foundation/clock.py", "import time\nnow = time.time()"),
    ("gateway/x.py", "def f(clock):\n    return clock.now()"),
    ("gateway/x.py", "import hmac\ndef f(signature, given):\n    return hmac.compare_digest(signature, given)"),
    ("gateway/x.py", 'def f(signature):\n    return signature == ""'),
    ("foundation/records/sqlite/reading.py", 'import sqlite3\nq = "SELECT 1 "'),
    ("services/iam/x.py", "from casemate.services.iam.records import USERS"),
    ("gateway/x.py", "from casemate.services.kms import SERVICE"),
    ("foundation/outbound/x.py", "import socket"),
    ("foundation/settings.py", "import os\nx = os.environ"),
    ("gateway/x.py", "def f():\n" + "    x = 1\n" * 60),
]


@pytest.mark.parametrize(("law", "path", "source"), BROKEN)
def test_law_broken_is_found(law: str, path: str, source: str) -> None:
    assert law in {violation.law for violation in laws.check(path, source)}


@pytest.mark.parametrize(("path", "source"), ALLOWED)
def test_law_kept_passes(path: str, source: str) -> None:
    assert laws.check(path, source) == []


def test_source_keeps_the_laws() -> None:
    found = [
        violation
        for file in sorted(laws.SOURCE.rglob("*.py"))
        for violation in laws.check(file.relative_to(laws.SOURCE).as_posix(), file.read_text("utf-8"))
    ]
    assert found == []
