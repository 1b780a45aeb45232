"""Resource Access Manager: as much of it as sharing KMS keys takes."""

from casemate.foundation.operation import Service
from casemate.services.ram.associations import (
    associate_resource_share,
    disassociate_resource_share,
    get_resource_share_associations,
)
from casemate.services.ram.invitations import (
    EXPIRE,
    accept_resource_share_invitation,
    get_resource_share_invitations,
    on_expire,
    reject_resource_share_invitation,
)
from casemate.services.ram.lists import list_principals, list_resources
from casemate.services.ram.managed import get_permission, list_permissions
from casemate.services.ram.organizations import enable_sharing_with_aws_organization
from casemate.services.ram.records import INVITATIONS, SHARES
from casemate.services.ram.shares import (
    create_resource_share,
    delete_resource_share,
    get_resource_shares,
    tag_resource,
    untag_resource,
    update_resource_share,
)

SERVICE = Service(
    name="ram",
    model="ram",
    scope="region",
    principal="ram.amazonaws.com",
    operations=(
        accept_resource_share_invitation,
        associate_resource_share,
        create_resource_share,
        delete_resource_share,
        disassociate_resource_share,
        enable_sharing_with_aws_organization,
        get_permission,
        get_resource_share_associations,
        get_resource_share_invitations,
        get_resource_shares,
        list_permissions,
        list_principals,
        list_resources,
        reject_resource_share_invitation,
        tag_resource,
        untag_resource,
        update_resource_share,
    ),
    collections=(INVITATIONS, SHARES),
    timers={EXPIRE: on_expire},
)
