"""A reverse proxy that inspects: `casemate waf proxy`.

`serving` is the parent process, `worker` the processes that take connections; `core` is a request's way through one.
"""
