"""`casemate waf capacity`: the WCU of an ACL and of each of its rules."""

from __future__ import annotations

import argparse
import sys
from typing import Final

import msgspec

from casemate.cli.options import wants_json
from casemate.cli.waf.plans import AclRefused, cache_of, plan_of
from casemate.engines.web import WebAclError, read_acl_file, rules_capacity

INCLUDED: Final = 1_500
"""WCU that AWS's basic price covers."""
MOST: Final = 5_000


def run(options: argparse.Namespace) -> int:
    """Print each rule's WCU and the ACL's, which is less where rules share transformations."""
    plan = plan_of(options.acl, cache_of(options), quiet=True)
    try:
        acl, resources = read_acl_file(options.acl)
        rules = sorted(acl.get("Rules") or [], key=lambda rule: int(rule["Priority"]))
        parts = [(str(rule["Name"]), rules_capacity([rule], resources)) for rule in rules]
    except WebAclError as error:
        raise AclRefused(f"{options.acl}: {error}") from None
    if wants_json(options):
        for name, units in parts:
            print(msgspec.json.encode({"rule": name, "capacity": units}).decode())
        print(msgspec.json.encode({"webAcl": plan.name, "capacity": plan.capacity, "most": MOST}).decode())
        return 0
    for name, units in parts:
        print(f"{units:6}  {name}")
    print(f"{plan.capacity:6}  {plan.name} in all, of {MOST}")
    if plan.capacity > INCLUDED:
        sys.stderr.write(f"casemate: above {INCLUDED} WCU AWS's basic price doesn't cover it\n")
    return 0
