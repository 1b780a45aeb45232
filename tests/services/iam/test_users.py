"""Users, driven by boto3 over a real server."""

from __future__ import annotations

import re

import pytest


def test_create_user_answers_what_get_user_answers(iam, server):
    made = iam.create_user(UserName="Alice", Path="/eng/", Tags=[{"Key": "Team", "Value": "blue"}])["User"]
    assert made["Arn"] == f"arn:aws:iam::{server.account}:user/eng/Alice"
    assert re.fullmatch(r"AIDA[A-Z2-7]{17}", made["UserId"])
    assert made["CreateDate"].microsecond == 0
    assert iam.get_user(UserName="Alice")["User"] == made


def test_create_user_without_tags_or_boundary_leaves_the_members_out(iam):
    assert set(iam.create_user(UserName="a")["User"]) == {"Path", "UserName", "UserId", "Arn", "CreateDate"}


def test_create_user_with_a_name_in_other_case_is_refused(iam, refused):
    iam.create_user(UserName="Admins")
    with refused("EntityAlreadyExists", "User with name admins already exists.", status=409):
        iam.create_user(UserName="admins", Path="/x/")
    iam.create_user(UserName="admins2")


def test_get_user_of_nobody_is_no_such_entity(iam, refused):
    with refused("NoSuchEntity", "The user with name nobody cannot be found.", status=404):
        iam.get_user(UserName="nobody")


def test_get_user_without_name_means_the_caller(server):
    caller = server.client("iam", server.user("self", {"Action": "iam:GetUser"}))
    assert caller.get_user()["User"]["UserName"] == "self"


def test_get_user_of_oneself_needs_the_permission(server, refused):
    caller = server.client("iam", server.user("self"))
    with refused("AccessDenied", status=403):
        caller.get_user()


def test_list_users_pages_in_order_and_by_path(iam):
    for name in ("carol", "alice", "bob"):
        iam.create_user(UserName=name, Path="/eng/")
    first = iam.list_users(PathPrefix="/eng/", MaxItems=2)
    assert [user["UserName"] for user in first["Users"]] == ["alice", "bob"]
    assert first["IsTruncated"]
    rest = iam.list_users(PathPrefix="/eng/", MaxItems=2, Marker=first["Marker"])
    assert [user["UserName"] for user in rest["Users"]] == ["carol"]
    assert rest["IsTruncated"] is False
    assert "Marker" not in rest
    assert len(iam.list_users()["Users"]) == 4  # and the administrator


@pytest.mark.parametrize("prefix", ["/other/", "/"])
def test_marker_of_another_list_is_refused(iam, refused, prefix):
    for name in ("alice", "bob"):
        iam.create_user(UserName=name, Path="/eng/")
    marker = iam.list_users(PathPrefix="/eng/", MaxItems=1)["Marker"]
    with refused("ValidationError", status=400):
        iam.list_users(PathPrefix=prefix, MaxItems=1, Marker=marker)


def test_update_user_renames_in_place_and_keys_go_on_working(iam, server):
    credentials = server.user("old", {"Action": "iam:GetUser"})
    before = iam.get_user(UserName="old")["User"]
    iam.create_group(GroupName="g")
    iam.add_user_to_group(GroupName="g", UserName="old")
    iam.update_user(UserName="old", NewUserName="new", NewPath="/p/")
    after = server.client("iam", credentials).get_user()["User"]
    assert (after["UserName"], after["Path"], after["UserId"]) == ("new", "/p/", before["UserId"])
    assert [key["UserName"] for key in iam.list_access_keys(UserName="new")["AccessKeyMetadata"]] == ["new"]
    assert [user["UserName"] for user in iam.get_group(GroupName="g")["Users"]] == ["new"]


def test_update_user_may_change_the_case_of_a_name(iam):
    iam.create_user(UserName="alice")
    iam.update_user(UserName="alice", NewUserName="Alice")
    assert iam.get_user(UserName="alice")["User"]["UserName"] == "Alice"


def test_update_user_to_a_name_that_is_taken_is_refused(iam, refused):
    iam.create_user(UserName="a")
    iam.create_user(UserName="b")
    with refused("EntityAlreadyExists", "User with name B already exists."):
        iam.update_user(UserName="a", NewUserName="B")


def test_update_user_needs_the_permission_for_the_new_name_too(iam, server, refused):
    caller = server.client(
        "iam", server.user("mover", {"Action": "iam:UpdateUser", "Resource": "arn:aws:iam::*:user/dev/*"})
    )
    iam.create_user(UserName="x", Path="/dev/")
    with refused("AccessDenied"):
        caller.update_user(UserName="x", NewPath="/prod/")
    caller.update_user(UserName="x", NewPath="/dev/more/")


def test_delete_user_is_refused_while_something_hangs_on_it_and_then_done(iam, server, refused):
    iam.create_user(UserName="u")
    iam.create_group(GroupName="g")
    iam.add_user_to_group(GroupName="g", UserName="u")
    with refused("DeleteConflict", "Cannot delete entity, must remove users from group first.", status=409):
        iam.delete_user(UserName="u")
    iam.remove_user_from_group(GroupName="g", UserName="u")
    key = iam.create_access_key(UserName="u")["AccessKey"]["AccessKeyId"]
    with refused("DeleteConflict", "Cannot delete entity, must delete access keys first."):
        iam.delete_user(UserName="u")
    iam.delete_access_key(UserName="u", AccessKeyId=key)
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam.attach_user_policy(UserName="u", PolicyArn=arn)
    with refused("DeleteConflict", "Cannot delete entity, must detach all policies first."):
        iam.delete_user(UserName="u")
    iam.detach_user_policy(UserName="u", PolicyArn=arn)
    iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=server.document({"Action": "s3:*"}))
    with refused("DeleteConflict", "Cannot delete entity, must delete policies first."):
        iam.delete_user(UserName="u")
    iam.delete_user_policy(UserName="u", PolicyName="p")
    iam.delete_user(UserName="u")
    with refused("NoSuchEntity"):
        iam.get_user(UserName="u")


def test_a_user_made_anew_has_another_id(iam):
    first = iam.create_user(UserName="u")["User"]["UserId"]
    iam.delete_user(UserName="u")
    assert iam.create_user(UserName="u")["User"]["UserId"] != first


def test_creating_with_tags_needs_tag_user_too(server, refused):
    plain = server.client("iam", server.user("plain", {"Action": "iam:CreateUser"}))
    tagger = server.client("iam", server.user("tagger", {"Action": ["iam:CreateUser", "iam:TagUser"]}))
    with refused("AccessDenied"):
        plain.create_user(UserName="x", Tags=[{"Key": "a", "Value": "b"}])
    plain.create_user(UserName="x")
    tagger.create_user(UserName="y", Tags=[{"Key": "a", "Value": "b"}])


def test_request_tags_and_tag_keys_are_condition_keys(server, refused):
    statement = {
        "Action": ["iam:CreateUser", "iam:TagUser"],
        "Condition": {
            "StringEquals": {"aws:RequestTag/team": "blue"},
            "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]},
        },
    }
    caller = server.client("iam", server.user("maker", statement))
    with refused("AccessDenied"):
        caller.create_user(UserName="x", Tags=[{"Key": "team", "Value": "red"}])
    with refused("AccessDenied"):
        caller.create_user(UserName="x", Tags=[{"Key": "team", "Value": "blue"}, {"Key": "more", "Value": "1"}])
    caller.create_user(UserName="x", Tags=[{"Key": "team", "Value": "blue"}])
