"""The policies that AWS has in every organization (Organizations User Guide, "SCPs", "RCPs")."""

from __future__ import annotations

from typing import Final

from casemate.services.organizations.records import Policy

SCP: Final = "SERVICE_CONTROL_POLICY"
RCP: Final = "RESOURCE_CONTROL_POLICY"
TYPES: Final = (SCP, RCP)

FULL_ACCESS: Final = Policy(
    id="p-FullAWSAccess",
    organization="",
    name="FullAWSAccess",
    description="Allows access to every operation",
    type=SCP,
    content='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
)
FULL_RESOURCE_ACCESS: Final = Policy(
    id="p-RCPFullAWSAccess",
    organization="",
    name="RCPFullAWSAccess",
    description="Allows access to every resource",
    type=RCP,
    content='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}',
)
BY_ID: Final = {policy.id: policy for policy in (FULL_ACCESS, FULL_RESOURCE_ACCESS)}
DEFAULT: Final = {policy.type: policy.id for policy in BY_ID.values()}
"""What everything has attached from the moment that a type is enabled."""
