"""Organizations."""

from casemate.foundation.operation import Service
from casemate.services.organizations.accounts import (
    CLOSURE,
    close_account,
    create_account,
    describe_account,
    describe_create_account_status,
    go_on_closing,
    list_accounts,
    list_create_account_status,
    move_account,
    remove_account_from_organization,
)
from casemate.services.organizations.attachments import (
    attach_policy,
    detach_policy,
    disable_policy_type,
    enable_policy_type,
    list_policies_for_target,
    list_targets_for_policy,
)
from casemate.services.organizations.organization import (
    create_organization,
    delete_organization,
    describe_organization,
    list_roots,
)
from casemate.services.organizations.policies import (
    create_policy,
    delete_policy,
    describe_policy,
    list_policies,
    update_policy,
)
from casemate.services.organizations.service_access import (
    disable_AWSService_access,
    enable_AWSService_access,
    list_AWSService_access_for_organization,
)
from casemate.services.organizations.tags import list_tags_for_resource, tag_resource, untag_resource
from casemate.services.organizations.units import (
    create_organizational_unit,
    delete_organizational_unit,
    describe_organizational_unit,
    list_accounts_for_parent,
    list_children,
    list_organizational_units_for_parent,
    list_parents,
    update_organizational_unit,
)

SERVICE = Service(
    name="organizations",
    model="organizations",
    scope="global",
    principal="organizations.amazonaws.com",
    operations=(
        attach_policy,
        close_account,
        create_account,
        create_organization,
        create_organizational_unit,
        create_policy,
        delete_organization,
        delete_organizational_unit,
        delete_policy,
        describe_account,
        describe_create_account_status,
        describe_organization,
        describe_organizational_unit,
        describe_policy,
        detach_policy,
        disable_AWSService_access,
        disable_policy_type,
        enable_AWSService_access,
        enable_policy_type,
        list_accounts,
        list_accounts_for_parent,
        list_AWSService_access_for_organization,
        list_children,
        list_create_account_status,
        list_organizational_units_for_parent,
        list_parents,
        list_policies,
        list_policies_for_target,
        list_roots,
        list_tags_for_resource,
        list_targets_for_policy,
        move_account,
        remove_account_from_organization,
        tag_resource,
        untag_resource,
        update_organizational_unit,
        update_policy,
    ),
    timers={CLOSURE: go_on_closing},
    ignored={"CreateAccount": {"IamUserAccessToBilling": "there is no billing that it could open or shut"}},
)
