"""What can go wrong while a policy is read.

    PolicyError
    └── PolicySyntaxError    the document cannot be a policy of its kind

Evaluation itself raises nothing: a request is allowed or it is not.
"""

from __future__ import annotations

from typing import Final

MALFORMED: Final = "MalformedPolicyDocument"
VALIDATION: Final = "ValidationError"

SYNTAX: Final = "Syntax errors in policy."
LEGACY: Final = "The policy failed legacy parsing"


class PolicyError(Exception):
    """Base of every error of this package."""


class PolicySyntaxError(PolicyError):
    """A document that is no valid policy of its kind.

    `message` is AWS's text for the refusal, `code_hint` the wire error that IAM answers with (other services spell
    it their own way), `path` where in the document ("Statement[1].Action"), `line` the 1-based line where known,
    `detail` what exactly was wrong in our words, for logs and tools.
    """

    def __init__(
        self,
        message: str = SYNTAX,
        *,
        path: str = "",
        line: int | None = None,
        detail: str = "",
        code_hint: str = MALFORMED,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.detail = detail
        self.code_hint = code_hint
