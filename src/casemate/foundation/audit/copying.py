"""A copy of a directory of segments that verifies, made while writers go on."""

from __future__ import annotations

import shutil
from pathlib import Path

from casemate.foundation.audit.keys import AuditKeys
from casemate.foundation.audit.names import segment_name, segments_in
from casemate.foundation.audit.registry import REGISTER, Register, Registry


def copy_segments(source: Path, target: Path, keys: AuditKeys) -> None:
    """Copy what is registered into a new folder; what is wrong with it is copied as it is.

    Heads first, then segments: a head tells of no more than what is copied after it. Once more where a writer appeared
    meanwhile, for the heads tell of one another.
    """
    target.mkdir(mode=0o700)
    registry = Registry(source, keys.registry)
    register: Register | None = None
    copied = False
    while not copied or registry.read_if_authentic() != register:
        register = registry.read_if_authentic()
        for path in (source / REGISTER, *source.glob("*.head")):
            if path.exists():
                shutil.copyfile(path, target / path.name)
        copied = True
    for writer, numbers in segments_in(source).items():
        if register is None or writer in register.writers or writer in register.unproven:
            for number in numbers:
                name = segment_name(writer, number)
                shutil.copyfile(source / name, target / name)
