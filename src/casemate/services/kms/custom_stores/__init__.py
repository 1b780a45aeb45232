"""Custom key stores: keys that live outside (KMS Developer Guide, "Custom key stores").

`operations` manages them, `use` is what cryptography asks of them; `xks` speaks the protocol of external key stores,
`hsm` to a PKCS#11 token, which takes the place of a CloudHSM cluster.
"""
