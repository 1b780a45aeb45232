"""Key Management Service."""

from casemate.foundation.operation import Service
from casemate.services.kms.agreement import decapsulate, derive_shared_secret, encapsulate
from casemate.services.kms.aliases import create_alias, delete_alias, list_aliases, update_alias
from casemate.services.kms.cryptography import (
    decrypt,
    encrypt,
    generate_data_key,
    generate_data_key_without_plaintext,
    generate_random,
    re_encrypt,
)
from casemate.services.kms.custom_stores import operations as custom_stores
from casemate.services.kms.custom_stores.records import STORES
from casemate.services.kms.data_key_pairs import generate_data_key_pair, generate_data_key_pair_without_plaintext
from casemate.services.kms.deletion import cancel_key_deletion, schedule_key_deletion
from casemate.services.kms.grants import create_grant, list_grants, list_retirable_grants, retire_grant, revoke_grant
from casemate.services.kms.imported import (
    delete_imported_key_material,
    get_parameters_for_import,
    import_key_material,
)
from casemate.services.kms.key_uses import KEY_USES
from casemate.services.kms.keys import (
    create_key,
    describe_key,
    disable_key,
    enable_key,
    list_keys,
    update_key_description,
)
from casemate.services.kms.mac import generate_mac, verify_mac
from casemate.services.kms.multi_region import (
    create_replica_key,
    prepare_promotion,
    replicate_key,
    update_primary_region,
)
from casemate.services.kms.owned import OWNED, decrypt_owned, generate_owned_data_key
from casemate.services.kms.policies import get_key_policy, list_key_policies, put_key_policy
from casemate.services.kms.records import ALIASES, GRANTS, KEYS, SHARED
from casemate.services.kms.request_quotas import counted
from casemate.services.kms.rotation import (
    disable_key_rotation,
    enable_key_rotation,
    get_key_rotation_status,
    list_key_rotations,
    rotate_key_on_demand,
)
from casemate.services.kms.sharing import apply_sharing, begin_sharing
from casemate.services.kms.signing import get_public_key, sign, verify
from casemate.services.kms.tags import list_resource_tags, tag_resource, untag_resource
from casemate.services.kms.timers import MESSAGES, TIMERS
from casemate.services.kms.usage import get_key_last_usage

_OPERATIONS = (
    apply_sharing,
    begin_sharing,
    cancel_key_deletion,
    create_alias,
    create_grant,
    create_key,
    create_replica_key,
    decapsulate,
    decrypt,
    decrypt_owned,
    delete_alias,
    delete_imported_key_material,
    derive_shared_secret,
    describe_key,
    disable_key,
    disable_key_rotation,
    enable_key,
    enable_key_rotation,
    encapsulate,
    encrypt,
    generate_data_key,
    generate_data_key_pair,
    generate_data_key_pair_without_plaintext,
    generate_data_key_without_plaintext,
    generate_mac,
    generate_owned_data_key,
    generate_random,
    get_key_last_usage,
    get_key_policy,
    get_key_rotation_status,
    get_parameters_for_import,
    get_public_key,
    import_key_material,
    list_aliases,
    list_grants,
    list_key_policies,
    list_key_rotations,
    list_keys,
    list_resource_tags,
    list_retirable_grants,
    prepare_promotion,
    put_key_policy,
    re_encrypt,
    replicate_key,
    retire_grant,
    revoke_grant,
    rotate_key_on_demand,
    schedule_key_deletion,
    sign,
    tag_resource,
    untag_resource,
    update_alias,
    update_key_description,
    update_primary_region,
    verify,
    verify_mac,
    *custom_stores.OPERATIONS,
)

SERVICE = Service(
    name="kms",
    model="kms",
    scope="region",
    principal="kms.amazonaws.com",
    operations=tuple(map(counted, _OPERATIONS)),
    collections=(ALIASES, GRANTS, KEYS, KEY_USES, OWNED, SHARED, STORES),
    timers=TIMERS,
    messages=MESSAGES,
)
