"""Groups and memberships, driven by boto3 over a real server."""

from __future__ import annotations

import re


def test_create_group_answers_what_get_group_answers(iam, server):
    made = iam.create_group(GroupName="G", Path="/p/")["Group"]
    assert made["Arn"] == f"arn:aws:iam::{server.account}:group/p/G"
    assert re.fullmatch(r"AGPA[A-Z2-7]{17}", made["GroupId"])
    answer = iam.get_group(GroupName="g")
    assert (answer["Group"], answer["Users"], answer["IsTruncated"]) == (made, [], False)


def test_a_group_of_the_same_name_is_refused(iam, refused):
    iam.create_group(GroupName="Admins")
    with refused("EntityAlreadyExists", "Group with name admins already exists.", status=409):
        iam.create_group(GroupName="admins")


def test_members_are_added_listed_paged_and_removed(iam):
    iam.create_group(GroupName="g")
    for name in ("c", "a", "b"):
        iam.create_user(UserName=name)
        iam.add_user_to_group(GroupName="g", UserName=name)
    iam.add_user_to_group(GroupName="g", UserName="a")
    first = iam.get_group(GroupName="g", MaxItems=2)
    assert [user["UserName"] for user in first["Users"]] == ["a", "b"]
    rest = iam.get_group(GroupName="g", Marker=first["Marker"])
    assert [user["UserName"] for user in rest["Users"]] == ["c"]
    iam.remove_user_from_group(GroupName="g", UserName="b")
    iam.remove_user_from_group(GroupName="g", UserName="b")
    assert [user["UserName"] for user in iam.get_group(GroupName="g")["Users"]] == ["a", "c"]


def test_a_groups_policies_bind_its_members_only(iam, server, refused):
    caller = server.client("iam", server.user("u"))
    iam.create_group(GroupName="g")
    iam.put_group_policy(GroupName="g", PolicyName="p", PolicyDocument=server.document({"Action": "iam:ListUsers"}))
    for _ in range(3):
        with refused("AccessDenied"):
            caller.list_users()
        iam.add_user_to_group(GroupName="g", UserName="u")
        caller.list_users()
        iam.remove_user_from_group(GroupName="g", UserName="u")


def test_a_group_keeps_members_and_effect_when_it_is_renamed(iam, server):
    caller = server.client("iam", server.user("u"))
    iam.create_group(GroupName="old")
    iam.attach_group_policy(GroupName="old", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    iam.add_user_to_group(GroupName="old", UserName="u")
    iam.update_group(GroupName="old", NewGroupName="new", NewPath="/p/")
    caller.list_users()
    (group,) = iam.list_groups_for_user(UserName="u")["Groups"]
    assert (group["GroupName"], group["Path"]) == ("new", "/p/")


def test_lists_of_groups_page_by_name_and_path(iam):
    iam.create_user(UserName="u")
    for name in ("c", "a", "b"):
        iam.create_group(GroupName=name, Path="/p/")
        iam.add_user_to_group(GroupName=name, UserName="u")
    first = iam.list_groups_for_user(UserName="u", MaxItems=2)
    assert [group["GroupName"] for group in first["Groups"]] == ["a", "b"]
    rest = iam.list_groups_for_user(UserName="u", Marker=first["Marker"])
    assert [group["GroupName"] for group in rest["Groups"]] == ["c"]
    assert [group["GroupName"] for group in iam.list_groups(PathPrefix="/p/")["Groups"]] == ["a", "b", "c"]
    assert iam.list_groups(PathPrefix="/q/")["Groups"] == []


def test_an_eleventh_group_is_refused(iam, refused):
    iam.create_user(UserName="u")
    for number in range(11):
        iam.create_group(GroupName=f"g{number}")
    for number in range(10):
        iam.add_user_to_group(GroupName=f"g{number}", UserName="u")
    with refused("LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10", status=409):
        iam.add_user_to_group(GroupName="g10", UserName="u")
    iam.remove_user_from_group(GroupName="g0", UserName="u")
    iam.add_user_to_group(GroupName="g10", UserName="u")


def test_delete_group_is_refused_while_something_hangs_on_it_and_then_done(iam, server, refused):
    iam.create_group(GroupName="g")
    iam.create_user(UserName="u")
    iam.add_user_to_group(GroupName="g", UserName="u")
    with refused("DeleteConflict", "Cannot delete entity, must remove users from group first.", status=409):
        iam.delete_group(GroupName="g")
    iam.remove_user_from_group(GroupName="g", UserName="u")
    iam.put_group_policy(GroupName="g", PolicyName="p", PolicyDocument=server.document({"Action": "s3:*"}))
    with refused("DeleteConflict", "Cannot delete entity, must delete policies first."):
        iam.delete_group(GroupName="g")
    iam.delete_group_policy(GroupName="g", PolicyName="p")
    iam.delete_group(GroupName="g")
    with refused("NoSuchEntity", "The group with name g cannot be found.", status=404):
        iam.get_group(GroupName="g")


def test_nobody_can_be_added(iam, refused):
    iam.create_group(GroupName="g")
    with refused("NoSuchEntity", "The user with name nobody cannot be found."):
        iam.add_user_to_group(GroupName="g", UserName="nobody")
