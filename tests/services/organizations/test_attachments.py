"""Policies attached and detached, types switched on and off, over the real server."""

from __future__ import annotations

SCP = "SERVICE_CONTROL_POLICY"
RCP = "RESOURCE_CONTROL_POLICY"


def attached(plain, target, kind=SCP):
    return [each["Id"] for each in plain.list_policies_for_target(TargetId=target, Filter=kind)["Policies"]]


def test_enabling_a_type_attaches_awss_own_policy_everywhere(organization, plain, refused):
    account, unit = organization.account("dev"), organization.unit("Prod")
    assert attached(plain, account) == []
    root = plain.enable_policy_type(RootId=organization.root, PolicyType=SCP)["Root"]
    assert root["PolicyTypes"] == [{"Type": SCP, "Status": "ENABLED"}]
    assert plain.list_roots()["Roots"] == [root]
    later, inner = organization.account("later"), organization.unit("Inner", unit)
    everywhere = {account, unit, later, inner, organization.root, organization.server.account}
    for target in everywhere:
        assert attached(plain, target) == ["p-FullAWSAccess"]
        assert attached(plain, target, RCP) == []
    pages = plain.get_paginator("list_targets_for_policy").paginate(
        PolicyId="p-FullAWSAccess", PaginationConfig={"PageSize": 2}
    )
    targets = [each for page in pages for each in page["Targets"]]
    assert len(targets) == 6
    assert {each["TargetId"] for each in targets} == everywhere
    assert {each["Type"] for each in targets} == {"ACCOUNT", "ORGANIZATIONAL_UNIT", "ROOT"}
    with refused("PolicyTypeAlreadyEnabledException"):
        plain.enable_policy_type(RootId=organization.root, PolicyType=SCP)


def test_disabling_a_type_detaches_all_and_enabling_it_begins_anew(organization, plain, refused):
    organization.enable(SCP)
    account = organization.account("dev")
    policy = organization.policy("one", {"Action": "s3:*"})
    plain.attach_policy(PolicyId=policy, TargetId=account)
    root = plain.disable_policy_type(RootId=organization.root, PolicyType=SCP)["Root"]
    assert root["PolicyTypes"] == []
    assert attached(plain, account) == []
    text = "This operation can be performed only for enabled policy types."
    with refused("PolicyTypeNotEnabledException", text):
        plain.disable_policy_type(RootId=organization.root, PolicyType=SCP)
    with refused("PolicyTypeNotEnabledException", text):
        plain.attach_policy(PolicyId=policy, TargetId=account)
    organization.enable(SCP)
    assert attached(plain, account) == ["p-FullAWSAccess"]
    plain.attach_policy(PolicyId=policy, TargetId=account)


def test_a_policy_is_attached_once_to_what_exists(organization, plain, refused):
    organization.enable(SCP)
    policy = organization.policy("one", {"Action": "s3:*"})
    plain.attach_policy(PolicyId=policy, TargetId=organization.root)
    with refused("DuplicatePolicyAttachmentException"):
        plain.attach_policy(PolicyId=policy, TargetId=organization.root)
    with refused("TargetNotFoundException"):
        plain.attach_policy(PolicyId=policy, TargetId="999999999999")
    with refused("PolicyNotFoundException"):
        plain.attach_policy(PolicyId="p-00000000", TargetId=organization.root)
    plain.detach_policy(PolicyId=policy, TargetId=organization.root)
    with refused("PolicyNotAttachedException"):
        plain.detach_policy(PolicyId=policy, TargetId=organization.root)


def test_the_last_policy_stays(organization, plain, refused):
    organization.enable(SCP)
    root = organization.root
    text = (
        "You cannot remove the last policy attached to the specified target. You must have at least one attached at "
        "all times."
    )
    with refused("ConstraintViolationException", text, reason="MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"):
        plain.detach_policy(PolicyId="p-FullAWSAccess", TargetId=root)
    policy = organization.policy("one", {"Action": "s3:*"})
    plain.attach_policy(PolicyId=policy, TargetId=root)
    plain.detach_policy(PolicyId="p-FullAWSAccess", TargetId=root)
    assert attached(plain, root) == [policy]


def test_resource_control_policies_keep_awss_own(organization, plain, refused):
    organization.enable(RCP)
    policy = organization.policy("one", {"Action": "s3:*", "Principal": "*"}, kind=RCP)
    plain.attach_policy(PolicyId=policy, TargetId=organization.root)
    with refused("InvalidInputException", reason="NON_DETACHABLE_POLICY"):
        plain.detach_policy(PolicyId="p-RCPFullAWSAccess", TargetId=organization.root)
    plain.detach_policy(PolicyId=policy, TargetId=organization.root)


def test_a_target_has_ten_service_control_policies_at_most(organization, plain, refused):
    organization.enable(SCP)
    policies = [organization.policy(f"p{number}", {"Action": "s3:*"}) for number in range(10)]
    for policy in policies[:9]:
        plain.attach_policy(PolicyId=policy, TargetId=organization.root)
    with refused("ConstraintViolationException", reason="MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED"):
        plain.attach_policy(PolicyId=policies[9], TargetId=organization.root)
    plain.detach_policy(PolicyId=policies[0], TargetId=organization.root)
    plain.attach_policy(PolicyId=policies[9], TargetId=organization.root)
    assert len(attached(plain, organization.root)) == 10


def test_permission_to_attach_needs_policy_and_target(organization, plain, refused):
    organization.enable(SCP)
    policy, account = organization.policy("one", {"Action": "s3:*"}), organization.account("dev")
    server = organization.server
    prefix = f"arn:aws:organizations::{server.account}:"
    every = f"{prefix}policy/{organization.id}/service_control_policy/*"
    half = server.user("half", {"Action": "organizations:AttachPolicy", "Resource": every})
    with refused("AccessDeniedException", "You don't have permissions to access this resource."):
        server.client("organizations", half).attach_policy(PolicyId=policy, TargetId=account)
    both = [every, f"{prefix}account/{organization.id}/{account}"]
    whole = server.user("whole", {"Action": "organizations:AttachPolicy", "Resource": both})
    server.client("organizations", whole).attach_policy(PolicyId=policy, TargetId=account)
