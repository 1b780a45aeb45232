"""Key Management Service."""

from casemate.foundation.operation import Service
from casemate.services.kms.cryptography import (
    decrypt,
    encrypt,
    generate_data_key,
    generate_data_key_without_plaintext,
    generate_random,
    re_encrypt,
)
from casemate.services.kms.keys import (
    create_key,
    describe_key,
    disable_key,
    enable_key,
    list_keys,
    update_key_description,
)

SERVICE = Service(
    name="kms",
    model="kms",
    scope="region",
    principal="kms.amazonaws.com",
    operations=(
        create_key,
        decrypt,
        describe_key,
        disable_key,
        enable_key,
        encrypt,
        generate_data_key,
        generate_data_key_without_plaintext,
        generate_random,
        list_keys,
        re_encrypt,
        update_key_description,
    ),
)
