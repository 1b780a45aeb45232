"""Account aliases and the account's summary, driven by boto3 over a real server."""

from __future__ import annotations


def test_an_account_has_one_alias_at_most(iam, refused):
    iam.create_account_alias(AccountAlias="first")
    with refused("EntityAlreadyExists", "The account alias first already exists.", status=409):
        iam.create_account_alias(AccountAlias="first")
    iam.create_account_alias(AccountAlias="second")
    assert iam.list_account_aliases()["AccountAliases"] == ["second"]
    with refused("NoSuchEntity", "The account alias first cannot be found.", status=404):
        iam.delete_account_alias(AccountAlias="first")
    iam.delete_account_alias(AccountAlias="second")
    assert iam.list_account_aliases()["AccountAliases"] == []


def test_the_summary_counts_what_is_there(iam, server, trusting):
    before = iam.get_account_summary()["SummaryMap"]
    assert (before["Users"], before["UsersQuota"], before["Roles"], before["AccessKeysPerUserQuota"]) == (1, 5000, 0, 2)
    for name in ("a", "b", "c"):
        iam.create_user(UserName=name)
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting(server.account))
    iam.delete_user(UserName="a")
    iam.update_user(UserName="b", NewUserName="d")
    policy = iam.create_policy(PolicyName="p", PolicyDocument=server.document({"Action": "s3:*"}))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=server.document({"Action": "s3:*"}))
    iam.attach_user_policy(UserName="c", PolicyArn=policy)
    after = iam.get_account_summary()["SummaryMap"]
    assert (after["Users"], after["Roles"], after["Policies"]) == (3, 3, 1)
    assert after["PolicyVersionsInUse"] == before["PolicyVersionsInUse"] + 2
