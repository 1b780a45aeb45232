"""GetKeyLastUsage (KMS API of the same name)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casemate.foundation.context import Context
from casemate.foundation.operation import AuditRule, operation
from casemate.services.kms.key_uses import KEY_USES
from casemate.services.kms.permissions import on_key
from casemate.services.kms.records import Key

if TYPE_CHECKING:
    from casemate.contracts.shapes import kms as shapes


@operation(authorize=on_key(aliases=False, abroad=False), audit=AuditRule(read_only=True))
def get_key_last_usage(context: Context, request: shapes.GetKeyLastUsageRequest) -> shapes.GetKeyLastUsageResponse:
    del request
    key: Key = context.loaded
    use = context.unit.get(KEY_USES, key.account, key.id)
    answer: shapes.GetKeyLastUsageResponse = {
        "KeyId": key.id,
        "KeyLastUsage": {},
        "TrackingStartDate": key.created,
        "KeyCreationDate": key.created,
    }
    if use is not None:
        answer["KeyLastUsage"] = {
            "Operation": use.operation,
            "Timestamp": use.at,
            "CloudTrailEventId": use.event_id,
            "KmsRequestId": use.request_id,
        }
    return answer
