from __future__ import annotations

import json

import pytest

from casemate.gateway.models import load
from casemate.gateway.protocols import JsonCodec, Request, WireError, codec_for

KMS = codec_for(load("kms"), "json")
assert isinstance(KMS, JsonCodec)
CODEC: JsonCodec = KMS

PLAIN = [
    ("Encrypt", {"KeyId": "alias/a", "Plaintext": "aGVsbG8="}),
    ("Encrypt", {"KeyId": "alias/a", "Plaintext": "aGVsbG8=", "EncryptionContext": {"a": "b", "c": ""}}),
    ("Encrypt", {"KeyId": "k", "Plaintext": "aGVsbG8=", "EncryptionAlgorithm": "SYMMETRIC_DEFAULT", "DryRun": False}),
    ("GenerateDataKey", {"KeyId": "k", "NumberOfBytes": 1024}),
    ("CreateKey", {}),
]
NOT_PLAIN = [
    ("Encrypt", b'{"KeyId":"k"}'),
    ("Encrypt", b'{"KeyId":"","Plaintext":"aGVsbG8="}'),
    ("Encrypt", b'{"KeyId":"k","Plaintext":"aGVsbG8"}'),
    ("Encrypt", b'{"KeyId":"k","Plaintext":"aGVsbG8=","Surprise":1}'),
    ("Encrypt", b'{"KeyId":"k","Plaintext":"aGVsbG8=","KeyId":"l"}'),
    ("Encrypt", b'{"KeyId":"k","Plaintext":"aGVsbG8=","EncryptionContext":{"a":"b","a":"c"}}'),
    ("Encrypt", b'{"KeyId":"k","Plaintext":"aGVsbG8=","EncryptionContext":{"a":1}}'),
    ("Encrypt", b'{"KeyId":"k","Plaintext":"aGVsbG8=","EncryptionContext":{"a":null}}'),
    ("Encrypt", b'{"KeyId":"k","Plaintext":"aGVsbG8=","EncryptionContext":[]}'),
    ("Encrypt", b'{"KeyId":"k","Plaintext":"aGVsbG8=","EncryptionAlgorithm":"ROT13"}'),
    ("Encrypt", b'{"KeyId":"k","Plaintext":"aGVsbG8=","DryRun":"true"}'),
    ("Encrypt", b'{"KeyId":"k","Plaintext":"aGVsbG8=","DryRun":null}'),
    ("Encrypt", b'{"KeyId":"\\u006b","Plaintext":"aGVsbG8="}'),
    ("Encrypt", b'{"KeyId":7,"Plaintext":"aGVsbG8="}'),
    ("Encrypt", b'{"KeyId":"k","Plaintext":7}'),
    ("Encrypt", b'{"KeyId":"k","Plaintext":"aGVsbG8=","GrantTokens":["t"]}'),
    ("GenerateDataKey", b'{"KeyId":"k","NumberOfBytes":0}'),
    ("GenerateDataKey", b'{"KeyId":"k","NumberOfBytes":true}'),
    ("GenerateDataKey", b'{"KeyId":"k","NumberOfBytes":1.5}'),
    ("GenerateDataKey", b'{"KeyId":"k","NumberOfBytes":99999999999999999999}'),
    ("Encrypt", b"[]"),
    ("Encrypt", b"{"),
    ("Encrypt", b""),
    ("Encrypt", b"[" * 100_000),
]


def careful(operation: str, body: bytes):
    return CODEC.parse(operation, Request(b"POST", b"/", [], body))


@pytest.mark.parametrize(("operation", "members"), PLAIN)
def test_the_usual_request_is_read_as_the_careful_way_reads_it(operation, members):
    body = json.dumps(members).encode()
    assert CODEC.parse_plain(operation, body) == careful(operation, body)


@pytest.mark.parametrize(("operation", "body"), NOT_PLAIN)
def test_whatever_is_not_plainly_right_is_left_to_the_careful_way(operation, body):
    assert CODEC.parse_plain(operation, body) is None


def test_one_way_never_takes_what_the_other_refuses():
    taken = 0
    body = json.dumps(PLAIN[2][1]).encode()
    for at in range(len(body)):
        for byte in b'{}[]",:\\ 0a\xff\n':
            mutated = body[:at] + bytes((byte,)) + body[at + 1 :]
            plain = CODEC.parse_plain("Encrypt", mutated)
            if plain is not None:
                taken += 1
                assert plain == careful("Encrypt", mutated)
            else:
                try:
                    careful("Encrypt", mutated)
                except WireError:
                    continue
    assert taken
