"""Where commands keep what they would compile again."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from casemate.foundation.settings import environment_value


def cache_of_user(part: str = "") -> Path | None:
    """`$XDG_CACHE_HOME/casemate/PART`, made where it isn't there; None unless its owner alone can write to it.

    Compiled patterns are read by native code, which trusts them.
    """
    home = environment_value("XDG_CACHE_HOME")
    folder = (Path(home) if home else Path.home() / ".cache") / "casemate"
    with contextlib.suppress(OSError, RuntimeError):
        for each in (folder, folder / part):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = each.stat()
            if status.st_uid != os.getuid() or status.st_mode & 0o022:
                return None
        return folder / part
    return None
