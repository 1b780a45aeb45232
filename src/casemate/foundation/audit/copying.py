"""A copy of a directory of segments that verifies, made while writers go on."""

from __future__ import annotations

import shutil
from pathlib import Path

from casemate.foundation.audit.names import head_name, segment_name, segments_in
from casemate.foundation.audit.registry import REGISTER


def copy_segments(source: Path, target: Path) -> None:
    """Copy the audit of a directory into a new folder; what is wrong with it is copied as it is.

    Register first, then heads, then segments: each tells of no more than what is copied after it.
    """
    target.mkdir(mode=0o700)
    if (source / REGISTER).exists():
        shutil.copyfile(source / REGISTER, target / REGISTER)
    for path in source.glob(head_name("*")):
        shutil.copyfile(path, target / path.name)
    for writer, numbers in segments_in(source).items():
        for number in numbers:
            name = segment_name(writer, number)
            shutil.copyfile(source / name, target / name)
