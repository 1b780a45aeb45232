"""AssumeRole over the real server: who may, for how long, and what the session then is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

ASSUME = {"Action": "sts:AssumeRole"}


def seconds_left(credentials):
    return (credentials["Expiration"] - datetime.now(UTC)).total_seconds()


def test_assume_role_by_a_named_user_gives_a_session_of_the_role(server, role):
    alice = server.user("alice")
    arn = role("Deploy", f"arn:aws:iam::{server.account}:user/alice", Path="/ci/")
    answer = server.client("sts", alice).assume_role(RoleArn=arn, RoleSessionName="build-7")
    role_id = server.client("iam").get_role(RoleName="Deploy")["Role"]["RoleId"]
    session_arn = f"arn:aws:sts::{server.account}:assumed-role/Deploy/build-7"
    assert answer["AssumedRoleUser"] == {"AssumedRoleId": f"{role_id}:build-7", "Arn": session_arn}
    assert not {"PackedPolicySize", "SourceIdentity"} & set(answer)
    assert 3590 < seconds_left(answer["Credentials"]) <= 3601
    who = server.client("sts", server.credentials(answer["Credentials"])).get_caller_identity()
    assert (who["UserId"], who["Account"], who["Arn"]) == (f"{role_id}:build-7", server.account, session_arn)


def test_assume_role_where_the_account_is_trusted_needs_an_identity_policy(server, role, refused):
    arn = role("Shared", server.account)
    without, with_one = server.user("without"), server.user("with", {**ASSUME, "Resource": arn})
    text = (
        f"User: arn:aws:iam::{server.account}:user/without is not authorized to perform: sts:AssumeRole on resource: "
    )
    with refused("AccessDenied", text + arn, status=403):
        server.client("sts", without).assume_role(RoleArn=arn, RoleSessionName="test")
    server.client("sts", with_one).assume_role(RoleArn=arn, RoleSessionName="test")


def test_assume_role_that_trusts_somebody_else_is_refused_as_an_absent_role_is(server, role, refused):
    server.user("other")
    arn = role("Closed", f"arn:aws:iam::{server.account}:user/other")
    sts = server.client("sts")
    for named in (arn, arn.replace("Closed", "Absent"), arn.replace(server.account, "999999999999")):
        text = (
            f"User: arn:aws:iam::{server.account}:user/admin is not authorized to perform: sts:AssumeRole on resource: "
        )
        with refused("AccessDenied", text + named, status=403):
            sts.assume_role(RoleArn=named, RoleSessionName="test")


def test_a_role_does_not_trust_a_new_user_of_an_old_ones_name(server, role, refused):
    first = server.user("bob")
    arn = role("OfBob", f"arn:aws:iam::{server.account}:user/bob")
    server.client("sts", first).assume_role(RoleArn=arn, RoleSessionName="test")
    iam = server.client("iam")
    iam.delete_access_key(UserName="bob", AccessKeyId=first.access_key_id)
    iam.delete_user(UserName="bob")
    second = server.user("bob", ASSUME)
    with refused("AccessDenied"):
        server.client("sts", second).assume_role(RoleArn=arn, RoleSessionName="test")


@pytest.mark.parametrize(
    "text", ["not an arn but long enough", "arn:aws:iam::123456789012", "role/Deploy-is-no-arn-at-all"]
)
def test_assume_role_of_what_is_no_arn_is_a_validation_error(server, refused, text):
    with refused("ValidationError", f"{text} is invalid", status=400):
        server.client("sts").assume_role(RoleArn=text, RoleSessionName="test")


def test_external_id_must_be_the_one_that_the_role_wants(server, role, assume, refused):
    condition = {"StringEquals": {"sts:ExternalId": "s3cret:id"}}
    arn = role("Vendor", [{"Principal": {"AWS": server.account}, **ASSUME, "Condition": condition}])
    assume(arn, ExternalId="s3cret:id")
    for given in ({}, {"ExternalId": "other"}):
        with refused("AccessDenied"):
            assume(arn, **given)


def test_session_name_can_be_demanded(server, role, assume, refused):
    condition = {"StringEquals": {"sts:RoleSessionName": "${aws:username}"}}
    arn = role("Named", [{"Principal": {"AWS": server.account}, **ASSUME, "Condition": condition}])
    assume(arn, RoleSessionName="admin")
    with refused("AccessDenied"):
        assume(arn, RoleSessionName="somebody")


def test_duration_up_to_the_roles_maximum(server, role, refused):
    arn = role("Long", server.account, MaxSessionDuration=7200)
    sts = server.client("sts")
    whole = sts.assume_role(RoleArn=arn, RoleSessionName="test", DurationSeconds=7200)
    assert 7190 < seconds_left(whole["Credentials"]) <= 7201
    with refused("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."):
        sts.assume_role(RoleArn=arn, RoleSessionName="test", DurationSeconds=7201)


def test_duration_in_a_chain_is_an_hour_at_most(server, role, assume, refused):
    first = assume(role("First", server.account, ASSUME, MaxSessionDuration=43200))
    second = role("Second", server.account, MaxSessionDuration=43200)
    assume(second, by=first, DurationSeconds=3600)
    text = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
    with refused("ValidationError", text, status=400):
        assume(second, by=first, DurationSeconds=3601)


def test_a_role_does_not_trust_itself_unless_it_says_so(server, role, assume, refused):
    alone = role("Alone", f"arn:aws:iam::{server.account}:user/admin", ASSUME)
    with refused("AccessDenied"):
        assume(alone, by=assume(alone))
    inviting = role("Inviting", server.account, ASSUME)
    assume(inviting, by=assume(inviting))


def test_mfa_code_is_refused_where_there_is_no_device(server, role, assume, refused):
    arn = role("Mfa", server.account)
    text = (
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid "
        "and associated with this user."
    )
    with refused("AccessDenied", text, status=403):
        assume(arn, SerialNumber=f"arn:aws:iam::{server.account}:mfa/admin", TokenCode="123456")
    assume(arn)


def test_a_role_that_wants_mfa_is_not_assumed_without(server, role, assume, refused):
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    arn = role("WantsMfa", [{"Principal": {"AWS": server.account}, **ASSUME, "Condition": condition}])
    with refused("AccessDenied"):
        assume(arn)


def test_a_deleted_roles_sessions_stop_at_once(server, role, assume, refused):
    session = assume(role("Brief", server.account, {"Action": "kms:ListKeys"}))
    kms = server.client("kms", session)
    kms.list_keys()
    iam = server.client("iam")
    iam.delete_role_policy(RoleName="Brief", PolicyName="own")
    iam.delete_role(RoleName="Brief")
    with refused("UnrecognizedClientException"):
        kms.list_keys()
    role("Brief", server.account, {"Action": "kms:ListKeys"})
    with refused("UnrecognizedClientException"):
        kms.list_keys()


def test_a_boundary_on_the_role_cuts_the_session(server, role, assume, refused):
    policy = server.client("iam").create_policy(
        PolicyName="Fence", PolicyDocument=server.document({"Action": "kms:ListKeys"})
    )["Policy"]["Arn"]
    arn = role("Fenced", server.account, {"Action": "kms:*"}, PermissionsBoundary=policy)
    kms = server.client("kms", assume(arn))
    kms.list_keys()
    with refused("AccessDeniedException"):
        kms.create_key()


def test_minimum_token_size_is_kept(server, role):
    arn = role("Padded", server.account)
    sts = server.client("sts")
    for least in (0, 2000, 3999, 4096):
        answer = sts.assume_role(RoleArn=arn, RoleSessionName="test", MinimumSessionTokenSize=least)
        token = answer["Credentials"]["SessionToken"]
        assert answer["SessionTokenSize"] == len(token) >= least
        assert len(token) <= 4096
        who = server.client("sts", server.credentials(answer["Credentials"])).get_caller_identity()
        assert who["Arn"].endswith("/Padded/test")


def test_a_token_is_good_for_its_own_access_key_only(server, role, assume, refused):
    arn = role("Twice", server.account)
    first, second = assume(arn), assume(arn)
    server.client("sts", first).get_caller_identity()
    for wrong in (
        first._replace(token=second.token),
        first._replace(token=first.token[:-8] + "AAAAAAA="),
        first._replace(token=None),
    ):
        with refused("InvalidClientTokenId", "The security token included in the request is invalid.", status=403):
            server.client("sts", wrong).get_caller_identity()
    with refused("SignatureDoesNotMatch"):
        server.client("sts", first._replace(secret_access_key=second.secret_access_key)).get_caller_identity()


def test_audit_record_has_the_token_and_never_the_secret(server, role, records):
    arn = role("Audited", server.account)
    answer = server.client("sts").assume_role(RoleArn=arn, RoleSessionName="seen", ExternalId="abc")
    (record,) = records("AssumeRole")
    assert record["readOnly"] is True
    assert record["requestParameters"] == {"roleArn": arn, "roleSessionName": "seen", "externalId": "abc"}
    given = record["responseElements"]["credentials"]
    assert set(given) == {"accessKeyId", "expiration", "sessionToken"}
    assert given["sessionToken"] == answer["Credentials"]["SessionToken"]
    assert record["responseElements"]["assumedRoleUser"]["arn"] == answer["AssumedRoleUser"]["Arn"]
    assert record["resources"] == [{"accountId": server.account, "type": "AWS::IAM::Role", "ARN": arn}]
    assert record["additionalEventData"]["RequestDetails"]["awsServingRegion"] == "us-east-1"


def test_audit_record_of_a_refusal_has_no_parameters(server, role, records, refused):
    server.user("other")
    arn = role("Closed", f"arn:aws:iam::{server.account}:user/other")
    with refused("AccessDenied"):
        server.client("sts").assume_role(RoleArn=arn, RoleSessionName="seen")
    (record,) = records("AssumeRole")
    assert record["errorCode"] == "AccessDenied"
    assert record["requestParameters"] is None
    assert record["responseElements"] is None


def test_a_session_outlives_the_test_clocks_leaps(server, role, assume):
    session = assume(role("Lasting", server.account))
    server.advance("2d")
    server.client("sts", session).get_caller_identity()
