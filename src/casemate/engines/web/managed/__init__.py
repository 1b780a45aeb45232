"""The managed rule groups: AWS's names, versions, labels, actions and capacities; patterns of our own."""

from casemate.engines.web.managed.catalogue import AbsentGroup, Catalogue, ManagedGroup, catalogue
from casemate.engines.web.managed.schema import Example, Inspect, ManagedRule

__all__ = ["AbsentGroup", "Catalogue", "Example", "Inspect", "ManagedGroup", "ManagedRule", "catalogue"]
