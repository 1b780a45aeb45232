"""Key Management Service."""

from casemate.foundation.operation import Service
from casemate.services.kms.aliases import create_alias, delete_alias, list_aliases, update_alias
from casemate.services.kms.cryptography import (
    decrypt,
    encrypt,
    generate_data_key,
    generate_data_key_without_plaintext,
    generate_random,
    re_encrypt,
)
from casemate.services.kms.grants import create_grant, list_grants, list_retirable_grants, retire_grant, revoke_grant
from casemate.services.kms.keys import (
    create_key,
    describe_key,
    disable_key,
    enable_key,
    list_keys,
    update_key_description,
)
from casemate.services.kms.mac import generate_mac, verify_mac
from casemate.services.kms.policies import get_key_policy, list_key_policies, put_key_policy
from casemate.services.kms.tags import list_resource_tags, tag_resource, untag_resource

SERVICE = Service(
    name="kms",
    model="kms",
    scope="region",
    principal="kms.amazonaws.com",
    operations=(
        create_alias,
        create_grant,
        create_key,
        decrypt,
        delete_alias,
        describe_key,
        disable_key,
        enable_key,
        encrypt,
        generate_data_key,
        generate_data_key_without_plaintext,
        generate_mac,
        generate_random,
        get_key_policy,
        list_aliases,
        list_grants,
        list_key_policies,
        list_keys,
        list_resource_tags,
        list_retirable_grants,
        put_key_policy,
        re_encrypt,
        retire_grant,
        revoke_grant,
        tag_resource,
        untag_resource,
        update_alias,
        update_key_description,
        verify_mac,
    ),
)
