"""What service and resource control policies do to real requests."""

from __future__ import annotations

import pytest

SCP = "SERVICE_CONTROL_POLICY"
RCP = "RESOURCE_CONTROL_POLICY"


class Keys:
    """A key in an account, and whether its administrator can decrypt."""

    def __init__(self, server, credentials=None):
        self.kms = server.client("kms", credentials)
        self.id = self.kms.create_key()["KeyMetadata"]["KeyId"]
        self.blob = self.kms.encrypt(KeyId=self.id, Plaintext=b"secret")["CiphertextBlob"]

    def decrypt(self):
        assert self.kms.decrypt(CiphertextBlob=self.blob, KeyId=self.id)["Plaintext"] == b"secret"


@pytest.fixture
def member(organization):
    return organization.account("dev")


def test_an_scp_cuts_a_members_administrator_and_not_the_management_account(organization, plain, member, refused):
    theirs, ours = Keys(organization.server, organization.inside(member)), Keys(organization.server)
    organization.enable(SCP)
    policy = organization.policy("no-decrypt", {"Action": "kms:Decrypt"})
    theirs.decrypt()
    plain.attach_policy(PolicyId=policy, TargetId=organization.root)
    caller = f"arn:aws:sts::{member}:assumed-role/OrganizationAccountAccessRole/boss"
    key = f"arn:aws:kms:us-east-1:{member}:key/{theirs.id}"
    text = f"User: {caller} is not authorized to perform: kms:Decrypt on resource: {key} with an explicit deny in a "
    with refused("AccessDeniedException", begins=f"{text}service control policy"):
        theirs.decrypt()
    theirs.kms.encrypt(KeyId=theirs.id, Plaintext=b"x")
    ours.decrypt()
    plain.detach_policy(PolicyId=policy, TargetId=organization.root)
    theirs.decrypt()


def test_an_scp_on_a_unit_binds_the_accounts_below_it(organization, plain, member, refused):
    keys = Keys(organization.server, organization.inside(member))
    organization.enable(SCP)
    prod = organization.unit("Prod")
    inner = organization.unit("Inner", prod)
    plain.attach_policy(PolicyId=organization.policy("no", {"Action": "kms:Decrypt"}), TargetId=prod)
    keys.decrypt()
    plain.move_account(AccountId=member, SourceParentId=organization.root, DestinationParentId=inner)
    with refused("AccessDeniedException"):
        keys.decrypt()
    plain.move_account(AccountId=member, SourceParentId=inner, DestinationParentId=organization.root)
    keys.decrypt()


def test_every_level_must_allow(organization, plain, member, refused):
    keys = Keys(organization.server, organization.inside(member))
    organization.enable(SCP)
    only = organization.policy("only-encrypt", {"Effect": "Allow", "Action": ["kms:Encrypt", "sts:*"]})
    plain.attach_policy(PolicyId=only, TargetId=member)
    keys.decrypt()
    plain.detach_policy(PolicyId="p-FullAWSAccess", TargetId=member)
    keys.kms.encrypt(KeyId=keys.id, Plaintext=b"x")
    with refused("AccessDeniedException"):
        keys.decrypt()
    plain.attach_policy(PolicyId="p-FullAWSAccess", TargetId=member)
    keys.decrypt()


def test_a_changed_scp_holds_at_once_and_a_disabled_type_no_more(organization, plain, member, refused):
    keys = Keys(organization.server, organization.inside(member))
    organization.enable(SCP)
    policy = organization.policy("no", {"Action": "s3:*"})
    plain.attach_policy(PolicyId=policy, TargetId=member)
    keys.decrypt()
    deny = organization.server.document({"Effect": "Deny", "Action": "kms:*"})
    plain.update_policy(PolicyId=policy, Content=deny)
    with refused("AccessDeniedException"):
        keys.decrypt()
    plain.disable_policy_type(RootId=organization.root, PolicyType=SCP)
    keys.decrypt()


def test_a_removed_account_is_bound_no_more(organization, plain, member, refused):
    keys = Keys(organization.server, organization.inside(member))
    organization.enable(SCP)
    plain.attach_policy(PolicyId=organization.policy("no", {"Action": "kms:*"}), TargetId=organization.root)
    with refused("AccessDeniedException"):
        keys.decrypt()
    plain.remove_account_from_organization(AccountId=member)
    keys.decrypt()


def test_an_scp_can_keep_members_from_assuming_roles(organization, plain, member, refused):
    sts = organization.server.client("sts", organization.inside(member))
    iam = organization.server.client("iam", organization.inside(member))
    trust = organization.server.document({"Principal": {"AWS": member}, "Action": "sts:AssumeRole"})
    arn = iam.create_role(RoleName="Inner", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    sts.assume_role(RoleArn=arn, RoleSessionName="test")
    organization.enable(SCP)
    plain.attach_policy(PolicyId=organization.policy("no", {"Action": "sts:AssumeRole"}), TargetId=member)
    with refused("AccessDenied", None):
        sts.assume_role(RoleArn=arn, RoleSessionName="test")
    organization.inside(member)


def test_an_rcp_binds_the_members_resources_whoever_calls(organization, plain, member, refused):
    theirs, ours = Keys(organization.server, organization.inside(member)), Keys(organization.server)
    organization.enable(RCP)
    theirs.decrypt()
    policy = organization.policy("no-decrypt", {"Action": "kms:Decrypt", "Principal": "*"}, kind=RCP)
    plain.attach_policy(PolicyId=policy, TargetId=organization.root)
    with refused("AccessDeniedException"):
        theirs.decrypt()
    ours.decrypt()
    theirs.kms.encrypt(KeyId=theirs.id, Plaintext=b"x")
    plain.detach_policy(PolicyId=policy, TargetId=organization.root)
    theirs.decrypt()


def test_an_rcp_can_keep_outsiders_from_assuming_the_members_roles(organization, plain, member, refused):
    organization.enable(RCP)
    condition = {"StringNotEquals": {"aws:PrincipalAccount": member}}
    policy = organization.policy(
        "perimeter", {"Action": "sts:AssumeRole", "Principal": "*", "Condition": condition}, kind=RCP
    )
    organization.inside(member)
    plain.attach_policy(PolicyId=policy, TargetId=member)
    with refused("AccessDenied"):
        organization.inside(member)


def test_the_organization_shows_in_conditions(organization, plain, member, refused):
    session = organization.inside(member)
    path = f"{organization.id}/{organization.root}/"
    iam = organization.server.client("iam", session)
    trust = organization.server.document({"Principal": {"AWS": member}, "Action": "sts:AssumeRole"})
    sts = organization.server.client("sts", session)
    for name, condition in (
        ("right", {"StringEquals": {"aws:PrincipalOrgID": organization.id}}),
        ("path", {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{path}*"}}),
        ("exact", {"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": path}}),
        ("wrong", {"StringEquals": {"aws:PrincipalOrgID": "o-0000000000"}}),
        ("elsewhere", {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{path}ou-*"}}),
    ):
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        document = organization.server.document({"Action": "kms:ListKeys", "Condition": condition})
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document)
        answer = sts.assume_role(RoleArn=arn, RoleSessionName="test")
        kms = organization.server.client("kms", organization.server.credentials(answer["Credentials"]))
        if name in {"wrong", "elsewhere"}:
            with refused("AccessDeniedException"):
                kms.list_keys()
        else:
            kms.list_keys()


def test_both_accounts_get_a_record_of_an_entry(organization, member):
    organization.inside(member)
    lines = [
        line
        for path in organization.server.data.glob("g*/audit/worker-*")
        for line in path.read_bytes().splitlines()
        if b'"eventName":"AssumeRole"' in line
    ]
    recipients = {
        account: line
        for line in lines
        for account in (member, organization.server.account)
        if f'"recipientAccountId":"{account}"'.encode() in line
    }
    assert set(recipients) == {member, organization.server.account}
    assert b'"userIdentity":{"type":"AWSAccount"' in recipients[member]
    assert b'"userIdentity":{"type":"IAMUser"' in recipients[organization.server.account]
    assert all(b'"sharedEventID"' in line and b'"sessionToken"' in line for line in recipients.values())
