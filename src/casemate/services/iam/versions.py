"""Versions of managed policies (IAM User Guide, "Versioning IAM policies")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from casemate.foundation.context import Context
from casemate.foundation.operation import operation
from casemate.services.iam import documents, errors, moments, paging, policies
from casemate.services.iam.audit import READS, WRITES
from casemate.services.iam.managed import PublishedPolicy
from casemate.services.iam.policies import on_policy
from casemate.services.iam.records import ManagedPolicy, PolicyVersion

if TYPE_CHECKING:
    from casemate.contracts.shapes import iam as shapes

MOST: Final = 5


def shown(version: PolicyVersion, default: str) -> shapes.PolicyVersion:
    """What all answers say of a version."""
    return {"VersionId": version.id, "IsDefaultVersion": version.id == default, "CreateDate": float(version.created)}


def all_of(policy: policies.AnyPolicy) -> tuple[tuple[PolicyVersion, ...], str]:
    """A policy's versions, oldest first, and the id of the default; of AWS's policies only that one is kept."""
    if isinstance(policy, PublishedPolicy):
        return (PolicyVersion(policy.version, policy.document, policy.updated),), policy.version
    return policy.versions, policy.default


def _absent(policy_arn: str, version: str) -> Exception:
    return errors.absent(f"Policy {policy_arn} version {version} does not exist or is not attachable.")


def _one(policy: ManagedPolicy, policy_arn: str, version_id: str) -> PolicyVersion:
    for version in policy.versions:
        if version.id == version_id:
            return version
    raise _absent(policy_arn, version_id)


@operation(authorize=on_policy, audit=WRITES)
def create_policy_version(
    context: Context, request: shapes.CreatePolicyVersionRequest
) -> shapes.CreatePolicyVersionResponse:
    policy = policies.own(context, request)
    documents.managed(request["PolicyDocument"])
    if len(policy.versions) >= MOST:
        raise errors.limit(
            f"A managed policy can have up to {MOST} versions. Before you create a new version, you must delete an "
            "existing version."
        )
    number = policy.newest + 1
    version = PolicyVersion(f"v{number}", request["PolicyDocument"], moments.now(context))
    changed = replace(policy, versions=(*policy.versions, version), newest=number)
    if request.get("SetAsDefault"):
        changed = replace(changed, default=version.id, updated=moments.now(context))
    policies.keep(context, changed)
    return {"PolicyVersion": shown(version, changed.default)}


@operation(authorize=on_policy, audit=READS)
def get_policy_version(context: Context, request: shapes.GetPolicyVersionRequest) -> shapes.GetPolicyVersionResponse:
    versions, default = all_of(policies.loaded(context, request))
    for version in versions:
        if version.id == request["VersionId"]:
            return {"PolicyVersion": {"Document": documents.shown(version.document), **shown(version, default)}}
    raise _absent(request["PolicyArn"], request["VersionId"])


@operation(authorize=on_policy, audit=READS)
def list_policy_versions(
    context: Context, request: shapes.ListPolicyVersionsRequest
) -> shapes.ListPolicyVersionsResponse:
    versions, default = all_of(policies.loaded(context, request))
    page = paging.page_of(context, request, request["PolicyArn"])
    # Newest first, as IAM lists them; positions only grow.
    newest_first = ((f"{10**9 - int(version.id[1:]):010}", version) for version in reversed(versions))
    found = page.of(newest_first)
    listed = [shown(version, default) for _, version in found[: page.limit]]
    return {"Versions": listed, **page.rest(found)}  # type: ignore[typeddict-item]  # the paging members


@operation(authorize=on_policy, audit=WRITES)
def set_default_policy_version(context: Context, request: shapes.SetDefaultPolicyVersionRequest) -> None:
    policy = policies.own(context, request)
    version = _one(policy, request["PolicyArn"], request["VersionId"])
    if version.id != policy.default:
        policies.keep(context, replace(policy, default=version.id, updated=moments.now(context)))


@operation(authorize=on_policy, audit=WRITES)
def delete_policy_version(context: Context, request: shapes.DeletePolicyVersionRequest) -> None:
    policy = policies.own(context, request)
    gone = _one(policy, request["PolicyArn"], request["VersionId"])
    if gone.id == policy.default:
        raise errors.conflict("Cannot delete the default version of a policy.")
    left = tuple(version for version in policy.versions if version.id != gone.id)
    policies.keep(context, replace(policy, versions=left))
