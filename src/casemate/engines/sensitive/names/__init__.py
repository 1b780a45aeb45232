"""Names and addresses by machine learning and rules (`casemate.contracts.sensitive.NameFinder`).

A small tagger, trained by `training/` and shipped, finds full names; addresses are found by their postal codes, and the
tagger decides where those leave a doubt. docs/model-card.md says what it was trained on and how good it is.
"""

from casemate.engines.sensitive.names.decoding import Found
from casemate.engines.sensitive.names.finder import NameFinder
from casemate.engines.sensitive.names.tagger import ModelRefused

__all__ = ["Found", "ModelRefused", "NameFinder"]
