from __future__ import annotations

import subprocess
import sys

HEAVY = ("numpy", "onnxruntime", "pyarrow", "fastavro", "python_calamine", "pypdfium2", "zstandard", "py7zr", "olefile")


def test_readers_and_finders_load_no_heavy_library_until_it_is_needed() -> None:
    code = (
        "import sys, casemate.runtime, casemate.engines.sensitive.formats, casemate.engines.sensitive.names\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
