"""Service-linked roles, driven by boto3 over a real server."""

from __future__ import annotations

KMS = "mrk.kms.amazonaws.com"
NAME = "AWSServiceRoleForKeyManagementServiceMultiRegionKeys"


def test_a_service_linked_role_is_made_with_its_policy_and_trust(iam, server):
    role = iam.create_service_linked_role(AWSServiceName=KMS)["Role"]
    assert role["Arn"] == f"arn:aws:iam::{server.account}:role/aws-service-role/{KMS}/{NAME}"
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": KMS}
    (attached,) = iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"]
    policy = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]
    assert policy["Path"] == "/aws-service-role/"


def test_a_second_one_a_suffix_and_an_unknown_service_are_refused(iam, refused):
    iam.create_service_linked_role(AWSServiceName=KMS)
    text = f"Service role name {NAME} has been taken in this account, please try a different suffix."
    with refused("InvalidInput", text, status=400):
        iam.create_service_linked_role(AWSServiceName=KMS)
    with refused("InvalidInput", f"Custom suffix is not allowed for {KMS}"):
        iam.create_service_linked_role(AWSServiceName=KMS, CustomSuffix="x")
    with refused("InvalidInput"):
        iam.create_service_linked_role(AWSServiceName="nothing.amazonaws.com")
    made = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com", CustomSuffix="x")["Role"]
    assert made["RoleName"] == "AWSServiceRoleForAutoScaling_x"


def test_only_aws_changes_it(iam, server, refused):
    iam.create_service_linked_role(AWSServiceName=KMS)
    text = f"Cannot perform the operation on the protected role '{NAME}' - this role is only modifiable by AWS"
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    with refused("UnmodifiableEntity", text, status=400):
        iam.delete_role(RoleName=NAME)
    with refused("UnmodifiableEntity"):
        iam.attach_role_policy(RoleName=NAME, PolicyArn=arn)
    with refused("UnmodifiableEntity"):
        iam.put_role_policy(RoleName=NAME, PolicyName="p", PolicyDocument=server.document({"Action": "*"}))
    with refused("UnmodifiableEntity"):
        iam.update_assume_role_policy(RoleName=NAME, PolicyDocument=server.document({"Action": "*"}))


def test_it_is_deleted_by_a_task_that_can_be_looked_at(iam, server, trusting, refused):
    iam.create_service_linked_role(AWSServiceName=KMS)
    task = iam.delete_service_linked_role(RoleName=NAME)["DeletionTaskId"]
    assert task.startswith(f"task/aws-service-role/{KMS}/{NAME}/")
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"
    with refused("NoSuchEntity"):
        iam.get_role(RoleName=NAME)
    with refused("NoSuchEntity", status=404):
        iam.get_service_linked_role_deletion_status(DeletionTaskId=task + "x")


def test_an_ordinary_role_is_not_deleted_as_one(iam, server, trusting, refused):
    iam.create_role(RoleName="mine", AssumeRolePolicyDocument=trusting(server.account))
    with refused("NoSuchEntity"):
        iam.delete_service_linked_role(RoleName="mine")
    iam.delete_role(RoleName="mine")


def test_making_one_can_be_limited_to_some_services(server, refused):
    statement = {
        "Action": "iam:CreateServiceLinkedRole",
        "Condition": {"StringEquals": {"iam:AWSServiceName": KMS}},
    }
    caller = server.client("iam", server.user("u", statement))
    with refused("AccessDenied"):
        caller.create_service_linked_role(AWSServiceName="ssm.amazonaws.com")
    caller.create_service_linked_role(AWSServiceName=KMS)
