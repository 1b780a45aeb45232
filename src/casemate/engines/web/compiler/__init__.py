"""From a web ACL in the API's JSON shape to a plan."""

from casemate.engines.web.compiler.acl import compile_acl
from casemate.engines.web.compiler.capacity import rules_capacity
from casemate.engines.web.compiler.log_policy import LogPolicy, Protection, log_policy
from casemate.engines.web.compiler.resources import Resources, read_acl_file

__all__ = [
    "LogPolicy",
    "Protection",
    "Resources",
    "compile_acl",
    "log_policy",
    "read_acl_file",
    "rules_capacity",
]
