"""Where strangers' code and hostile formats run.

`limited_parsers()` reads files of every format, and the native parsers among its readers each run in a process of their
own: bounded in memory and time, without files, sockets or privileges.
"""

from casemate.runtime.parsers import ParserProcesses, limited_parsers

__all__ = ["ParserProcesses", "limited_parsers"]
