"""Regular expressions: AWS's dialect, sets of patterns matched in one pass, and their cache."""

from casemate.engines.web.patterns.cache import PatternCache
from casemate.engines.web.patterns.dialect import refusal
from casemate.engines.web.patterns.sets import Pattern, PatternSet, PatternSyntaxError

__all__ = ["Pattern", "PatternCache", "PatternSet", "PatternSyntaxError", "refusal"]
