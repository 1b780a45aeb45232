"""Identity and Access Management."""

from casemate.foundation.operation import Service

SERVICE = Service(
    name="iam",
    model="iam",
    scope="global",
    principal="iam.amazonaws.com",
    operations=(),
)
