"""Security Token Service."""

from casemate.foundation.operation import Service
from casemate.services.sts.assumed_roles import assume_role
from casemate.services.sts.callers import get_access_key_info, get_caller_identity
from casemate.services.sts.users import get_federation_token, get_session_token

SERVICE = Service(
    name="sts",
    model="sts",
    scope="global",
    principal="sts.amazonaws.com",
    operations=(assume_role, get_access_key_info, get_caller_identity, get_federation_token, get_session_token),
)
