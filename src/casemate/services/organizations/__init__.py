"""Organizations."""

from casemate.foundation.operation import Service

SERVICE = Service(
    name="organizations",
    model="organizations",
    scope="global",
    principal="organizations.amazonaws.com",
    operations=(),
)
