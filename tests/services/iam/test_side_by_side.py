"""Many requests at once, as infrastructure tools send them: none is throttled, nothing is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

SIDE_BY_SIDE = 10
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def test_roles_made_and_given_the_same_policy_side_by_side(iam, server, trusting):
    policy = iam.create_policy(PolicyName="p", PolicyDocument=server.document({"Action": "s3:*"}))["Policy"]["Arn"]

    def make(number):
        name = f"role-{number}"
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting(server.account))
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=server.document({"Action": "s3:Get*"}))

    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        list(threads.map(make, range(2 * SIDE_BY_SIDE)))
    assert iam.get_account_summary()["SummaryMap"]["Roles"] == 2 * SIDE_BY_SIDE
    assert iam.get_policy(PolicyArn=policy)["Policy"]["AttachmentCount"] == 2 * SIDE_BY_SIDE


def test_one_of_many_who_want_a_name_gets_it(iam):
    def make(_):
        try:
            iam.create_group(GroupName="wanted")
        except iam.exceptions.EntityAlreadyExistsException:
            return 0
        return 1

    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        assert sum(threads.map(make, range(SIDE_BY_SIDE))) == 1
    assert iam.get_account_summary()["SummaryMap"]["Groups"] == 1
