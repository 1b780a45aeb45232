"""An external key store proxy over a PKCS#11 token: `casemate xks-proxy`.

What an external key store of KMS (ours or AWS's) calls: AWS KMS External Key Store Proxy API Specification, v1. Keys
are AES-256 keys of a token and never leave it; callers sign with a credential, of which several may be in force at
once, and may have to show a client certificate besides.
"""

from casemate.edge.xks_proxy.api import XksApi
from casemate.edge.xks_proxy.configuration import Configuration, load
from casemate.edge.xks_proxy.serving import open_token, serve

__all__ = ["Configuration", "XksApi", "load", "open_token", "serve"]
