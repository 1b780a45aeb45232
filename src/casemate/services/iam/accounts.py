"""The account itself: its alias, and how much of what it has (IAM User Guide, "Your AWS account ID and its alias")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from casemate.foundation.context import Context
from casemate.foundation.operation import operation
from casemate.services.iam import documents, errors, managed, paging, quotas, versions
from casemate.services.iam.access_keys import MOST as MOST_ACCESS_KEYS
from casemate.services.iam.access_keys import keys_of
from casemate.services.iam.audit import READS, WRITES
from casemate.services.iam.groups import MOST_PER_USER
from casemate.services.iam.kinds import GROUP, ROLE, USER
from casemate.services.iam.permissions import on_account
from casemate.services.iam.policies import standings
from casemate.services.iam.records import ALIASES, POLICIES, AccountAlias

if TYPE_CHECKING:
    from casemate.contracts.shapes import iam as shapes

_COUNTED: Final = {
    "Users": "UsersPerAccount",
    "Groups": "GroupsPerAccount",
    "Roles": "RolesPerAccount",
    "Policies": "PoliciesPerAccount",
    "InstanceProfiles": "InstanceProfilesPerAccount",
}
_FIXED: Final = {
    "AccessKeysPerUserQuota": MOST_ACCESS_KEYS,
    "AssumeRolePolicySizeQuota": documents.TRUST_CHARACTERS,
    "AttachedPoliciesPerGroupQuota": GROUP.most_policies,
    "AttachedPoliciesPerRoleQuota": ROLE.most_policies,
    "AttachedPoliciesPerUserQuota": USER.most_policies,
    "GlobalEndpointTokenVersion": 1,
    "GroupPolicySizeQuota": GROUP.inline_characters,
    "GroupsPerUserQuota": MOST_PER_USER,
    "PolicySizeQuota": documents.MANAGED_CHARACTERS,
    "PolicyVersionsInUseQuota": 10000,
    "RolePolicySizeQuota": ROLE.inline_characters,
    "ServerCertificatesQuota": 20,
    "SigningCertificatesPerUserQuota": 2,
    "UserPolicySizeQuota": USER.inline_characters,
    "VersionsPerPolicyQuota": versions.MOST,
}
# What this server has no operations for yet, an account has none of.
_NONE: Final = (
    "AccountMFAEnabled",
    "AccountPasswordPresent",
    "AccountSigningCertificatesPresent",
    "MFADevices",
    "MFADevicesInUse",
    "Providers",
    "ServerCertificates",
)


def _own(context: Context) -> list[AccountAlias]:
    return [alias for _, alias in context.unit.find(ALIASES, "account", "", context.account)]


@operation(authorize=on_account, audit=WRITES)
def create_account_alias(context: Context, request: shapes.CreateAccountAliasRequest) -> None:
    """An account has one alias at most: a new one takes the place of the old."""
    name = request["AccountAlias"]
    if context.unit.get(ALIASES, "", name) is not None:
        raise errors.exists(f"The account alias {name} already exists.")
    for alias in _own(context):
        context.unit.delete(ALIASES, "", alias.alias)
    context.unit.put(ALIASES, "", name, AccountAlias(name, context.account))


@operation(authorize=on_account, audit=WRITES)
def delete_account_alias(context: Context, request: shapes.DeleteAccountAliasRequest) -> None:
    name = request["AccountAlias"]
    alias = context.unit.get(ALIASES, "", name)
    if alias is None or alias.account != context.account:
        raise errors.absent(f"The account alias {name} cannot be found.")
    context.unit.delete(ALIASES, "", name)


@operation(authorize=on_account, audit=READS)
def list_account_aliases(
    context: Context, request: shapes.ListAccountAliasesRequest
) -> shapes.ListAccountAliasesResponse:
    page = paging.page_of(context, request)
    found = page.of((alias.alias, alias) for alias in _own(context))
    listed = [name for name, _ in found[: page.limit]]
    return {"AccountAliases": listed, **page.rest(found)}  # type: ignore[typeddict-item]  # the paging members


@operation(authorize=on_account, audit=READS)
def get_account_summary(context: Context, request: Mapping[str, Any]) -> shapes.GetAccountSummaryResponse:
    del request
    unit, account = context.unit, context.account
    summary = dict(_FIXED)
    for word, quota in _COUNTED.items():
        summary[word] = quotas.counted(unit, account, quota)
        summary[f"{word}Quota"] = quotas.QUOTAS[quota]
    summary.update(dict.fromkeys(_NONE, 0))
    summary["AccountAccessKeysPresent"] = int(bool(keys_of(context, None)))
    summary["PolicyVersionsInUse"] = _versions_in_use(context, standings(context))
    return {"SummaryMap": summary}


def _versions_in_use(context: Context, arns: Iterable[str]) -> int:
    """The versions of all managed policies that stand somewhere; of each of AWS's one is in use."""
    count = 0
    for arn in arns:
        if managed.published(arn) is not None:
            count += 1
        else:
            policy = context.unit.get(POLICIES, context.account, arn.rpartition("/")[2].lower())
            count += len(policy.versions) if policy else 0
    return count
