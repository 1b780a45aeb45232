"""What a writer is held to: every refusal with AWS's text, and what must be accepted."""

import json

import pytest

from casemate.engines.policy import PolicySyntaxError, validate

GOOD = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}
KEY = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}
RCP = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
LEGACY = "The policy failed legacy parsing"
SYNTAX = "Syntax errors in policy."
VENDOR = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
SID = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
IAM_PATH = (
    'IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, instance-profile/, '
    "mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/."
)


def document(*statements, version="2012-10-17", **more):
    body = {"Version": version} if version else {}
    return json.dumps({**body, **more, "Statement": list(statements)})


def refusal(text, kind="identity", profile="iam"):
    with pytest.raises(PolicySyntaxError) as caught:
        validate(text, kind, profile=profile)
    return caught.value


def condition(operator, key, value):
    return {**GOOD, "Condition": {operator: {key: value}}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", SYNTAX),
        ("[]", SYNTAX),
        ('"text"', SYNTAX),
        ("{}", SYNTAX),
        (document(), SYNTAX),
        (document(GOOD, Extra=1), SYNTAX),
        (document({**GOOD, "Extra": 1}), SYNTAX),
        (document({**GOOD, "NotAction": "s3:*"}), SYNTAX),
        (document({**GOOD, "NotResource": "*"}), SYNTAX),
        (document({**GOOD, "Effect": 1}), SYNTAX),
        (document({**GOOD, "Effect": "Maybe"}), SYNTAX),
        (document({**GOOD, "Effect": "allow"}), LEGACY),
        (document({**GOOD, "Action": [["s3:*"]]}), SYNTAX),
        (document({**GOOD, "Action": 1}), SYNTAX),
        (document({**GOOD, "Sid": 1}), SYNTAX),
        (document(GOOD, Id=1), SYNTAX),
        (document("text"), SYNTAX),
        (document(condition("StringEqual", "aws:username", "a")), SYNTAX),
        (document(condition("stringequals", "aws:username", "a")), SYNTAX),
        (document(condition("NullIfExists", "aws:username", "true")), SYNTAX),
        (document(condition("StringEquals", "aws:username", {"a": 1})), SYNTAX),
        (document(condition("StringEquals", "aws:username", None)), SYNTAX),
        (document({**GOOD, "Condition": []}), SYNTAX),
        (document({**GOOD, "Condition": {"StringEquals": "x"}}), SYNTAX),
        (document(condition("NumericEquals", "s3:max-keys", "ten")), SYNTAX),
        (document(condition("IpAddress", "aws:SourceIp", "10.0.0.0/99")), SYNTAX),
        (document(condition("Bool", "aws:SecureTransport", "yes")), SYNTAX),
        (document(condition("Null", "aws:username", "yes")), SYNTAX),
        (document(condition("BinaryEquals", "a:b", "?")), SYNTAX),
        (document(condition("DateLessThan", "aws:CurrentTime", "tomorrow")), LEGACY),
        ('{"Version":"2012-10-17","Statement":[],"Statement":[]}', SYNTAX),
        (document(GOOD).replace('"s3:GetObject"', "NaN"), SYNTAX),
        (document(GOOD, version="2012-10-18"), SYNTAX),
        (document(GOOD, version=None), "Policy document must be version 2012-10-17 or greater."),
        (document(GOOD, version="2008-10-17"), "Policy document must be version 2012-10-17 or greater."),
        (document({**GOOD, "Principal": "*"}), "Policy document should not specify a principal."),
        (document({"Effect": "Allow", "Resource": "*"}), "Policy statement must contain actions."),
        (document({**GOOD, "Action": []}), "Policy statement must contain actions."),
        (document({"Effect": "Allow", "Action": "s3:*"}), "Policy statement must contain resources."),
        (document({**GOOD, "Resource": []}), "Policy statement must contain resources."),
        (document({**GOOD, "Sid": "A"}, {**GOOD, "Sid": "A"}), "Statement IDs (SID) in a single policy must be unique."),
        (document({**GOOD, "Sid": "a b"}), SID),
        (document({**GOOD, "Action": "GetObject"}), VENDOR),
        (document(condition("StringEquals", "username", "a")), VENDOR),
        (document({**GOOD, "Action": "s3:Get:Object"}), "Actions/Condition can contain only one colon."),
        (document({**GOOD, "Action": "a a:Get"}), "Vendor a a is not valid"),
        (document({**GOOD, "Action": "s*:Get"}), "Vendor s* is not valid"),
        (document({**GOOD, "Action": "s3:"}), SYNTAX),
        (document({**GOOD, "Resource": "bucket"}), 'Resource bucket must be in ARN format or "*".'),
        (document({**GOOD, "Resource": ""}), 'Resource  must be in ARN format or "*".'),
        (document({**GOOD, "Resource": "arn:b:c"}), 'Partition "b" is not valid for resource "arn:b:c:*:*:*".'),
        (document({**GOOD, "Resource": "arn:aws:*:::x"}), "Resource vendor must be fully qualified and cannot contain regexes."),
        (document({**GOOD, "Resource": "arn:aws:s3:::"[:-1]}), LEGACY),
        (document({**GOOD, "Resource": "arn:aws:iam:us-east-1:1:user/a"}), "IAM resource arn:aws:iam:us-east-1:1:user/a cannot contain region information."),
        (document({**GOOD, "Resource": "arn:aws:iam::1:usr/a"}), IAM_PATH),
        (document({**GOOD, "Resource": "arn:aws:s3:us-east-1::b"}), "Resource arn:aws:s3:us-east-1::b can not contain region information."),
    ],
)  # fmt: skip
def test_an_identity_policy_is_refused_in_iams_words(text, message):
    error = refusal(text)
    assert error.message == str(error) == message
    assert error.code_hint == "MalformedPolicyDocument"


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ({**TRUST, "Resource": "*"}, "Has prohibited field Resource"),
        ({"Effect": "Allow", "Action": "sts:AssumeRole"}, "Missing required field Principal"),
        ({**TRUST, "Principal": {}}, "Missing required field Principal"),
        ({**TRUST, "Action": "s3:GetObject"}, "AssumeRole policy may only specify STS AssumeRole actions."),
        ({**TRUST, "Action": "*"}, "AssumeRole policy may only specify STS AssumeRole actions."),
        ({"Effect": "Deny", "NotPrincipal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}, "AssumeRole policy must not contain NotPrincipal field."),
        ({**TRUST, "Principal": {"AWS": "arn:aws:iam::111122223333:user/*"}}, 'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:user/*"'),
        ({**TRUST, "Principal": {"AWS": "alice"}}, 'Invalid principal in policy: "AWS":"alice"'),
        ({**TRUST, "Principal": {"AWS": "arn:aws:iam::111122223333:group/g"}}, 'Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:group/g"'),
        ({**TRUST, "Principal": {"Service": "x"}}, 'Invalid principal in policy: "SERVICE":"x"'),
        ({**TRUST, "Principal": {"Federated": "*"}}, 'Invalid principal in policy: "FEDERATED":"*"'),
        ({**TRUST, "Principal": {"Everybody": "*"}}, SYNTAX),
        ({**TRUST, "Principal": "alice"}, SYNTAX),
    ],
)  # fmt: skip
def test_a_trust_policy_is_refused_in_iams_words(statement, message):
    assert refusal(document(statement), "trust").message == message


def test_a_trust_policy_that_is_no_json_has_its_own_text():
    error = refusal("{\n  nonsense", "trust")
    assert (error.message, error.line) == ("This policy contains invalid Json", 2)


WEB = {
    "Effect": "Allow",
    "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
    "Action": "sts:AssumeRoleWithWebIdentity",
}
SUB = "token.actions.githubusercontent.com:sub"


@pytest.mark.parametrize(
    "condition_",
    [
        {},
        {"StringLike": {SUB: "*"}},
        {"StringLike": {SUB: ["repo:octo/app:*", "*"]}},
        {"StringEqualsIfExists": {SUB: "repo:octo/app:ref"}},
        {"ForAllValues:StringEquals": {SUB: "repo:octo/app:ref"}},
        {"StringNotEquals": {SUB: "repo:evil/app:ref"}},
        {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}},
    ],
)
def test_trust_in_a_shared_issuer_without_its_tenant_is_refused(condition_):
    assert SUB in refusal(document({**WEB, "Condition": condition_}), "trust").message


def test_trust_in_a_tenant_of_a_shared_issuer_is_accepted():
    validate(document({**WEB, "Condition": {"StringLike": {SUB: "repo:octo/app:*"}}}), "trust")


@pytest.mark.parametrize(
    ("kind", "statement"),
    [
        ("rcp", {**RCP, "Effect": "Allow"}),
        ("rcp", {**RCP, "Principal": {"AWS": "*"}}),
        ("rcp", {**RCP, "Action": "*"}),
        ("rcp", {"Effect": "Deny", "Principal": "*", "NotAction": "s3:*", "Resource": "*"}),
        ("rcp", {"Effect": "Deny", "NotPrincipal": "*", "Action": "s3:*", "Resource": "*"}),
        ("scp", {**GOOD, "Principal": "*"}),
        ("scp", {**GOOD, "Action": "nocolon"}),
    ],
)
def test_organizations_refuses_with_one_text_and_its_own_code(kind, statement):
    error = refusal(document(statement), kind, "organizations")
    assert error.message == "The provided policy document does not meet the requirements of the specified policy type."
    assert error.code_hint == "MalformedPolicyDocumentException"


@pytest.mark.parametrize("value", ["arn:aws:iam::111122223333:user/*", "nobody", "arn:aws:iam::1:root"])
def test_kms_refuses_a_principal_that_can_be_none(value):
    error = refusal(document({**KEY, "Principal": {"AWS": value}}), "resource", "kms")
    assert error.message == "Policy contains a statement with one or more invalid principals."
    assert error.code_hint == "MalformedPolicyDocumentException"


def test_s3_has_its_own_code_and_text():
    error = refusal(document({**KEY, "Principal": {"AWS": "nobody"}, "Action": "s3:*"}), "resource", "s3")
    assert (error.code_hint, error.message) == ("MalformedPolicy", "Invalid principal in policy")


def test_not_principal_with_allow_is_refused():
    body = {"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}, "Action": "s3:*", "Resource": "*"}
    assert refusal(document(body), "resource", "generic").path == "Statement[0].NotPrincipal"


@pytest.mark.parametrize("text", ["", "\x00" + document(GOOD), document(GOOD) + "\u2028", " " * 131073])
def test_characters_and_length_are_checked_before_anything_else(text):
    error = refusal(text)
    assert error.code_hint == "ValidationError"
    assert error.message.startswith(
        "1 validation error detected: Value at 'policyDocument' failed to satisfy constraint"
    )


@pytest.mark.parametrize(
    ("kind", "profile", "statement"),
    [
        ("identity", "iam", {**GOOD, "Sid": ""}),
        ("identity", "iam", {**GOOD, "Action": "unknown:WellFormed"}),
        ("identity", "iam", {**GOOD, "Action": "S3:getobject*"}),
        ("identity", "iam", {**GOOD, "Action": "*"}),
        ("identity", "iam", {**GOOD, "Resource": "arn:aws:s3:us-east-1:111122223333:accesspoint/a"}),
        ("identity", "iam", {**GOOD, "Resource": "arn:*:iam::*:role/${aws:username}"}),
        ("identity", "iam", {**GOOD, "Resource": "arn:aws:iam::111122223333:*"}),
        ("identity", "iam", condition("NumericLessThan", "s3:max-keys", 10)),
        ("identity", "iam", condition("Bool", "aws:SecureTransport", True)),
        ("identity", "iam", condition("StringEquals", "graph.facebook.com:app_id", "x")),
        ("session", "iam", GOOD),
        ("boundary", "iam", GOOD),
        ("trust", "iam", {**TRUST, "Principal": {"AWS": ["*", "AROAEXAMPLEEXAMPLE12"]}}),
        ("trust", "iam", {**TRUST, "Principal": {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}}),
        ("trust", "iam", {**TRUST, "Principal": {"Federated": "cognito-identity.amazonaws.com"}}),
        ("trust", "iam", {**TRUST, "Action": ["sts:AssumeRole", "sts:TagSession"]}),
        ("trust", "iam", {**TRUST, "Principal": {"AWS": "arn:aws:sts::111122223333:assumed-role/r/s"}}),
        ("resource", "kms", {**KEY, "Sid": "Enable IAM User Permissions"}),
        ("resource", "kms", {key: value for key, value in KEY.items() if key != "Resource"}),
        ("resource", "kms", {**KEY, "Principal": "*"}),
        ("resource", "secretsmanager", {**KEY, "Action": "secretsmanager:GetSecretValue"}),
        ("endpoint", "generic", {**GOOD, "Principal": "*"}),
        ("scp", "organizations", {"Effect": "Allow", "Action": "*", "Resource": "*"}),
        ("scp", "organizations", {"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::secret"}),
        ("rcp", "organizations", RCP),
        ("rcp", "organizations", {**RCP, "Action": "s3:*Object?"}),
    ],
)
def test_what_aws_accepts_is_accepted(kind, profile, statement):
    assert validate(document(statement), kind, profile=profile).statements


def test_trust_and_resource_policies_may_be_of_2008_or_say_nothing():
    for version in (None, "2008-10-17"):
        validate(document(TRUST, version=version), "trust")
        validate(document(KEY, version=version), "resource", profile="kms")


def test_elements_come_in_any_order_and_a_single_statement_needs_no_array():
    validate('{"Statement":{"Resource":"*","Effect":"Allow","Action":["s3:*"]},"Version":"2012-10-17"}', "identity")


def test_the_text_of_a_document_is_kept_as_it_was():
    text = ' {"Version":"2012-10-17",\n"Statement": {"Effect":"Allow","Action":"s3:\\u0047et*","Resource":"*"}} '
    policy = validate(text, "identity")
    assert policy.document == text
    assert policy.size == len(text)
    assert policy.size_without_white_space == len("".join(text.split()))
