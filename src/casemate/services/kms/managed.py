"""AWS managed keys: `alias/aws/…`, made when first asked for (KMS Developer Guide, "AWS managed keys").

Their policy lets everybody in the account use them through their one service, and nobody manage them; they rotate
every year, and nobody can turn that off.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import msgspec

from casemate.foundation import inventory
from casemate.foundation.context import Context
from casemate.foundation.ids import new_uuid
from casemate.foundation.records import Timer
from casemate.services.kms import material
from casemate.services.kms.records import ALIAS_TYPE, ALIASES, DAY, ROTATE, Alias, Key, Rotation, store_key, timer_key

PREFIX: Final = "alias/aws/"
_PERIOD_DAYS: Final = 365
_USES: Final = (
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncrypt*",
    "kms:GenerateDataKey*",
    "kms:CreateGrant",
    "kms:DescribeKey",
)
_READS: Final = ("kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant")
_SERVED: Final[Mapping[str, tuple[str, str]]] = {
    "acm": ("acm", "ACM private keys"),
    "backup": ("backup", "Backup vaults"),
    "dynamodb": ("dynamodb", "DynamoDB data"),
    "ebs": ("ec2", "EBS volumes"),
    "elasticfilesystem": ("elasticfilesystem", "EFS filesystems"),
    "es": ("es", "OpenSearch domains"),
    "fsx": ("fsx", "FSx resources"),
    "glue": ("glue", "Glue data"),
    "kinesis": ("kinesis", "Kinesis streams"),
    "lambda": ("lambda", "Lambda functions"),
    "rds": ("rds", "RDS database volumes"),
    "redshift": ("redshift", "Redshift clusters"),
    "s3": ("s3", "S3 objects"),
    "secretsmanager": ("secretsmanager", "Secrets Manager data"),
    "sns": ("sns", "SNS data"),
    "sqs": ("sqs", "SQS messages"),
    "ssm": ("ssm", "SSM parameters"),
    "xray": ("xray", "X-Ray data"),
}
"""By the alias' last part: the service that uses the key, and what it protects there."""


def is_managed(name: str) -> bool:
    """Whether an alias is one under which a service of ours has its key."""
    return name.removeprefix(PREFIX) in _SERVED and name.startswith(PREFIX)


def make(context: Context, name: str) -> Key:
    """The caller's account's key of a service, which nobody has asked for before, under its alias."""
    account, service = context.account, name.removeprefix(PREFIX)
    via, what = _SERVED[service]
    key_id = new_uuid()
    key = Key(
        id=key_id,
        arn=context.arn(f"key/{key_id}"),
        account=account,
        region=context.region,
        created=context.now,
        spec="SYMMETRIC_DEFAULT",
        usage="ENCRYPT_DECRYPT",
        policy=policy(context.partition, context.region, account, service, via),
        manager="AWS",
        description=f"Default key that protects my {what} when no other key is defined",
        rotation=Rotation(_PERIOD_DAYS, context.now + _PERIOD_DAYS * DAY, context.now),
    )
    key = material.with_new(context.host.seal, key, context.now)
    assert key.rotation is not None
    store_key(context, key)
    context.unit.put(ALIASES, account, name, Alias(name, key_id, context.now, context.now))
    inventory.register(
        context.unit,
        arn=context.arn(name),
        type=ALIAS_TYPE,
        account=account,
        region=context.region,
        uses=(key.arn,),
    )
    context.unit.schedule(Timer(key.rotation.next_due, ROTATE, timer_key(key)))
    return key


@lru_cache(maxsize=512)
def policy(partition: str, region: str, account: str, service: str, via: str) -> str:
    """The policy of a service's key in an account and region."""
    document = {
        "Version": "2012-10-17",
        "Id": f"auto-{service}-1",
        "Statement": [
            {
                "Sid": f"Allow access through {service} for all principals in the account that are authorized",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": _USES,
                "Resource": "*",
                "Condition": {
                    "StringEquals": {"kms:ViaService": f"{via}.{region}.amazonaws.com", "kms:CallerAccount": account}
                },
            },
            {
                "Sid": "Allow direct access to key metadata to the account",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
                "Action": _READS,
                "Resource": "*",
            },
        ],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
