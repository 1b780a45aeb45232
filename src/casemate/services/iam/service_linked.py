"""Service-linked roles: roles that belong to an AWS service (IAM User Guide, "Create a service-linked role")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from casemate.foundation.context import Context, Resource
from casemate.foundation.ids import new_unique_id, new_uuid
from casemate.foundation.operation import Check, operation
from casemate.services.iam import errors, kinds, moments, roles
from casemate.services.iam.arns import arn, role_arn
from casemate.services.iam.audit import READS, WRITES
from casemate.services.iam.kinds import ROLE
from casemate.services.iam.permissions import RequestKeys, check, entity_check
from casemate.services.iam.records import DELETIONS, Deletion, Role

if TYPE_CHECKING:
    from casemate.contracts.shapes import iam as shapes

_SUFFIX: Final = ".amazonaws.com"
_PREFIX: Final = "AWSServiceRoleFor"


class _Linked(NamedTuple):
    """The role of a service: the name behind AWSServiceRoleFor, its policy, whether it may have a suffix."""

    name: str
    policy: str
    suffix: bool = False


_SERVICES: Final = {
    "acm": _Linked("CertificateManager", "CertificateManagerServiceRolePolicy"),
    "autoscaling": _Linked("AutoScaling", "AutoScalingServiceRolePolicy", suffix=True),
    "cks.kms": _Linked(
        "KeyManagementServiceCustomKeyStores", "AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy"
    ),
    "cloudtrail": _Linked("CloudTrail", "CloudTrailServiceRolePolicy"),
    "config": _Linked("Config", "AWSConfigServiceRolePolicy"),
    "fms": _Linked("FMS", "FMSServiceRolePolicy"),
    "guardduty": _Linked("AmazonGuardDuty", "AmazonGuardDutyServiceRolePolicy"),
    "inspector2": _Linked("AmazonInspector2", "AmazonInspector2ServiceRolePolicy"),
    "macie": _Linked("AmazonMacie", "AmazonMacieServiceRolePolicy"),
    "mrk.kms": _Linked(
        "KeyManagementServiceMultiRegionKeys", "AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy"
    ),
    "organizations": _Linked("Organizations", "AWSOrganizationsServiceTrustPolicy"),
    "ram": _Linked("ResourceAccessManager", "AWSResourceAccessManagerServiceRolePolicy"),
    "shield": _Linked("AWSShield", "AWSShieldServiceRolePolicy"),
    "ssm": _Linked("AmazonSSM", "AmazonSSMServiceRolePolicy"),
    "waf": _Linked("WAFLogging", "WAFLoggingServiceRolePolicy"),
    "wafv2": _Linked("WAFV2Logging", "WAFV2LoggingServiceRolePolicy"),
}


def _linked(principal: str) -> _Linked:
    linked = _SERVICES.get(principal.removesuffix(_SUFFIX)) if principal.endswith(_SUFFIX) else None
    if linked is None:
        raise errors.invalid_input(f"{principal} has no service-linked role on this server.")
    return linked


def _name(request: Mapping[str, Any]) -> str:
    name = _PREFIX + _linked(request["AWSServiceName"]).name
    suffix = request.get("CustomSuffix")
    return f"{name}_{suffix}" if suffix else name


def _on_new(context: Context, request: Mapping[str, Any]) -> Check:
    principal = request["AWSServiceName"]
    path = f"/aws-service-role/{principal}/"
    resource = arn(context.partition, context.account, "role", path, _name(request))
    context.resources.append(Resource(resource, ROLE.resource_type, context.account))
    return check(context, resource, keys=RequestKeys(request, extra={"iam:awsservicename": (principal,)}))


@operation(authorize=_on_new, audit=WRITES)
def create_service_linked_role(
    context: Context, request: shapes.CreateServiceLinkedRoleRequest
) -> shapes.CreateServiceLinkedRoleResponse:
    principal = request["AWSServiceName"]
    linked, name = _linked(principal), _name(request)
    if request.get("CustomSuffix") and not linked.suffix:
        raise errors.invalid_input(f"Custom suffix is not allowed for {principal}")
    if ROLE.get(context, name) is not None:
        raise errors.invalid_input(
            f"Service role name {name} has been taken in this account, please try a different suffix."
        )
    statement = {"Effect": "Allow", "Principal": {"Service": principal}, "Action": "sts:AssumeRole"}
    role = Role(
        name=name,
        id=new_unique_id("AROA"),
        path=f"/aws-service-role/{principal}/",
        created=moments.now(context),
        trust=msgspec.json.encode({"Version": "2012-10-17", "Statement": [statement]}).decode(),
        description=request.get("Description"),
        attached=(f"arn:{context.partition}:iam::aws:policy/aws-service-role/{linked.policy}",),
    )
    kinds.make(context, ROLE, role)
    made: Any = roles.shown(context, role)
    if role.description is not None:
        made["Description"] = role.description
    return {"Role": made}


def _on_linked(context: Context, request: Mapping[str, Any]) -> Check:
    question = entity_check(context, ROLE, request, request["RoleName"])
    role: Role | None = context.loaded
    principal = role.path.split("/")[2] if role is not None and _is_linked(role) else None
    extra = {"iam:awsservicename": (principal,)} if principal else None
    question.keys = RequestKeys(request, tags=role.tags if role else (), extra=extra)
    return question


def _is_linked(role: Role) -> bool:
    return role.path.startswith("/aws-service-role/")


@operation(authorize=_on_linked, audit=WRITES)
def delete_service_linked_role(
    context: Context, request: shapes.DeleteServiceLinkedRoleRequest
) -> shapes.DeleteServiceLinkedRoleResponse:
    """Deleted at once; the task is kept, so that who asked finds it done."""
    role: Role = ROLE.loaded(context, request)
    if not _is_linked(role):
        raise errors.absent_named("role", request["RoleName"])
    task = f"task{role.path}{role.name}/{new_uuid()}"
    roles.drop(context, role)
    deletion = Deletion(task, role_arn(context.partition, context.account, role), moments.now(context))
    context.unit.put(DELETIONS, context.account, task, deletion)
    return {"DeletionTaskId": task}


def _on_task(context: Context, request: Mapping[str, Any]) -> Check:
    deletion = context.loaded = context.unit.get(DELETIONS, context.account, request["DeletionTaskId"])
    return check(context, deletion.role_arn if deletion else "*", keys=RequestKeys(request))


@operation(authorize=_on_task, audit=READS)
def get_service_linked_role_deletion_status(
    context: Context, request: shapes.GetServiceLinkedRoleDeletionStatusRequest
) -> shapes.GetServiceLinkedRoleDeletionStatusResponse:
    if context.loaded is None:
        raise errors.absent(f"The deletion task {request['DeletionTaskId']} cannot be found.")
    return {"Status": "SUCCEEDED"}
