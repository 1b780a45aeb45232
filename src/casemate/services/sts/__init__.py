"""Security Token Service."""

from casemate.foundation.operation import Service
from casemate.services.sts.callers import get_caller_identity

SERVICE = Service(
    name="sts",
    model="sts",
    scope="global",
    principal="sts.amazonaws.com",
    operations=(get_caller_identity,),
)
