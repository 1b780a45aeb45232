"""AWS's documented examples of conditions, variables and elements: each row names its page of the IAM User Guide.

A row is (page, what it shows, request, expected effect); the policy is the page's own, shortened where nothing is lost.
"""

import pytest

BUCKET = "arn:aws:s3:::DOC-EXAMPLE-BUCKET"


def allow(action, resource="*", condition=None, **more):
    return {
        "Effect": "Allow",
        "Action": action,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
        **more,
    }


def deny(action, resource="*", condition=None):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **({"Condition": condition} if condition else {})}


EVERYTHING = [allow("*")]

OPERATORS = "IAM JSON policy elements: Condition operators"
JOB = [
    allow(
        "iam:*AccessKey*",
        "arn:aws:iam::111122223333:user/*",
        {"StringEquals": {"aws:PrincipalTag/job-category": "iamuser-admin"}},
    )
]
HOME = [
    allow(["s3:ListAllMyBuckets", "s3:GetBucketLocation"], "arn:aws:s3:::*"),
    allow("s3:ListBucket", BUCKET, {"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/"]}}),
    allow("s3:*", [f"{BUCKET}/home/${{aws:username}}", f"{BUCKET}/home/${{aws:username}}/*"]),
]
MAX_KEYS = [allow("s3:ListBucket", "arn:aws:s3:::example_bucket", {"NumericLessThanEquals": {"s3:max-keys": "10"}})]
TOKEN = [
    allow(
        "iam:*AccessKey*",
        "arn:aws:iam::111122223333:user/*",
        {"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}},
    )
]
SECURE = [deny("s3:*", [BUCKET, f"{BUCKET}/*"], {"Bool": {"aws:SecureTransport": "false"}})]
BINARY = [allow("s3:GetObject", "*", {"BinaryEquals": {"key:k": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}})]
ADDRESSES = [
    allow("someservice:*", "*", {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:DB8:1234:5678::/64"]}})
]
FINANCE = "arn:aws:someservice:*:111122223333:finance/*"
STORE = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"
INSTANCE = [allow("ec2:RunInstances", "*", {"StringLike": {"ec2:InstanceType": ["t1.*", "t2.*", "m3.*"]}})]
INSTANCE_IF = [allow("ec2:RunInstances", "*", {"StringLikeIfExists": {"ec2:InstanceType": ["t1.*", "t2.*", "m3.*"]}})]
LONG_TERM = [allow("ec2:*", "*", {"Null": {"aws:TokenIssueTime": "true"}})]
KEY = "arn:aws:iam::111122223333:user/alice"

SETS = "Multivalued context keys"
THREAD = "arn:aws:dynamodb:us-east-1:111122223333:table/Thread"
ATTRIBUTES = [
    allow(
        "dynamodb:GetItem",
        THREAD,
        {"ForAllValues:StringLike": {"dynamodb:requestedAttributes": ["PostDateTime", "Message", "Tags"]}},
    )
]
FORBIDDEN = [
    deny(
        "dynamodb:PutItem", THREAD, {"ForAnyValue:StringLike": {"dynamodb:requestedAttributes": ["ID", "PostDateTime"]}}
    )
]

SET_EXAMPLES = "Multivalued context key examples"
RESTRICTED = [deny(["iam:Tag*", "iam:UnTag*"], "*", {"ForAllValues:StringNotLike": {"aws:TagKeys": "key1*"}})]
ANY_TAG = [deny(["iam:Tag*", "iam:UnTag*"], "*", {"ForAnyValue:StringLike": {"aws:TagKeys": ["key1*", "key3*"]}})]
ENVIRONMENT = [
    allow(
        "ec2:CreateTags",
        "*",
        {
            "ForAllValues:StringEquals": {"aws:TagKeys": ["environment", "cost-center"]},
            "Null": {"aws:TagKeys": "false"},
        },
    )
]

VARIABLES = "IAM policy elements: Variables and tags"
OWN_OBJECTS = [
    allow(["s3:ListBucket"], ["arn:aws:s3:::mybucket"], {"StringLike": {"s3:prefix": ["${aws:username}/*"]}}),
    allow(["s3:GetObject", "s3:PutObject"], ["arn:aws:s3:::mybucket/${aws:username}/*"]),
]
QUEUES = [allow("sqs:ListQueues"), allow("sqs:*", "arn:aws:sqs:us-east-2:*:${aws:username}-queue")]
DEPARTMENT = [allow("s3:*", ["arn:aws:s3:::bucket/${aws:PrincipalTag/department}"])]
TEAM = [allow(["s3:GetObject"], ["arn:aws:s3:::amzn-s3-demo-bucket/${aws:PrincipalTag/team, 'company-wide'}/*"])]
TOPIC = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Principal": {"AWS": "999999999999"},
            "Effect": "Allow",
            "Action": "sns:*",
            "Condition": {
                "StringLike": {"sns:endpoint": "https://example.com/${aws:username}/"},
                "StringEquals": {"sns:Protocol": "https"},
            },
        }
    ],
}
OLD = {"Version": "2008-10-17", "Statement": OWN_OBJECTS}

MFA = "AWS global condition context keys: aws:MultiFactorAuthPresent"
MFA_DENY = [*EVERYTHING, deny("*", "*", {"Bool": {"aws:MultiFactorAuthPresent": "false"}})]
MFA_DENY_IF = [*EVERYTHING, deny("*", "*", {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})]
MFA_ALLOW = [allow("*", "*", {"Bool": {"aws:MultiFactorAuthPresent": "true"}})]
MFA_ALLOW_IF = [allow("*", "*", {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}})]
TEMPORARY_NO_MFA = {"aws:MultiFactorAuthPresent": "false"}
WITH_MFA = {"aws:MultiFactorAuthPresent": "true"}

NOT_ACTION = "IAM JSON policy elements: NotAction"
NO_DELETE = [{"Effect": "Allow", "NotAction": "s3:DeleteBucket", "Resource": "arn:aws:s3:::*"}]
NO_IAM = [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]
NO_MFA = [
    *EVERYTHING,
    {
        "Effect": "Deny",
        "NotAction": "iam:*",
        "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    },
]

NOT_RESOURCE = "IAM JSON policy elements: NotResource"
PAYROLL = [
    *EVERYTHING,
    {
        "Effect": "Deny",
        "Action": "s3:*",
        "NotResource": ["arn:aws:s3:::HRBucket/Payroll", "arn:aws:s3:::HRBucket/Payroll/*"],
    },
]

REGIONS = "AWS: Denies access to AWS based on the requested Region"
EUROPE = [
    *EVERYTHING,
    {
        "Effect": "Deny",
        "NotAction": ["cloudfront:*", "iam:*", "organizations:*", "route53:*", "support:*"],
        "Resource": "*",
        "Condition": {
            "StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3"]}
        },
    },
]
SOURCE_IP = "AWS: Denies access to AWS based on the source IP"
OFFICE = [
    *EVERYTHING,
    deny(
        "*",
        "*",
        {"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24", "203.0.113.0/24"]}, "Bool": {"aws:ViaAWSService": "false"}},
    ),
]
DATES = "AWS: Allows access based on date and time"
SUMMER = [
    allow(
        "*",
        "*",
        {
            "DateGreaterThan": {"aws:CurrentTime": "2020-04-01T00:00:00Z"},
            "DateLessThan": {"aws:CurrentTime": "2020-06-30T23:59:59Z"},
        },
    )
]

CONDITION = "IAM JSON policy elements: Condition"
JOHN = [allow("*", "*", {"StringEquals": {"aws:username": "john"}})]
JOHN_ANY = [allow("*", "*", {"StringEqualsIgnoreCase": {"AWS:UserName": "john"}})]

# fmt: off
# A row a line: the table is read downwards.
ROWS = [
    (OPERATORS, "StringEquals with the tag", {"identity": [JOB], "action": "iam:CreateAccessKey", "resource": KEY, "keys": {"aws:PrincipalTag/job-category": "iamuser-admin"}}, "allow"),
    (OPERATORS, "StringEquals without the tag", {"identity": [JOB], "action": "iam:CreateAccessKey", "resource": KEY}, "implicit_deny"),
    (OPERATORS, "StringEquals is case-sensitive in values", {"identity": [JOB], "action": "iam:CreateAccessKey", "resource": KEY, "keys": {"aws:PrincipalTag/job-category": "IAMuser-admin"}}, "implicit_deny"),
    (OPERATORS, "StringEquals: tag keys are not case-sensitive", {"identity": [JOB], "action": "iam:CreateAccessKey", "resource": KEY, "keys": {"aws:PrincipalTag/JOB-Category": "iamuser-admin"}}, "allow"),
    (OPERATORS, "StringLike lists the own folder", {"identity": [HOME], "action": "s3:ListBucket", "resource": BUCKET, "keys": {"aws:username": "alice", "s3:prefix": "home/alice/"}}, "allow"),
    (OPERATORS, "StringLike lists the top with an empty prefix", {"identity": [HOME], "action": "s3:ListBucket", "resource": BUCKET, "keys": {"aws:username": "alice", "s3:prefix": ""}}, "allow"),
    (OPERATORS, "StringLike does not list another's folder", {"identity": [HOME], "action": "s3:ListBucket", "resource": BUCKET, "keys": {"aws:username": "alice", "s3:prefix": "home/bob/"}}, "implicit_deny"),
    (OPERATORS, "home directory: own object", {"identity": [HOME], "action": "s3:PutObject", "resource": f"{BUCKET}/home/alice/a.txt", "keys": {"aws:username": "alice"}}, "allow"),
    (OPERATORS, "home directory: another's object", {"identity": [HOME], "action": "s3:PutObject", "resource": f"{BUCKET}/home/alicex/a.txt", "keys": {"aws:username": "alice"}}, "implicit_deny"),
    (OPERATORS, "NumericLessThanEquals at the bound", {"identity": [MAX_KEYS], "action": "s3:ListBucket", "resource": "arn:aws:s3:::example_bucket", "keys": {"s3:max-keys": "10"}}, "allow"),
    (OPERATORS, "NumericLessThanEquals above", {"identity": [MAX_KEYS], "action": "s3:ListBucket", "resource": "arn:aws:s3:::example_bucket", "keys": {"s3:max-keys": "10.5"}}, "implicit_deny"),
    (OPERATORS, "NumericLessThanEquals absent", {"identity": [MAX_KEYS], "action": "s3:ListBucket", "resource": "arn:aws:s3:::example_bucket"}, "implicit_deny"),
    (OPERATORS, "DateGreaterThan after", {"identity": [TOKEN], "action": "iam:ListAccessKeys", "resource": KEY, "keys": {"aws:TokenIssueTime": "2020-01-01T00:00:02Z"}}, "allow"),
    (OPERATORS, "DateGreaterThan equal", {"identity": [TOKEN], "action": "iam:ListAccessKeys", "resource": KEY, "keys": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}}, "implicit_deny"),
    (OPERATORS, "DateGreaterThan with access keys, key absent", {"identity": [TOKEN], "action": "iam:ListAccessKeys", "resource": KEY}, "implicit_deny"),
    (OPERATORS, "Bool: not over TLS", {"identity": [EVERYTHING, SECURE], "action": "s3:GetObject", "resource": f"{BUCKET}/a", "keys": {"aws:SecureTransport": "false"}}, "explicit_deny"),
    (OPERATORS, "Bool: over TLS", {"identity": [EVERYTHING, SECURE], "action": "s3:GetObject", "resource": f"{BUCKET}/a", "keys": {"aws:SecureTransport": "true"}}, "allow"),
    (OPERATORS, "Bool: the page's policy allows nothing itself", {"identity": [SECURE], "action": "s3:GetObject", "resource": f"{BUCKET}/a", "keys": {"aws:SecureTransport": "true"}}, "implicit_deny"),
    (OPERATORS, "BinaryEquals same bytes", {"identity": [BINARY], "action": "s3:GetObject", "resource": f"{BUCKET}/a", "keys": {"key:k": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}}, "allow"),
    (OPERATORS, "BinaryEquals other bytes", {"identity": [BINARY], "action": "s3:GetObject", "resource": f"{BUCKET}/a", "keys": {"key:k": "QUFB"}}, "implicit_deny"),
    (OPERATORS, "IpAddress v4 inside", {"identity": [ADDRESSES], "action": "someservice:Do", "keys": {"aws:SourceIp": "203.0.113.255"}}, "allow"),
    (OPERATORS, "IpAddress v4 outside", {"identity": [ADDRESSES], "action": "someservice:Do", "keys": {"aws:SourceIp": "203.0.114.0"}}, "implicit_deny"),
    (OPERATORS, "IpAddress v6 inside", {"identity": [ADDRESSES], "action": "someservice:Do", "keys": {"aws:SourceIp": "2001:db8:1234:5678::1"}}, "allow"),
    (OPERATORS, "IpAddress through an endpoint, key absent", {"identity": [ADDRESSES], "action": "someservice:Do"}, "implicit_deny"),
    (OPERATORS, "StringLike sees one flat string", {"identity": [[allow("*", "*", {"StringLike": {"k:arn": FINANCE}})]], "action": "a:B", "keys": {"k:arn": STORE}}, "allow"),
    (OPERATORS, "ArnLike compares six components", {"identity": [[allow("*", "*", {"ArnLike": {"k:arn": FINANCE}})]], "action": "a:B", "keys": {"k:arn": STORE}}, "implicit_deny"),
    (OPERATORS, "ArnEquals takes wildcards as ArnLike does", {"identity": [[allow("*", "*", {"ArnEquals": {"k:arn": FINANCE}})]], "action": "a:B", "keys": {"k:arn": "arn:aws:someservice:us-east-2:111122223333:finance/a/b"}}, "allow"),
    (OPERATORS, "ArnNotLike with the key absent", {"identity": [[allow("*", "*", {"ArnNotLike": {"k:arn": FINANCE}})]], "action": "a:B"}, "allow"),
    (OPERATORS, "ArnEquals: a topic of SourceArn sends to a queue", {"action": "SQS:SendMessage", "resource": "arn:aws:sqs:us-east-1:111122223333:q", "policy": [allow("SQS:SendMessage", "arn:aws:sqs:us-east-1:111122223333:q", {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:111122223333:t"}}, Principal={"AWS": "111122223333"})], "identity": [EVERYTHING], "needs": True, "keys": {"aws:SourceArn": "arn:aws:sns:us-east-1:111122223333:t"}}, "allow"),
    (OPERATORS, "ArnEquals: a user directly, SourceArn absent", {"action": "SQS:SendMessage", "resource": "arn:aws:sqs:us-east-1:111122223333:q", "policy": [allow("SQS:SendMessage", "arn:aws:sqs:us-east-1:111122223333:q", {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:111122223333:t"}}, Principal={"AWS": "111122223333"})], "identity": [], "keys": {}}, "implicit_deny"),
    (OPERATORS, "THISPOLICYDOESNOTWORK: the image has no instance type", {"identity": [INSTANCE], "action": "ec2:RunInstances", "resource": "arn:aws:ec2:us-east-1::image/ami-1"}, "implicit_deny"),
    (OPERATORS, "StringLikeIfExists: the image passes", {"identity": [INSTANCE_IF], "action": "ec2:RunInstances", "resource": "arn:aws:ec2:us-east-1::image/ami-1"}, "allow"),
    (OPERATORS, "StringLikeIfExists: a wrong instance type does not", {"identity": [INSTANCE_IF], "action": "ec2:RunInstances", "resource": "arn:aws:ec2:us-east-1:111122223333:instance/*", "keys": {"ec2:InstanceType": "c5.large"}}, "implicit_deny"),
    (OPERATORS, "Deny with StringNotEqualsIfExists when the key is absent", {"identity": [[*EVERYTHING, deny("*", "*", {"StringNotEqualsIfExists": {"aws:RequestTag/a": "b"}})]], "action": "a:B"}, "explicit_deny"),
    (OPERATORS, "Null true: long-term credentials", {"identity": [LONG_TERM], "action": "ec2:DescribeVpcs"}, "allow"),
    (OPERATORS, "Null true: temporary credentials", {"identity": [LONG_TERM], "action": "ec2:DescribeVpcs", "keys": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}, "implicit_deny"),
    (OPERATORS, "negated operator with the key absent is true", {"identity": [[allow("*", "*", {"StringNotLike": {"k:x": "a*"}})]], "action": "a:B"}, "allow"),
    (CONDITION, "a user named john", {"identity": [JOHN], "action": "a:B", "keys": {"aws:username": "john"}}, "allow"),
    (CONDITION, "users named John are denied", {"identity": [JOHN], "action": "a:B", "keys": {"aws:username": "John"}}, "implicit_deny"),
    (CONDITION, "StringEqualsIgnoreCase matches John, key names in any case", {"identity": [JOHN_ANY], "action": "a:B", "keys": {"aws:username": "John"}}, "allow"),
    (SETS, "ForAllValues: all requested attributes are listed", {"identity": [ATTRIBUTES], "action": "dynamodb:GetItem", "resource": THREAD, "keys": {"dynamodb:requestedAttributes": ["PostDateTime", "Message"]}}, "allow"),
    (SETS, "ForAllValues: one more than listed", {"identity": [ATTRIBUTES], "action": "dynamodb:GetItem", "resource": THREAD, "keys": {"dynamodb:requestedAttributes": ["PostDateTime", "UserName"]}}, "implicit_deny"),
    (SETS, "ForAllValues: key absent is true", {"identity": [ATTRIBUTES], "action": "dynamodb:GetItem", "resource": THREAD}, "allow"),
    (SETS, "ForAllValues: an empty string is an empty set", {"identity": [ATTRIBUTES], "action": "dynamodb:GetItem", "resource": THREAD, "keys": {"dynamodb:requestedAttributes": ""}}, "allow"),
    (SETS, "ForAnyValue: one forbidden attribute", {"identity": [EVERYTHING, FORBIDDEN], "action": "dynamodb:PutItem", "resource": THREAD, "keys": {"dynamodb:requestedAttributes": ["UserName", "Message", "PostDateTime"]}}, "explicit_deny"),
    (SETS, "ForAnyValue: none forbidden", {"identity": [EVERYTHING, FORBIDDEN], "action": "dynamodb:PutItem", "resource": THREAD, "keys": {"dynamodb:requestedAttributes": ["UserName"]}}, "allow"),
    (SETS, "ForAnyValue: key absent is false", {"identity": [EVERYTHING, FORBIDDEN], "action": "dynamodb:PutItem", "resource": THREAD}, "allow"),
    (SETS, "ForAnyValue: an empty string is an empty set", {"identity": [EVERYTHING, FORBIDDEN], "action": "dynamodb:PutItem", "resource": THREAD, "keys": {"dynamodb:requestedAttributes": ""}}, "allow"),
    (SET_EXAMPLES, "ForAllValues:StringNotLike, no value has the prefix", {"identity": [EVERYTHING, RESTRICTED], "action": "iam:TagUser", "keys": {"aws:TagKeys": ["key2:audit"]}}, "explicit_deny"),
    (SET_EXAMPLES, "ForAllValues:StringNotLike, one value has the prefix", {"identity": [EVERYTHING, RESTRICTED], "action": "iam:TagUser", "keys": {"aws:TagKeys": ["key1:legal", "key2:audit"]}}, "allow"),
    (SET_EXAMPLES, "ForAllValues:StringNotLike, all have the prefix", {"identity": [EVERYTHING, RESTRICTED], "action": "iam:TagUser", "keys": {"aws:TagKeys": ["key1:legal", "key1:hr"]}}, "allow"),
    (SET_EXAMPLES, "ForAllValues in a Deny hits a request without the key", {"identity": [EVERYTHING, RESTRICTED], "action": "iam:TagUser"}, "explicit_deny"),
    (SET_EXAMPLES, "ForAnyValue:StringLike, one prefix of several", {"identity": [EVERYTHING, ANY_TAG], "action": "iam:UntagRole", "keys": {"aws:TagKeys": ["key2:x", "key3:y"]}}, "explicit_deny"),
    (SET_EXAMPLES, "ForAnyValue:StringLike, no prefix", {"identity": [EVERYTHING, ANY_TAG], "action": "iam:UntagRole", "keys": {"aws:TagKeys": ["key2:x"]}}, "allow"),
    (SET_EXAMPLES, "Null false keeps ForAllValues from an absent key", {"identity": [ENVIRONMENT], "action": "ec2:CreateTags"}, "implicit_deny"),
    (SET_EXAMPLES, "Null false and all keys listed", {"identity": [ENVIRONMENT], "action": "ec2:CreateTags", "keys": {"aws:TagKeys": ["environment"]}}, "allow"),
    (VARIABLES, "own object by user name", {"identity": [OWN_OBJECTS], "action": "s3:GetObject", "resource": "arn:aws:s3:::mybucket/David/a", "keys": {"aws:username": "David"}}, "allow"),
    (VARIABLES, "another's object", {"identity": [OWN_OBJECTS], "action": "s3:GetObject", "resource": "arn:aws:s3:::mybucket/Mary/a", "keys": {"aws:username": "David"}}, "implicit_deny"),
    (VARIABLES, "own prefix", {"identity": [OWN_OBJECTS], "action": "s3:ListBucket", "resource": "arn:aws:s3:::mybucket", "keys": {"aws:username": "David", "s3:prefix": "David/x"}}, "allow"),
    (VARIABLES, "no user name, no match", {"identity": [OWN_OBJECTS], "action": "s3:GetObject", "resource": "arn:aws:s3:::mybucket//a"}, "implicit_deny"),
    (VARIABLES, "version 2008 takes the variable as text", {"identity": [OLD], "action": "s3:GetObject", "resource": "arn:aws:s3:::mybucket/David/a", "keys": {"aws:username": "David"}}, "implicit_deny"),
    (VARIABLES, "version 2008: the text itself matches", {"identity": [OLD], "action": "s3:GetObject", "resource": "arn:aws:s3:::mybucket/${aws:username}/a", "keys": {"aws:username": "David"}}, "allow"),
    (VARIABLES, "a queue named after the user", {"identity": [QUEUES], "action": "sqs:SendMessage", "resource": "arn:aws:sqs:us-east-2:111122223333:alice-queue", "keys": {"aws:username": "alice"}}, "allow"),
    (VARIABLES, "a queue in another region", {"identity": [QUEUES], "action": "sqs:SendMessage", "resource": "arn:aws:sqs:us-east-1:111122223333:alice-queue", "keys": {"aws:username": "alice"}}, "implicit_deny"),
    (VARIABLES, "a principal tag in the ARN", {"identity": [DEPARTMENT], "action": "s3:GetObject", "resource": "arn:aws:s3:::bucket/hr", "keys": {"aws:PrincipalTag/Department": "hr"}}, "allow"),
    (VARIABLES, "a default value for an absent tag", {"identity": [TEAM], "action": "s3:GetObject", "resource": "arn:aws:s3:::amzn-s3-demo-bucket/company-wide/a"}, "allow"),
    (VARIABLES, "no default when the tag is there", {"identity": [TEAM], "action": "s3:GetObject", "resource": "arn:aws:s3:::amzn-s3-demo-bucket/company-wide/a", "keys": {"aws:PrincipalTag/team": "yellow"}}, "implicit_deny"),
    (VARIABLES, "a topic's endpoint by user name", {"policy": TOPIC, "identity": [EVERYTHING], "caller": "topic_user", "owner": "999999999999", "needs": True, "action": "sns:Subscribe", "resource": "arn:aws:sns:us-east-1:999999999999:t", "keys": {"aws:username": "alice", "sns:endpoint": "https://example.com/alice/", "sns:Protocol": "https"}}, "allow"),
    (VARIABLES, "a topic's endpoint of another user", {"policy": TOPIC, "identity": [EVERYTHING], "caller": "topic_user", "owner": "999999999999", "needs": True, "action": "sns:Subscribe", "resource": "arn:aws:sns:us-east-1:999999999999:t", "keys": {"aws:username": "bob", "sns:endpoint": "https://example.com/alice/", "sns:Protocol": "https"}}, "implicit_deny"),
    (MFA, "Deny Bool false: temporary credentials without MFA", {"identity": [MFA_DENY], "action": "a:B", "keys": TEMPORARY_NO_MFA}, "explicit_deny"),
    (MFA, "Deny Bool false misses access keys", {"identity": [MFA_DENY], "action": "a:B"}, "allow"),
    (MFA, "Deny BoolIfExists false catches access keys", {"identity": [MFA_DENY_IF], "action": "a:B"}, "explicit_deny"),
    (MFA, "Deny BoolIfExists false lets MFA pass", {"identity": [MFA_DENY_IF], "action": "a:B", "keys": WITH_MFA}, "allow"),
    (MFA, "Allow Bool true refuses access keys", {"identity": [MFA_ALLOW], "action": "a:B"}, "implicit_deny"),
    (MFA, "Allow Bool true with MFA", {"identity": [MFA_ALLOW], "action": "a:B", "keys": WITH_MFA}, "allow"),
    (MFA, "Allow BoolIfExists true lets access keys in", {"identity": [MFA_ALLOW_IF], "action": "a:B"}, "allow"),
    (MFA, "Allow BoolIfExists true refuses temporary ones without", {"identity": [MFA_ALLOW_IF], "action": "a:B", "keys": TEMPORARY_NO_MFA}, "implicit_deny"),
    (NOT_ACTION, "every S3 action on S3 resources", {"identity": [NO_DELETE], "action": "s3:GetObject", "resource": f"{BUCKET}/a"}, "allow"),
    (NOT_ACTION, "except deleting a bucket", {"identity": [NO_DELETE], "action": "s3:DeleteBucket", "resource": BUCKET}, "implicit_deny"),
    (NOT_ACTION, "not ListAllMyBuckets, which needs the * resource", {"identity": [NO_DELETE], "action": "s3:ListAllMyBuckets", "resource": "*"}, "implicit_deny"),
    (NOT_ACTION, "not other services, by the resource", {"identity": [NO_DELETE], "action": "ec2:RunInstances", "resource": "arn:aws:ec2:us-east-1:111122223333:instance/*"}, "implicit_deny"),
    (NOT_ACTION, "every service except IAM", {"identity": [NO_IAM], "action": "ec2:DescribeVpcs"}, "allow"),
    (NOT_ACTION, "except IAM itself", {"identity": [NO_IAM], "action": "iam:ListUsers"}, "implicit_deny"),
    (NOT_ACTION, "Deny non-IAM without MFA", {"identity": [NO_MFA], "action": "ec2:DescribeVpcs"}, "explicit_deny"),
    (NOT_ACTION, "IAM without MFA stays allowed elsewhere", {"identity": [NO_MFA], "action": "iam:ListUsers"}, "allow"),
    (NOT_ACTION, "non-IAM with MFA", {"identity": [NO_MFA], "action": "ec2:DescribeVpcs", "keys": WITH_MFA}, "allow"),
    (NOT_RESOURCE, "the payroll folder is not denied", {"identity": [PAYROLL], "action": "s3:GetObject", "resource": "arn:aws:s3:::HRBucket/Payroll/a"}, "allow"),
    (NOT_RESOURCE, "all others are", {"identity": [PAYROLL], "action": "s3:GetObject", "resource": "arn:aws:s3:::HRBucket/Other/a"}, "explicit_deny"),
    (REGIONS, "a listed region", {"identity": [EUROPE], "action": "ec2:DescribeVpcs", "keys": {"aws:RequestedRegion": "eu-west-1"}}, "allow"),
    (REGIONS, "another region", {"identity": [EUROPE], "action": "ec2:DescribeVpcs", "keys": {"aws:RequestedRegion": "us-east-1"}}, "explicit_deny"),
    (REGIONS, "a global service", {"identity": [EUROPE], "action": "iam:ListUsers", "keys": {"aws:RequestedRegion": "us-east-1"}}, "allow"),
    (SOURCE_IP, "from outside", {"identity": [OFFICE], "action": "a:B", "keys": {"aws:SourceIp": "198.51.100.1", "aws:ViaAWSService": "false"}}, "explicit_deny"),
    (SOURCE_IP, "from inside", {"identity": [OFFICE], "action": "a:B", "keys": {"aws:SourceIp": "192.0.2.7", "aws:ViaAWSService": "false"}}, "allow"),
    (SOURCE_IP, "forwarded by a service", {"identity": [OFFICE], "action": "a:B", "keys": {"aws:SourceIp": "198.51.100.1", "aws:ViaAWSService": "true"}}, "allow"),
    (DATES, "between the dates", {"identity": [SUMMER], "action": "a:B", "keys": {"aws:CurrentTime": "2020-05-01T12:00:00Z"}}, "allow"),
    (DATES, "after the dates", {"identity": [SUMMER], "action": "a:B", "keys": {"aws:CurrentTime": "2020-07-01T00:00:00Z"}}, "implicit_deny"),
]
# fmt: on


@pytest.mark.parametrize(("page", "shows", "request_", "effect"), ROWS, ids=[f"{row[0]} - {row[1]}" for row in ROWS])
def test_a_documented_example_is_decided_as_documented(ask, page, shows, request_, effect):
    assert ask(**request_).effect == effect


def test_every_documented_page_is_named():
    assert all(page and shows for page, shows, _request, _effect in ROWS)
    assert len({(page, shows) for page, shows, _request, _effect in ROWS}) == len(ROWS)
