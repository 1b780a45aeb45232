"""Session tags and source identity: who may set them, how they go on, what policies see of them."""

from __future__ import annotations

import pytest

BOTH = ["sts:AssumeRole", "sts:TagSession"]
IDENTITY = ["sts:AssumeRole", "sts:SetSourceIdentity"]


def tags(**pairs):
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


@pytest.fixture
def tagging(server, role):
    """`tagging(name, …)`: a role whose trust lets the account assume and tag it, and which may do so itself."""

    def make(name, *statements, condition=None):
        trusted = {"Principal": {"AWS": server.account}, "Action": BOTH}
        if condition:
            trusted["Condition"] = condition
        return role(name, [trusted], {"Action": "sts:*"}, *statements)

    return make


def test_tags_need_tag_session_in_the_trust_policy(server, role, tagging, assume, refused):
    text = f"User: arn:aws:iam::{server.account}:user/admin is not authorized to perform: sts:TagSession on resource: "
    untagged = role("Untagged", server.account)
    with refused("AccessDenied", text + untagged):
        assume(untagged, Tags=tags(team="red"))
    assume(untagged)
    assume(tagging("Tagged"), Tags=tags(team="red"))


def test_tags_show_as_principal_tags_over_the_roles_own(server, role, assume, refused):
    condition = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    arn = role(
        "Team",
        [{"Principal": {"AWS": server.account}, "Action": BOTH}],
        {"Action": "kms:ListKeys", "Condition": condition},
        Tags=tags(team="blue"),
    )
    server.client("kms", assume(arn, Tags=tags(team="red"))).list_keys()
    for other in ({}, {"Tags": tags(team="green")}):
        with refused("AccessDeniedException"):
            server.client("kms", assume(arn, **other)).list_keys()


def test_tags_can_be_demanded_by_the_trust_policy(tagging, assume, refused):
    condition = {
        "StringEquals": {"aws:RequestTag/team": "red"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["team"], "sts:TransitiveTagKeys": ["team"]},
    }
    arn = tagging("Demanding", condition=condition)
    assume(arn, Tags=tags(team="red"), TransitiveTagKeys=["team"])
    for wrong in (tags(team="blue"), tags(team="red", more="x"), []):
        with refused("AccessDenied"):
            assume(arn, Tags=wrong)


def test_tags_of_the_role_can_be_asked_for(server, role, assume, refused):
    condition = {"StringEquals": {"aws:ResourceTag/open": "yes"}}
    caller = server.user("c", {"Action": "sts:AssumeRole", "Condition": condition})
    assume(role("Open", server.account, Tags=tags(open="yes")), by=caller)
    with refused("AccessDenied"):
        assume(role("Shut", server.account, Tags=tags(open="no")), by=caller)


def test_packed_size_is_answered_with_tags_and_refused_above_all_of_it(server, tagging, refused):
    sts, arn = server.client("sts"), tagging("Sized")
    answer = sts.assume_role(RoleArn=arn, RoleSessionName="test", Tags=tags(team="red"))
    assert answer["PackedPolicySize"] == 2
    nine = [{"Key": f"k{number}", "Value": "v" * 250} for number in range(9)]
    with refused("PackedPolicyTooLarge", "Packed size of session tags consumes 494% of allotted space.", status=400):
        sts.assume_role(RoleArn=arn, RoleSessionName="test", Tags=nine)


@pytest.mark.parametrize(
    ("members", "text"),
    [
        (
            {"Tags": tags(team="red", Team="blue")},
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ),
        (
            {"Tags": tags(team="red"), "TransitiveTagKeys": ["other"]},
            "The specified transitive tag key must be included in the requested tags.",
        ),
    ],
)
def test_tags_that_contradict_themselves_are_refused(tagging, assume, refused, members, text):
    with refused("InvalidParameterValue", text, status=400):
        assume(tagging("Strict"), **members)


def test_transitive_tags_go_down_a_chain_and_others_do_not(server, role, tagging, assume, refused):
    condition = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    other = {"StringEquals": {"aws:PrincipalTag/cost": "7"}}
    first = assume(tagging("One"), Tags=tags(Team="red", cost="7"), TransitiveTagKeys=["Team"])
    last = tagging(
        "Two", {"Action": "kms:ListKeys", "Condition": condition}, {"Action": "kms:GenerateRandom", "Condition": other}
    )
    kms = server.client("kms", assume(last, by=assume(tagging("Middle"), by=first)))
    kms.list_keys()
    with refused("AccessDeniedException"):
        kms.generate_random(NumberOfBytes=8)


def test_an_inherited_tag_cannot_be_set_anew(tagging, assume, refused):
    first = assume(tagging("One"), Tags=tags(Team="red"), TransitiveTagKeys=["Team"])
    text = (
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the "
        "calling session."
    )
    second = tagging("Two")
    with refused("InvalidParameterValue", text, status=400):
        assume(second, by=first, Tags=tags(team="blue"))
    assume(second, by=first, Tags=tags(stage="test"))


def test_inherited_tags_need_tag_session_on_the_next_role(server, role, tagging, assume, refused):
    first = assume(tagging("One"), Tags=tags(team="red"), TransitiveTagKeys=["team"])
    plain = role("Plain", server.account)
    with refused("AccessDenied"):
        assume(plain, by=first)
    assume(plain, by=assume(tagging("Other"), Tags=tags(team="red")))


def test_inherited_tags_are_in_the_audit_record(tagging, assume, records):
    first = assume(tagging("One"), Tags=tags(team="red"), TransitiveTagKeys=["team"])
    assume(tagging("Two"), by=first, Tags=tags(stage="test"))
    outer, inner = records("AssumeRole")
    assert outer["requestParameters"]["tags"] == [{"key": "team", "value": "red"}]
    assert outer["requestParameters"]["transitiveTagKeys"] == ["team"]
    assert inner["requestParameters"]["incomingTransitiveTags"] == {"team": "red"}
    assert inner["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"] == "One"


def test_source_identity_needs_the_permission_and_shows_in_conditions(server, role, assume, refused):
    condition = {"StringEquals": {"aws:SourceIdentity": "ann"}}
    trusting = [{"Principal": {"AWS": server.account}, "Action": IDENTITY}]
    arn = role("Known", trusting, {"Action": "kms:ListKeys", "Condition": condition})
    answer = server.client("sts").assume_role(RoleArn=arn, RoleSessionName="test", SourceIdentity="ann")
    assert answer["SourceIdentity"] == "ann"
    server.client("kms", server.credentials(answer["Credentials"])).list_keys()
    with refused("AccessDeniedException"):
        server.client("kms", assume(arn, SourceIdentity="bob")).list_keys()
    plain = role("Plain", server.account)
    text = f"User: arn:aws:iam::{server.account}:user/admin is not authorized to perform: sts:SetSourceIdentity on resource: "
    with refused("AccessDenied", text + plain):
        assume(plain, SourceIdentity="ann")


def test_source_identity_can_be_demanded_and_stays_through_a_chain(server, role, assume, refused, records):
    condition = {"StringLike": {"sts:SourceIdentity": "a*"}}
    trusting = [{"Principal": {"AWS": server.account}, "Action": IDENTITY, "Condition": condition}]
    first_arn, second = role("One", trusting, {"Action": "sts:*"}), role("Two", trusting)
    with refused("AccessDenied"):
        assume(first_arn)
    first = assume(first_arn, SourceIdentity="ann")
    answer = server.client("sts", first).assume_role(RoleArn=second, RoleSessionName="test")
    assert answer["SourceIdentity"] == "ann"
    assume(second, by=first, SourceIdentity="ann")
    with refused("AccessDenied"):
        assume(second, by=first, SourceIdentity="amy")
    assert records("AssumeRole")[-1]["userIdentity"]["sessionContext"]["sourceIdentity"] == "ann"
    with refused("AccessDenied"):
        assume(role("Plain", server.account), by=first)
