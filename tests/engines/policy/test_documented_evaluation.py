"""AWS's documented rules and examples of evaluation: each row names its page.

A row is (page, what it shows, request, expected effect). Callers are named in conftest.py; the resource's owner is the
account of `user` and `session` unless said otherwise.
"""

import pytest

A = "111122223333"
B = "444455556666"
BUCKET = "arn:aws:s3:::carlossalazar"
KEY = f"arn:aws:kms:us-east-1:{A}:key/1234abcd"
ROLE = f"arn:aws:iam::{A}:role/target"
USER_ARN = f"arn:aws:iam::{A}:user/alice"
ROLE_ARN = f"arn:aws:iam::{A}:role/app"
SESSION_ARN = f"arn:aws:sts::{A}:assumed-role/app/s1"
FEDERATED_ARN = f"arn:aws:sts::{A}:federated-user/Bob"
ACCOUNT_ARN = f"arn:aws:iam::{A}:root"


def allow(action, resource="*", condition=None, **more):
    return {
        "Effect": "Allow",
        "Action": action,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
        **more,
    }


def deny(action, resource="*", condition=None, **more):
    return {**allow(action, resource, condition, **more), "Effect": "Deny"}


def to(*arns, action="s3:*", condition=None):
    """A resource policy that allows principals."""
    return [allow(action, "*", condition, Principal={"AWS": list(arns)})]


def everybody(action="s3:*", condition=None):
    return [allow(action, "*", condition, Principal="*")]


ALL = [allow("*")]
NOTHING = [allow("unrelated:Action")]
SILENT = {"identity": [NOTHING], "boundary": NOTHING}
GET = {"action": "s3:GetObject", "resource": f"{BUCKET}/a"}

LOGIC = "Policy evaluation logic"
SINGLE = "Policy evaluation for requests within a single account"
CARLOS = [
    allow(["s3:GetBucketLocation", "s3:ListAllMyBuckets"], "arn:aws:s3:::*"),
    allow("s3:*", [f"{BUCKET}/*", BUCKET]),
    deny("s3:*", "arn:aws:s3:::*log*"),
]
CARLOS_BUCKET = [allow("s3:*", [f"{BUCKET}/*", BUCKET], Principal={"AWS": USER_ARN})]
REPORTS = [allow(["iam:Get*", "iam:List*"]), deny("iam:*Report")]

BOUNDARIES = "Permissions boundaries for IAM entities"
SHIRLEY = [allow(["s3:*", "cloudwatch:*", "ec2:*"])]
X_COMPANY = [
    allow(["s3:*", "cloudwatch:*", "ec2:*", "dynamodb:*"]),
    allow(["iam:*AccessKey*", "iam:GetUser"], ["arn:aws:iam::*:user/${aws:username}"]),
    deny("s3:*", ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]),
]
DELEGATED = [
    allow(
        ["iam:CreateUser", "iam:AttachUserPolicy"],
        "*",
        {"StringEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{A}:policy/XCompanyBoundaries"}},
    ),
    deny(["iam:CreatePolicyVersion"], [f"arn:aws:iam::{A}:policy/XCompanyBoundaries"]),
    deny("iam:DeleteUserPermissionsBoundary"),
]

SESSIONS = "Policies and permissions in IAM: Session policies"
CROSS = "Cross-account policy evaluation logic"
PRINCIPAL = "AWS JSON policy elements: Principal"

NOT_PRINCIPAL = "AWS JSON policy elements: NotPrincipal"


def except_principals(*arns):
    statement = {"Effect": "Deny", "NotPrincipal": {"AWS": list(arns)}, "Action": "s3:*", "Resource": "*"}
    return [statement, allow("s3:*", "*", Principal="*")]


BOB = f"arn:aws:iam::{B}:user/eve"
AUDIT = [f"arn:aws:sts::{B}:assumed-role/visitor/s9", f"arn:aws:iam::{B}:role/visitor", f"arn:aws:iam::{B}:root"]
OUTSIDE = {"identity": [ALL], "caller": "outsider", **GET}
OUTSIDE_SESSION = {"identity": [ALL], "caller": "outside_session", **GET}

SCP = "Service control policies (SCPs)"
FULL = [allow("*")]
SCP_REGION = [
    allow("*"),
    {
        "Effect": "Deny",
        "NotAction": ["iam:*", "organizations:*"],
        "Resource": "*",
        "Condition": {
            "StringNotEquals": {"aws:RequestedRegion": ["eu-central-1"]},
            "ArnNotLike": {"aws:PrincipalARN": ["arn:aws:iam::*:role/Role1AllowedToBypassThisSCP"]},
        },
    },
]
SCP_ROOT = [deny("ec2:*", "*", {"StringLike": {"aws:PrincipalArn": ["arn:aws:iam::*:root"]}}), allow("*")]
EC2 = {"action": "ec2:RunInstances", "resource": f"arn:aws:ec2:eu-central-1:{A}:instance/*", "identity": [ALL]}

RCP = "Resource control policies (RCPs)"
FULL_RCP = [allow("*", "*", Principal="*")]
ORG_ONLY = [
    deny(
        "s3:*",
        "*",
        {
            "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-aa111bb222"},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
        Principal="*",
    )
]
MEMBER = {"aws:PrincipalOrgID": "o-aa111bb222", "aws:PrincipalIsAWSService": "false"}
STRANGER = {"aws:PrincipalIsAWSService": "false"}

ENDPOINT = "Control access to VPC endpoints using endpoint policies"
KMS = "AWS KMS Developer Guide: Key policies; Allowing users in other accounts"
KMS_ROOT = [allow("kms:*", "*", Principal={"AWS": ACCOUNT_ARN})]
KMS_OTHER = [allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{B}:root"})]
DECRYPT = {"action": "kms:Decrypt", "resource": KEY, "needs": True}
USE = [allow("kms:Decrypt", KEY)]
STS = "Switching to an IAM role; Role trust policies"
ASSUME = {"action": "sts:AssumeRole", "resource": ROLE, "needs": True, "kind": "trust"}
MAY_ASSUME = [allow("sts:AssumeRole", ROLE)]


def trust(*arns, condition=None):
    return [
        {
            "Effect": "Allow",
            "Principal": {"AWS": list(arns)},
            "Action": "sts:AssumeRole",
            **({"Condition": condition} if condition else {}),
        }
    ]


EXTERNAL = {"StringEquals": {"sts:ExternalId": "12345"}}

# fmt: off
# A row a line: the table is read downwards.
ROWS = [
    (LOGIC, "Carlos saves to the log bucket: his own Deny", {"identity": [CARLOS], "action": "s3:PutObject", "resource": "arn:aws:s3:::carlossalazar-logs/a"}, "explicit_deny"),
    (LOGIC, "Carlos saves to his bucket: both policies allow", {"identity": [CARLOS], "policy": CARLOS_BUCKET, "action": "s3:PutObject", "resource": f"{BUCKET}/a"}, "allow"),
    (LOGIC, "the bucket policy alone is enough", {"policy": CARLOS_BUCKET, "action": "s3:PutObject", "resource": f"{BUCKET}/a"}, "allow"),
    (LOGIC, "the identity policy alone is enough", {"identity": [CARLOS], "action": "s3:PutObject", "resource": f"{BUCKET}/a"}, "allow"),
    (LOGIC, "neither allows", {"identity": [NOTHING], "policy": CARLOS_BUCKET, "caller": "other_user", **GET}, "implicit_deny"),
    (LOGIC, "explicit and implicit: allowed", {"identity": [REPORTS], "action": "iam:GetUser"}, "allow"),
    (LOGIC, "explicit and implicit: implicitly denied", {"identity": [REPORTS], "action": "iam:CreatePolicy"}, "implicit_deny"),
    (LOGIC, "explicit and implicit: explicitly denied", {"identity": [REPORTS], "action": "iam:GetOrganizationsAccessReport"}, "explicit_deny"),
    (LOGIC, "another policy's Allow does not help against a Deny", {"identity": [REPORTS, ALL], "action": "iam:GenerateCredentialReport"}, "explicit_deny"),
    (LOGIC, "the root user has full access", {"caller": "root", "action": "iam:CreateUser"}, "allow"),
    (SINGLE, "user ARN: identity and boundary silent", {"policy": to(USER_ARN), **SILENT, **GET}, "allow"),
    (SINGLE, "user ARN, federated session: identity silent", {"policy": to(USER_ARN), "caller": "federated", "identity": [NOTHING], "session": [ALL], **GET}, "allow"),
    (SINGLE, "user ARN, federated session: boundary silent", {"policy": to(USER_ARN), "caller": "federated", "boundary": NOTHING, "session": [ALL], **GET}, "implicit_deny"),
    (SINGLE, "user ARN, federated session: session policy silent", {"policy": to(USER_ARN), "caller": "federated", "identity": [ALL], "session": [NOTHING], **GET}, "implicit_deny"),
    (SINGLE, "role ARN: identity silent", {"policy": to(ROLE_ARN), "caller": "session", "identity": [NOTHING], **GET}, "allow"),
    (SINGLE, "role ARN: boundary silent", {"policy": to(ROLE_ARN), "caller": "session", "identity": [ALL], "boundary": NOTHING, **GET}, "implicit_deny"),
    (SINGLE, "role ARN: session policy silent", {"policy": to(ROLE_ARN), "caller": "session", "identity": [ALL], "session": [NOTHING], **GET}, "implicit_deny"),
    (SINGLE, "session ARN: all silent", {"policy": to(SESSION_ARN), "caller": "session", **SILENT, "session": [NOTHING], **GET}, "allow"),
    (SINGLE, "federated-user ARN: all silent", {"policy": to(FEDERATED_ARN), "caller": "federated", **SILENT, "session": [NOTHING], **GET}, "allow"),
    (SINGLE, "federated-user ARN: no session policy at all", {"policy": to(FEDERATED_ARN), "caller": "federated", "session": [], **GET}, "allow"),
    (SINGLE, "account ARN: identity silent", {"policy": to(ACCOUNT_ARN), "caller": "session", "identity": [NOTHING], **GET}, "implicit_deny"),
    (SINGLE, "account ARN: identity allows", {"policy": to(ACCOUNT_ARN), "caller": "session", "identity": [ALL], **GET}, "allow"),
    (SINGLE, "account ARN: boundary silent", {"policy": to(ACCOUNT_ARN), "caller": "session", "identity": [ALL], "boundary": NOTHING, **GET}, "implicit_deny"),
    (SINGLE, "everybody: all silent", {"policy": everybody(), "caller": "session", **SILENT, "session": [NOTHING], **GET}, "allow"),
    (SINGLE, "everybody with aws:PrincipalArn: all silent", {"policy": everybody(condition={"ArnEquals": {"aws:PrincipalArn": ROLE_ARN}}), "caller": "session", **SILENT, "session": [NOTHING], **GET, "keys": {"aws:PrincipalArn": ROLE_ARN}}, "allow"),
    (SINGLE, "an explicit deny of the boundary cuts a direct name", {"policy": to(SESSION_ARN), "caller": "session", "boundary": [deny("s3:*")], **GET}, "explicit_deny"),
    (SINGLE, "an explicit deny of the session policy cuts a direct name", {"policy": to(SESSION_ARN), "caller": "session", "session": [[deny("s3:*")]], **GET}, "explicit_deny"),
    (SINGLE, "an SCP without Allow cuts a direct name", {"policy": to(SESSION_ARN), "caller": "session", "scps": [[NOTHING]], **GET}, "implicit_deny"),
    (SINGLE, "a federated user without session policy has no rights", {"caller": "federated", "identity": [ALL], "session": [], **GET}, "implicit_deny"),
    (SINGLE, "a role session without session policy is not limited", {"caller": "session", "identity": [ALL], "session": None, **GET}, "allow"),
    (BOUNDARIES, "Shirley cannot create a user", {"identity": [[allow("iam:CreateUser")]], "boundary": SHIRLEY, "action": "iam:CreateUser"}, "implicit_deny"),
    (BOUNDARIES, "Shirley with S3 in both", {"identity": [[allow("s3:*")]], "boundary": SHIRLEY, **GET}, "allow"),
    (BOUNDARIES, "a boundary grants nothing", {"identity": [NOTHING], "boundary": SHIRLEY, **GET}, "implicit_deny"),
    (BOUNDARIES, "X-Company: the logs bucket", {"identity": [ALL], "boundary": X_COMPANY, "action": "s3:GetObject", "resource": "arn:aws:s3:::logs/a"}, "explicit_deny"),
    (BOUNDARIES, "X-Company: own access keys", {"identity": [ALL], "boundary": X_COMPANY, "action": "iam:CreateAccessKey", "resource": USER_ARN, "keys": {"aws:username": "alice"}}, "allow"),
    (BOUNDARIES, "X-Company: others' access keys", {"identity": [ALL], "boundary": X_COMPANY, "action": "iam:CreateAccessKey", "resource": f"arn:aws:iam::{A}:user/bob", "keys": {"aws:username": "alice"}}, "implicit_deny"),
    (BOUNDARIES, "Zhang creates a user with the boundary", {"identity": [[allow("iam:*")]], "boundary": DELEGATED, "action": "iam:CreateUser", "resource": f"arn:aws:iam::{A}:user/new", "keys": {"iam:PermissionsBoundary": f"arn:aws:iam::{A}:policy/XCompanyBoundaries"}}, "allow"),
    (BOUNDARIES, "Zhang creates a user without it", {"identity": [[allow("iam:*")]], "boundary": DELEGATED, "action": "iam:CreateUser", "resource": f"arn:aws:iam::{A}:user/new"}, "implicit_deny"),
    (BOUNDARIES, "Zhang removes a boundary", {"identity": [[allow("iam:*")]], "boundary": DELEGATED, "action": "iam:DeleteUserPermissionsBoundary", "resource": f"arn:aws:iam::{A}:user/new"}, "explicit_deny"),
    (SESSIONS, "the intersection of both: only the session allows", {"caller": "session", "identity": [NOTHING], "session": [ALL], **GET}, "implicit_deny"),
    (SESSIONS, "the intersection of both: only the role allows", {"caller": "session", "identity": [ALL], "session": [NOTHING], **GET}, "implicit_deny"),
    (SESSIONS, "the intersection of both: both allow", {"caller": "session", "identity": [ALL], "session": [[allow("s3:GetObject")]], **GET}, "allow"),
    (SESSIONS, "inline and managed session policies are a union", {"caller": "session", "identity": [ALL], "session": [NOTHING, [allow("s3:GetObject")]], **GET}, "allow"),
    (CROSS, "both sides allow the account's user", {"caller": "outsider", "identity": [ALL], "policy": to(f"arn:aws:iam::{B}:root"), **GET}, "allow"),
    (CROSS, "no identity policy", {"caller": "outsider", "policy": to(BOB), **GET}, "implicit_deny"),
    (CROSS, "no resource policy", {"caller": "outsider", "identity": [ALL], **GET}, "implicit_deny"),
    (CROSS, "everybody named, identity silent", {"caller": "outsider", "policy": everybody(), **GET}, "implicit_deny"),
    (CROSS, "everybody named, identity allows", {"caller": "outsider", "identity": [ALL], "policy": everybody(), **GET}, "allow"),
    (CROSS, "a session named directly needs its role's policy all the same", {"caller": "outside_session", "policy": to(AUDIT[0]), **GET}, "implicit_deny"),
    (CROSS, "a silent boundary cuts", {"caller": "outsider", "identity": [ALL], "boundary": NOTHING, "policy": to(BOB), **GET}, "implicit_deny"),
    (CROSS, "a silent session policy cuts", {"caller": "outside_session", "identity": [ALL], "session": [NOTHING], "policy": to(AUDIT[0]), **GET}, "implicit_deny"),
    (CROSS, "the caller's SCP cuts", {"caller": "outsider", "identity": [ALL], "scps": [[NOTHING]], "policy": to(BOB), **GET}, "implicit_deny"),
    (CROSS, "the other account's root user", {"caller": "outside_root", "policy": to(f"arn:aws:iam::{B}:root"), **GET}, "allow"),
    (CROSS, "the other account's root user, unnamed", {"caller": "outside_root", "policy": to(USER_ARN), **GET}, "implicit_deny"),
    (PRINCIPAL, "the account id is the root ARN", {"policy": to(A), "identity": [ALL], "needs": True, **GET}, "allow"),
    (PRINCIPAL, "user names are case-sensitive", {"policy": to(f"arn:aws:iam::{A}:user/Alice"), **GET}, "implicit_deny"),
    (PRINCIPAL, "a stored unique id of the caller", {"policy": to("AIDAALICEXXXXXXXXXXX"), **GET}, "allow"),
    (PRINCIPAL, "a stored unique id of a deleted namesake", {"policy": to("AIDAOLDALICEXXXXXXXX"), **GET}, "implicit_deny"),
    (PRINCIPAL, "no wildcard matches part of a principal", {"policy": to(f"arn:aws:iam::{A}:user/*"), **GET}, "implicit_deny"),
    (PRINCIPAL, "everybody includes the anonymous", {"caller": "anonymous", "policy": everybody(), **GET}, "allow"),
    (PRINCIPAL, "an account is not the anonymous", {"caller": "anonymous", "policy": to(A), **GET}, "implicit_deny"),
    (PRINCIPAL, "an account in a Deny is everybody in it", {"caller": "session", "identity": [ALL], "policy": [deny("s3:*", "*", Principal={"AWS": A})], **GET}, "explicit_deny"),
    (PRINCIPAL, "the root ARN as aws:PrincipalArn is the root user alone", {"identity": [ALL], "policy": [deny("s3:*", "*", {"ArnEquals": {"aws:PrincipalArn": ACCOUNT_ARN}}, Principal="*")], **GET, "keys": {"aws:PrincipalArn": USER_ARN}}, "allow"),
    (NOT_PRINCIPAL, "Bob and his account are excepted", {"policy": except_principals(BOB, f"arn:aws:iam::{B}:root"), **OUTSIDE}, "allow"),
    (NOT_PRINCIPAL, "Bob without his account is denied", {"policy": except_principals(BOB), **OUTSIDE}, "explicit_deny"),
    (NOT_PRINCIPAL, "another user of the account is denied", {"policy": except_principals(f"arn:aws:iam::{B}:user/other", f"arn:aws:iam::{B}:root"), **OUTSIDE}, "explicit_deny"),
    (NOT_PRINCIPAL, "session, role and account are excepted", {"policy": except_principals(*AUDIT), **OUTSIDE_SESSION}, "allow"),
    (NOT_PRINCIPAL, "session and account without the role", {"policy": except_principals(AUDIT[0], AUDIT[2]), **OUTSIDE_SESSION}, "explicit_deny"),
    (NOT_PRINCIPAL, "session and role without the account", {"policy": except_principals(*AUDIT[:2]), **OUTSIDE_SESSION}, "explicit_deny"),
    (NOT_PRINCIPAL, "a boundary makes it deny whatever it lists", {"policy": except_principals(BOB, f"arn:aws:iam::{B}:root"), **OUTSIDE, "boundary": ALL}, "explicit_deny"),
    (NOT_PRINCIPAL, "the anonymous are denied", {"policy": except_principals(BOB, f"arn:aws:iam::{B}:root"), "caller": "anonymous", **GET}, "explicit_deny"),
    (SCP, "FullAWSAccess at every level", {"scps": [[FULL], [FULL], [FULL]], **EC2}, "allow"),
    (SCP, "a level without Allow", {"scps": [[FULL], [NOTHING], [FULL]], **EC2}, "implicit_deny"),
    (SCP, "a Deny at any level", {"scps": [[FULL, [deny("ec2:*")]], [FULL]], **EC2}, "explicit_deny"),
    (SCP, "grants nothing", {"scps": [[FULL]], **EC2, "identity": [NOTHING]}, "implicit_deny"),
    (SCP, "binds the member's root user", {"scps": [[SCP_ROOT]], **EC2, "caller": "root", "keys": {"aws:PrincipalArn": ACCOUNT_ARN}}, "explicit_deny"),
    (SCP, "the same leaves users alone", {"scps": [[SCP_ROOT]], **EC2, "keys": {"aws:PrincipalArn": USER_ARN}}, "allow"),
    (SCP, "binds no service-linked role", {"scps": [[[deny("*")]]], **EC2, "caller": "service_linked"}, "allow"),
    (SCP, "does not bind outsiders using the account's resources", {"scps": [], "caller": "outsider", "identity": [ALL], "policy": to(BOB), **GET}, "allow"),
    (SCP, "denies other regions", {"scps": [[SCP_REGION]], **EC2, "keys": {"aws:RequestedRegion": "us-east-1", "aws:PrincipalArn": USER_ARN}}, "explicit_deny"),
    (SCP, "the region is right", {"scps": [[SCP_REGION]], **EC2, "keys": {"aws:RequestedRegion": "eu-central-1", "aws:PrincipalArn": USER_ARN}}, "allow"),
    (SCP, "the exempt role", {"scps": [[SCP_REGION]], **EC2, "keys": {"aws:RequestedRegion": "us-east-1", "aws:PrincipalArn": f"arn:aws:iam::{A}:role/Role1AllowedToBypassThisSCP"}}, "allow"),
    (RCP, "a stranger is denied though the bucket is public", {"rcps": [[FULL_RCP], [FULL_RCP, ORG_ONLY]], "policy": everybody(), "caller": "outsider", "identity": [ALL], **GET, "keys": STRANGER}, "explicit_deny"),
    (RCP, "a member of the organization", {"rcps": [[FULL_RCP], [FULL_RCP, ORG_ONLY]], "policy": everybody(), "identity": [ALL], **GET, "keys": MEMBER}, "allow"),
    (RCP, "the anonymous are denied", {"rcps": [[FULL_RCP, ORG_ONLY]], "policy": everybody(), "caller": "anonymous", **GET, "keys": STRANGER}, "explicit_deny"),
    (RCP, "the owner's root user is bound", {"rcps": [[FULL_RCP, [deny("s3:*", "*", Principal="*")]]], "caller": "root", **GET}, "explicit_deny"),
    (RCP, "a service-linked role is not", {"rcps": [[FULL_RCP, [deny("s3:*", "*", Principal="*")]]], "caller": "service_linked", "identity": [ALL], **GET}, "allow"),
    (RCP, "kms:RetireGrant is not", {"rcps": [[FULL_RCP, [deny("kms:*", "*", Principal="*")]]], "policy": KMS_ROOT, "identity": [[allow("kms:*")]], **DECRYPT, "action": "kms:RetireGrant"}, "allow"),
    (RCP, "a level without RCPFullAWSAccess allows nothing", {"rcps": [[ORG_ONLY]], "identity": [ALL], **GET, "keys": MEMBER}, "implicit_deny"),
    (ENDPOINT, "does not grant", {"endpoint": everybody(), "identity": [NOTHING], **GET}, "implicit_deny"),
    (ENDPOINT, "limits what is granted", {"endpoint": everybody("s3:ListBucket"), "identity": [ALL], **GET}, "implicit_deny"),
    (ENDPOINT, "both allow", {"endpoint": everybody(), "identity": [ALL], **GET}, "allow"),
    (ENDPOINT, "limits everybody with a condition on the principal", {"endpoint": everybody(condition={"ArnEquals": {"aws:PrincipalArn": ROLE_ARN}}), "identity": [ALL], **GET, "keys": {"aws:PrincipalArn": USER_ARN}}, "implicit_deny"),
    (ENDPOINT, "an explicit deny", {"endpoint": [*everybody(), deny("s3:GetObject", "*", Principal="*")], "identity": [ALL], **GET}, "explicit_deny"),
    (KMS, "default key policy and an identity policy", {"policy": KMS_ROOT, "identity": [USE], **DECRYPT}, "allow"),
    (KMS, "default key policy, no identity policy", {"policy": KMS_ROOT, **DECRYPT}, "implicit_deny"),
    (KMS, "an identity policy alone never suffices for a key", {"policy": to(f"arn:aws:iam::{A}:user/bob", action="kms:*"), "identity": [USE], **DECRYPT}, "implicit_deny"),
    (KMS, "the key policy names the user", {"policy": to(USER_ARN, action="kms:Decrypt"), **DECRYPT}, "allow"),
    (KMS, "the root user with the default policy", {"policy": KMS_ROOT, "caller": "root", **DECRYPT}, "allow"),
    (KMS, "the root user when the key policy forgot the account", {"policy": to(USER_ARN, action="kms:*"), "caller": "root", **DECRYPT}, "implicit_deny"),
    (KMS, "another account: key policy and identity policy", {"policy": KMS_OTHER, "caller": "outsider", "identity": [USE], **DECRYPT}, "allow"),
    (KMS, "another account: key policy only", {"policy": KMS_OTHER, "caller": "outsider", **DECRYPT}, "implicit_deny"),
    (KMS, "another account: identity policy only", {"policy": KMS_ROOT, "caller": "outsider", "identity": [USE], **DECRYPT}, "implicit_deny"),
    (KMS, "a statement without Resource has no effect", {"policy": [{"Effect": "Allow", "Principal": {"AWS": USER_ARN}, "Action": "kms:*"}], **DECRYPT}, "implicit_deny"),
    (KMS, "an AWS managed key through its service", {"policy": everybody("kms:Decrypt", {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com", "kms:CallerAccount": A}}), **DECRYPT, "keys": {"kms:ViaService": "s3.us-east-1.amazonaws.com", "kms:CallerAccount": A}}, "allow"),
    (KMS, "an AWS managed key directly", {"policy": everybody("kms:Decrypt", {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com", "kms:CallerAccount": A}}), "identity": [USE], **DECRYPT, "keys": {"kms:CallerAccount": A}}, "implicit_deny"),
    (STS, "same account, trust names the user", {"policy": trust(USER_ARN), **ASSUME}, "allow"),
    (STS, "same account, trust names the account, identity silent", {"policy": trust(ACCOUNT_ARN), **ASSUME}, "implicit_deny"),
    (STS, "same account, trust names the account, identity allows", {"policy": trust(ACCOUNT_ARN), "identity": [MAY_ASSUME], **ASSUME}, "allow"),
    (STS, "identity allows, no trust", {"policy": trust(f"arn:aws:iam::{A}:user/bob"), "identity": [MAY_ASSUME], **ASSUME}, "implicit_deny"),
    (STS, "cross account, both", {"policy": trust(f"arn:aws:iam::{B}:root"), "caller": "outsider", "identity": [MAY_ASSUME], **ASSUME}, "allow"),
    (STS, "cross account, trust alone", {"policy": trust(BOB), "caller": "outsider", **ASSUME}, "implicit_deny"),
    (STS, "a role does not trust itself", {"policy": trust(USER_ARN), "caller": "session", "identity": [ALL], **ASSUME, "resource": ROLE_ARN}, "implicit_deny"),
    (STS, "the boundary of a trusted user must allow sts:AssumeRole", {"policy": trust(USER_ARN), "boundary": NOTHING, **ASSUME}, "implicit_deny"),
    (STS, "the boundary of a trusted user allows", {"policy": trust(USER_ARN), "boundary": MAY_ASSUME, **ASSUME}, "allow"),
    (STS, "the external id is right", {"policy": trust(f"arn:aws:iam::{B}:root", condition=EXTERNAL), "caller": "outsider", "identity": [ALL], **ASSUME, "keys": {"sts:ExternalId": "12345"}}, "allow"),
    (STS, "the external id is missing", {"policy": trust(f"arn:aws:iam::{B}:root", condition=EXTERNAL), "caller": "outsider", "identity": [ALL], **ASSUME}, "implicit_deny"),
    (STS, "tags need sts:TagSession in the trust policy", {"policy": trust(USER_ARN), **ASSUME, "action": "sts:TagSession"}, "implicit_deny"),
]
# fmt: on


@pytest.mark.parametrize(("page", "shows", "request_", "effect"), ROWS, ids=[f"{row[0]} - {row[1]}" for row in ROWS])
def test_a_documented_rule_is_decided_as_documented(ask, page, shows, request_, effect):
    assert ask(**request_).effect == effect


@pytest.mark.parametrize(("page", "shows", "request_", "effect"), ROWS, ids=[f"{row[0]} - {row[1]}" for row in ROWS])
def test_the_explanation_of_a_documented_rule_agrees_with_its_decision(ask, page, shows, request_, effect):
    effects = {check.effect for check in ask(**request_).explain()}
    if effect == "allow":
        assert not effects & {"EXPLICIT_DENY", "IMPLICIT_DENY"}
    else:
        assert ("EXPLICIT_DENY" in effects) == (effect == "explicit_deny")
        assert effects & {"EXPLICIT_DENY", "IMPLICIT_DENY"}


def test_no_row_comes_twice():
    assert len({(page, shows) for page, shows, _request, _effect in ROWS}) == len(ROWS)
