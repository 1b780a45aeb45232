"""Tags of accounts, roots, organizational units and policies, over the real server."""

from __future__ import annotations


def test_everything_has_tags(organization, plain, refused):
    account = organization.account("dev", Tags=[{"Key": "stage", "Value": "test"}])
    policy, unit = organization.policy("p", {"Action": "s3:*"}), organization.unit("Prod")
    assert plain.list_tags_for_resource(ResourceId=account)["Tags"] == [{"Key": "stage", "Value": "test"}]
    for resource in (account, policy, unit, organization.root):
        plain.tag_resource(ResourceId=resource, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
        plain.tag_resource(ResourceId=resource, Tags=[{"Key": "a", "Value": "3"}])
        plain.untag_resource(ResourceId=resource, TagKeys=["b", "stage"])
        assert plain.list_tags_for_resource(ResourceId=resource)["Tags"] == [{"Key": "a", "Value": "3"}]
    for absent in ("999999999999", "p-00000000", "p-FullAWSAccess"):
        with refused("TargetNotFoundException"):
            plain.tag_resource(ResourceId=absent, Tags=[{"Key": "a", "Value": "1"}])


def test_tags_that_cannot_be_are_refused(organization, plain, refused):
    root = organization.root
    with refused("InvalidInputException", reason="DUPLICATE_TAG_KEY"):
        plain.tag_resource(ResourceId=root, Tags=[{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}])
    with refused("InvalidInputException", reason="INVALID_SYSTEM_TAGS_PARAMETER"):
        plain.tag_resource(ResourceId=root, Tags=[{"Key": "aws:a", "Value": "1"}])
    fifty = [{"Key": f"k{number}", "Value": ""} for number in range(50)]
    plain.tag_resource(ResourceId=root, Tags=fifty)
    with refused("ConstraintViolationException", reason="MAX_TAG_LIMIT_EXCEEDED"):
        plain.tag_resource(ResourceId=root, Tags=[{"Key": "one more", "Value": ""}])


def test_tags_can_be_demanded_of_a_creation(organization, refused):
    condition = {"StringEquals": {"aws:RequestTag/stage": "test"}}
    server = organization.server
    client = server.client("organizations", server.user("u", {"Action": "organizations:*", "Condition": condition}))
    with refused("AccessDeniedException"):
        client.create_organizational_unit(ParentId=organization.root, Name="x")
    client.create_organizational_unit(ParentId=organization.root, Name="x", Tags=[{"Key": "stage", "Value": "test"}])
