"""The audit: what was called, by whom, with what outcome, in CloudTrail's record format.

The record of a write is part of the write's transaction (foundation/records); records of reads and denials go to the
process's own segment, which this package writes.
"""

from casemate.foundation.audit.record import identity_of, lower_first, spelled
from casemate.foundation.audit.segment import AuditSegment, SegmentFailure, read_segments, verify_segments

__all__ = [
    "AuditSegment",
    "SegmentFailure",
    "identity_of",
    "lower_first",
    "read_segments",
    "spelled",
    "verify_segments",
]
