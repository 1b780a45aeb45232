"""From the options of a command to a plan."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from casemate.cli.caches import cache_of_user
from casemate.engines.web import PatternCache, Plan, WebAclError, compile_acl, read_acl_file
from casemate.engines.web.errors import InvalidParameter
from casemate.foundation.errors import CasemateError


class AclRefused(CasemateError):
    """An ACL that can't be read or compiled."""


def cache_folder(options: argparse.Namespace) -> Path | None:
    """Where compiled patterns are kept: --cache, else the user's cache; None where that can't be trusted."""
    return Path(options.cache) if options.cache is not None else cache_of_user("waf")


def cache_of(options: argparse.Namespace) -> PatternCache:
    """The cache of compiled patterns, which says on standard error what it had to compile."""
    folder = cache_folder(options)
    kept = f"kept in {folder}" if folder is not None else "not kept: name a folder with --cache"

    def report(patterns: int, seconds: float) -> None:
        sys.stderr.write(f"casemate: compiled {patterns} patterns in {seconds:.1f} s, {kept}\n")

    return PatternCache(folder, report=report)


def plan_of(path: Path, cache: PatternCache, *, quiet: bool = False, prose: str | None = None) -> Plan:
    """The plan of an ACL file; says on standard error what the operator should know. Raises AclRefused.

    `prose`, where it is given, holds instead of what the file says.
    """
    try:
        acl, resources = read_acl_file(path)
    except WebAclError as error:
        raise AclRefused(str(error)) from None
    if prose is not None:
        resources = msgspec.structs.replace(resources, strict=prose == "strict")
    try:
        plan = compile_acl(acl, resources, cache=cache)
    except InvalidParameter as error:
        raise AclRefused(f"{path}: {error.code}: {error.explained()}") from None
    except WebAclError as error:
        raise AclRefused(f"{path}: {error}") from None
    if not quiet:
        for note in plan.notes:
            sys.stderr.write(f"casemate: note: {note}\n")
    return plan
