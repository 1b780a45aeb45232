"""Who may do what: the IAM policy language and its evaluation.

`compile_policy` reads a stored document, `validate` checks one that is about to be stored, and `evaluate` decides about
a request (`permit` does without the reason where the answer is no). Everything else here is what these take and answer.
`linting.lint` advises about a document; it stands apart because it reads the service authorization reference, for which
nobody's start should wait.
"""

from casemate.engines.policy.context_keys import ChainKeys, DictKeys, Keys, LazyKeys
from casemate.engines.policy.decisions import Decision
from casemate.engines.policy.errors import PolicyError, PolicySyntaxError
from casemate.engines.policy.evaluation import evaluate, permit
from casemate.engines.policy.grammar import PolicyKind
from casemate.engines.policy.policies import Policy, Statement, compile_policy, size_without_white_space
from casemate.engines.policy.principals import Principal
from casemate.engines.policy.requests import Allowance, Standing, Target
from casemate.engines.policy.rewriting import rename_principals
from casemate.engines.policy.subjects import Subject, SubjectKind
from casemate.engines.policy.survey import Check, Match
from casemate.engines.policy.validation import Profile, validate

__all__ = [
    "Allowance",
    "ChainKeys",
    "Check",
    "Decision",
    "DictKeys",
    "Keys",
    "LazyKeys",
    "Match",
    "Policy",
    "PolicyError",
    "PolicyKind",
    "PolicySyntaxError",
    "Principal",
    "Profile",
    "Standing",
    "Statement",
    "Subject",
    "SubjectKind",
    "Target",
    "compile_policy",
    "evaluate",
    "permit",
    "rename_principals",
    "size_without_white_space",
    "validate",
]
