"""What can go wrong while a web ACL is read.

    WebAclError
    ├── InvalidParameter     WAFInvalidParameterException: field, parameter and reason as AWS words them
    ├── NonexistentItem      WAFNonexistentItemException: a reference that leads nowhere
    ├── LimitsExceeded       WAFLimitsExceededException
    ├── ExpiredVersion       WAFExpiredManagedRuleGroupVersionException
    └── ManagedRuleFormat    a file of a managed rule group breaks the format (ours to mend)

Evaluation itself raises nothing: every request has a verdict.
"""

from __future__ import annotations

from typing import Final

NOT_EXACTLY_ONE: Final = "You have used none or multiple values for a field that requires exactly one value."
NOT_VALID: Final = "The parameter contains formatting that is not valid."
NOT_AN_OPTION: Final = "A parameter value isn't among the options."
ILLEGAL_COMBINATION: Final = "You have used an illegal combination of values."
NOT_NESTABLE: Final = "You can't nest this statement inside another statement."
BELOW_MINIMUM: Final = (
    "You haven't met a minimum requirement for a threshold setting. Examples include a rule group capacity setting "
    "that's too low and an OR statement with only one condition."
)
ABOVE_MAXIMUM: Final = "You exceeded the maximum for a threshold setting."
DUPLICATE: Final = "Your request contains duplicate values for a field that requires unique values."
BAD_ARN: Final = (
    "The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes."
)
ILLEGAL_ARGUMENT: Final = "The argument isn't valid for this operation."


class WebAclError(Exception):
    """Base of every error of this package; `code` is the wire error's name."""

    code = "WAFInternalErrorException"


class InvalidParameter(WebAclError):
    """A part of a web ACL or rule group that AWS would refuse.

    `field` is a value of the model's ParameterExceptionField, `parameter` the offending value or member, `reason` AWS's
    sentence, `path` where in the document ("Rules[2].Statement.AndStatement.Statements[0]"), `detail` ours, for tools.
    """

    code = "WAFInvalidParameterException"

    def __init__(self, field: str, parameter: str, reason: str, *, path: str = "", detail: str = "") -> None:
        super().__init__(f"Error reason: {reason}, field: {field}, parameter: {parameter}")
        self.field = field
        self.parameter = parameter
        self.reason = reason
        self.path = path
        self.detail = detail

    def explained(self) -> str:
        """AWS's message, then where and what in our words."""
        where = f" (at {self.path})" if self.path else ""
        return f"{self}{where}{': ' + self.detail if self.detail else ''}"


class NonexistentItem(WebAclError):
    """A reference to a rule group, an IP set, a regex pattern set or a managed rule group that isn't there."""

    code = "WAFNonexistentItemException"


class LimitsExceeded(WebAclError):
    """More than AWS's quotas allow, for example 5,000 WCU."""

    code = "WAFLimitsExceededException"


class ExpiredVersion(WebAclError):
    """A version of a managed rule group that is no longer offered."""

    code = "WAFExpiredManagedRuleGroupVersionException"


class ManagedRuleFormat(WebAclError):
    """A file of a managed rule group that breaks the format."""
