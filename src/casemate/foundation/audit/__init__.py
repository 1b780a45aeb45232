"""The audit: what was called, by whom, with what outcome, in CloudTrail's record format.

The record of a write is part of the write's transaction (foundation/records); records of reads and denials go to the
process's own segment, which this package writes. Everything is chained under keys of the seal; who has no key can't
change, cut out or cut off without it showing.
"""

from casemate.foundation.audit.copying import copy_segments
from casemate.foundation.audit.heads import HeadFile, read_if_there
from casemate.foundation.audit.keys import AuditKeys
from casemate.foundation.audit.mac import Mac
from casemate.foundation.audit.names import FOLDER, SegmentFailure
from casemate.foundation.audit.reading import read_segments
from casemate.foundation.audit.record import identity_of, lower_first, spelled
from casemate.foundation.audit.registry import Registry
from casemate.foundation.audit.segment import AuditSegment
from casemate.foundation.audit.verification import Verified, verify_segments

__all__ = [
    "FOLDER",
    "AuditKeys",
    "AuditSegment",
    "HeadFile",
    "Mac",
    "Registry",
    "SegmentFailure",
    "Verified",
    "copy_segments",
    "identity_of",
    "lower_first",
    "read_if_there",
    "read_segments",
    "spelled",
    "verify_segments",
]
