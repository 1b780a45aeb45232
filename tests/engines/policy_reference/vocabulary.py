"""Values of a small world and near misses of them: what the random documents and requests are made from."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from tests.engines.policy_reference.reference import Caller

HOME, AWAY = "111122223333", "444455556666"
# Accounts belong to one partition, so only an account of its own has resources in another one.
ABROAD = "777788889999"
CHINESE = f"arn:aws-cn:sqs:cn-north-1:{ABROAD}:queue-1"
SERVICES = ("events.amazonaws.com", "delivery.logs.amazonaws.com")
PROVIDERS = (f"arn:aws:iam::{HOME}:oidc-provider/token.example.com", "cognito-identity.amazonaws.com")
ACTIONS = (
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:PutObject",
    "kms:Decrypt",
    "kms:RetireGrant",
    "iam:GetUser",
    "sqs:SendMessage",
    "sts:AssumeRole",
)
RESOURCES = (
    "arn:aws:s3:::bucket/alice/report.txt",
    "arn:aws:s3:::bucket/bob/a:b/c",
    "arn:aws:s3:::bucket/a*b/x?y",
    "arn:aws:sqs:us-east-1:{}:queue-1",
    "arn:aws:kms:eu-west-1:{}:key/1234abcd",
    "arn:aws:iam::{}:role/team/app",
    "arn:aws:iam::{}:user/alice",
    CHINESE,
)

# Values that a key may have in a request. Names that begin with "many:" may have several at once.
STRINGS = {
    "aws:username": ("alice", "bob", "a*b"),
    "aws:PrincipalTag/Team": ("red", "Red", "a*b", "x?y", "alice", ""),
    "aws:RequestedRegion": ("us-east-1", "eu-west-1"),
    "s3:prefix": ("alice/", "alice/reports", "a*b", ""),
    "aws:SourceVpce": ("vpce-1a2b3c4d", "vpce-1a2b3c4e"),
    "many:aws:TagKeys": ("Team", "team", "Cost", ""),
    "many:aws:PrincipalOrgPaths": ("o-a/r-b/ou-c/", "o-a/r-b/ou-d/", "o-a/r-b/"),
}
ARNS = {
    "aws:PrincipalArn": (f"arn:aws:iam::{HOME}:user/alice", f"arn:aws:iam::{HOME}:role/team/app"),
    "aws:SourceArn": (f"arn:aws:sns:us-east-1:{HOME}:topic", f"arn:aws:s3:::bucket:{HOME}", "bucket"),
    "many:lambda:Layer": (f"arn:aws:lambda:us-east-1:{HOME}:layer:one:1", f"arn:aws:lambda:us-east-1:{AWAY}:layer:two"),
}
NUMBERS = {
    "aws:MultiFactorAuthAge": ("0", "300", "3600", "-1", "300.0"),
    "s3:max-keys": ("10", "10.5", "1000", "ten"),
    "many:example:Sizes": ("1", "2", "3.0", "300"),
}
DATES = {
    "aws:CurrentTime": ("2026-11-02T10:00:00Z", "2026-11-02T12:00:00+02:00", "2026-11-02", "1793613600"),
    "aws:EpochTime": ("1793613600", "1793613601", "0"),
    "aws:TokenIssueTime": ("2026-11-02T09:59:59.5Z", "2026-11-01T00:00:00Z", "2026-11-02T10:00Z"),
    "many:example:Dates": ("2026-01-01", "2026-11-02T10:00:00Z"),
}
BOOLEANS = {
    "aws:SecureTransport": ("true", "false", "True"),
    "aws:MultiFactorAuthPresent": ("true", "false"),
    "many:example:Flags": ("true", "false"),
}
BINARIES = {"example:Digest": ("AAEC", "AAED", "AA=="), "many:example:Digests": ("AAEC", "AAED")}
ADDRESSES = {
    "aws:SourceIp": ("203.0.113.7", "203.0.113.8", "198.51.100.1", "2001:db8::1", "2001:db8:0:0::2"),
    "aws:VpcSourceIp": ("10.0.0.1", "10.1.2.3"),
    "many:example:Addresses": ("10.0.0.1", "2001:db8::1", "203.0.113.7"),
}

COMPARISONS = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
FAMILIES: tuple[tuple[tuple[str, ...], dict[str, tuple[str, ...]]], ...] = (
    (
        (
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
        ),
        STRINGS,
    ),
    (("StringLike", "StringNotLike", "StringEquals"), ARNS),
    (("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"), ARNS),
    (tuple("Numeric" + name for name in COMPARISONS), NUMBERS),
    (tuple("Date" + name for name in COMPARISONS), DATES),
    (("Bool",), BOOLEANS),
    (("BinaryEquals",), BINARIES),
    (("IpAddress", "NotIpAddress"), ADDRESSES),
    (("Null",), STRINGS | ARNS | NUMBERS | BOOLEANS),
)
OPERATORS = tuple(dict.fromkeys(operator for operators, _ in FAMILIES for operator in operators))
EVERY_KEY = STRINGS | ARNS | NUMBERS | DATES | BOOLEANS | BINARIES | ADDRESSES


def plain_name(key: str) -> str:
    return key.removeprefix("many:")


def callers(account: str) -> list[Caller]:
    """Every kind of caller of one account."""
    root = f"arn:aws:iam::{account}:root"
    alice = f"arn:aws:iam::{account}:user/alice"
    app = f"arn:aws:iam::{account}:role/team/app"
    linked = f"arn:aws:iam::{account}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
    session = f"arn:aws:sts::{account}:assumed-role"
    alice_id, app_id, ending = f"AIDAALICEXX{account[:10]}", f"AROAAPPXXXX{account[:10]}", account[:10]
    known = [
        Caller("root", account, root),
        Caller("user", account, alice, unique_id=alice_id),
        Caller("user", account, f"arn:aws:iam::{account}:user/bob", unique_id=f"AIDABOBXXXX{ending}"),
        Caller("role_session", account, f"{session}/app/one", app, app_id),
        Caller("role_session", account, f"{session}/app/two", app, app_id),
        Caller("federated_user", account, f"arn:aws:sts::{account}:federated-user/fed", alice, alice_id),
        Caller("federated_user", account, f"arn:aws:sts::{account}:federated-user/top", root),
        # Made anew under the old name.
        Caller("user", account, alice, unique_id=f"AIDAREBORNX{ending}"),
        Caller(
            "role_session",
            account,
            f"{session}/AWSServiceRoleForX/one",
            linked,
            f"AROALINKEDX{ending}",
            service_linked=True,
        ),
    ]
    return [replace(caller, canonical=account[:4] * 16) for caller in known]


def strangers() -> list[Caller]:
    """Callers without account."""
    return [
        *[Caller("service", arn=name, name=name) for name in SERVICES],
        *[Caller("identity_provider", arn=name, name=name) for name in PROVIDERS],
        Caller("anonymous"),
    ]


def recased(rng: Random, text: str) -> str:
    return rng.choice((text, text, text.lower(), text.upper(), text.swapcase()))


def wildcarded(rng: Random, text: str, first: int = 0) -> str:
    """A pattern that the text meets: spans of it after place `first` are replaced by `*`, characters by `?`."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        if rng.random() < 0.3 and len(text) > first:
            place = rng.randrange(first, len(text))
            text = text[:place] + "?" + text[place + 1 :]
        else:
            start = rng.randint(first, len(text))
            end = min(len(text), start + rng.choice((0, 1, 3, 8, 40)))
            text = text[:start] + "*" + text[end:]
    return text


def damaged(rng: Random, text: str, first: int = 0) -> str:
    """A near miss: one character more, less, other or of the other case."""
    if len(text) <= first:
        return text + "x"
    place = rng.randrange(first, len(text))
    return rng.choice(
        (
            text[:place] + "?" + text[place:],
            text[:place] + text[place + 1 :],
            text[:place] + text[place].swapcase() + text[place + 1 :],
            text + rng.choice(("x", "?", "/", "?*")),
        )
    )


def with_variables(rng: Random, text: str, keys: dict[str, tuple[str, ...]], first: int = 0) -> str:
    """The text with one piece of it said by a variable, a default, or a literal wildcard."""
    head, tail = text[:first], text[first:]
    if rng.random() < 0.3:
        return head + tail.replace("*", "${*}").replace("?", "${?}")
    known = [(key, value[0]) for key, value in keys.items() if len(value) == 1 and value[0] and value[0] in tail]
    if known and rng.random() < 0.8:
        key, value = rng.choice(known)
        default = rng.choice(("", "", ", 'other'"))
        return head + tail.replace(value, f"${{{recased(rng, key)}{default}}}", 1)
    start = rng.randint(0, len(tail))
    end = min(len(tail), start + 5)
    piece = tail[start:end]
    if rng.random() < 0.6 and not set(piece) & set("'${}*?"):
        return f"{head}{tail[:start]}${{aws:absent, '{piece}'}}{tail[end:]}"
    return f"{head}{tail[:start]}${{aws:absent}}{tail[end:]}"
