"""aws-chunked bodies: AWS's own examples, round trips of every form and checksum, and what must be refused."""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64encode

import pytest
from awscrt import checksums as crt

from casemate.foundation.errors import ServiceError
from casemate.gateway.protocols import Request
from casemate.gateway.signatures import SignatureError, SigningKeys, chunked_body, parse_signature, verify

SECRET = b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SCOPE = "20130524/us-east-1/s3/aws4_request"
CONTENT = b"a" * 66560


def _request(payload, signature, *, length=66560, encoded=66824, trailer=None, names=None):
    names = (
        names
        or "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class"
    )
    headers = [
        (b"host", b"s3.amazonaws.com"),
        (b"x-amz-date", b"20130524T000000Z"),
        (b"x-amz-storage-class", b"REDUCED_REDUNDANCY"),
        (
            b"authorization",
            f"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/{SCOPE},SignedHeaders={names},Signature={signature}".encode(),
        ),
        (b"x-amz-content-sha256", payload.encode()),
        (b"content-encoding", b"aws-chunked"),
        (b"x-amz-decoded-content-length", str(length).encode()),
        (b"content-length", str(encoded).encode()),
    ]
    if trailer is not None:
        headers.append((b"x-amz-trailer", trailer.encode()))
    return Request(b"PUT", b"/examplebucket/chunkObject.txt", headers, b"")


def _decoder(request):
    signed = parse_signature(request)
    return chunked_body(request, signed, SigningKeys().get(signed, SECRET))


def _decoded(request, body, size=None):
    decoder = _decoder(request)
    size = size or len(body) or 1
    content = b"".join([decoder.feed(body[at : at + size]) for at in range(0, len(body), size)])
    return content, decoder.finish()


SIGNED = _request(
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
)
SIGNED_BODY = (
    b"10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n"
    + CONTENT[:65536]
    + b"\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n"
    + CONTENT[65536:]
    + b"\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n"
)
TRAILED = _request(
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
    trailer="x-amz-checksum-crc32c",
    names="content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer",
)
TRAILED_BODY = (
    b"10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n"
    + CONTENT[:65536]
    + b"\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n"
    + CONTENT[65536:]
    + b"\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n"
    + b"x-amz-checksum-crc32c:sOO8/Q==\r\n"
    + b"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"
)


@pytest.mark.parametrize(("request_", "body"), [(SIGNED, SIGNED_BODY), (TRAILED, TRAILED_BODY)])
def test_documented_example_verifies_with_request_chunks_and_trailer(request_, body):
    signed = parse_signature(request_)
    verify(signed, SigningKeys().get(signed, SECRET), request_, streamed=True)
    content, _ = _decoded(request_, body)
    assert content == CONTENT


def test_documented_trailer_is_given_back():
    assert _decoded(TRAILED, TRAILED_BODY)[1] == {"x-amz-checksum-crc32c": "sOO8/Q=="}


def test_trailer_line_ended_by_line_feed_too_is_read():
    body = TRAILED_BODY.replace(b"sOO8/Q==\r\n", b"sOO8/Q==\n\r\n")
    assert _decoded(TRAILED, body)[0] == CONTENT


@pytest.mark.parametrize("size", [1, 7, 4096, 65536])
def test_pieces_of_any_size_give_the_same_content(size):
    assert _decoded(TRAILED, TRAILED_BODY, size)[0] == CONTENT


@pytest.mark.parametrize(("request_", "body"), [(SIGNED, SIGNED_BODY), (TRAILED, TRAILED_BODY)])
def test_any_changed_byte_is_refused(request_, body):
    interesting = [*range(90), *range(65530, 65720), *range(len(body) - 300, len(body))]
    for at in interesting:
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        with pytest.raises(ServiceError):
            _decoded(request_, changed)


def test_chunks_in_another_order_are_refused():
    first, second = SIGNED_BODY[: 65536 + 89], SIGNED_BODY[65536 + 89 : 65536 + 89 + 1024 + 87]
    with pytest.raises(ServiceError):
        _decoded(SIGNED, second + first + SIGNED_BODY[65536 + 89 + 1024 + 87 :])


def test_wrong_chunk_signature_is_a_signature_error():
    with pytest.raises(SignatureError) as caught:
        _decoded(SIGNED, SIGNED_BODY.replace(b"0055627c", b"1055627c"))
    assert caught.value.code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("cut", [1, 2, 50, 89, 1000, 66000])
def test_body_that_ends_early_is_refused(cut):
    with pytest.raises(ServiceError):
        _decoded(SIGNED, SIGNED_BODY[:-cut])


def test_bytes_after_the_end_are_refused():
    with pytest.raises(ServiceError):
        _decoded(SIGNED, SIGNED_BODY + b"x")


CHECKSUMS = {
    "crc32": lambda content: zlib.crc32(content).to_bytes(4),
    "crc32c": lambda content: crt.crc32c(content).to_bytes(4),
    "crc64nvme": lambda content: crt.crc64nvme(content).to_bytes(8),
    "sha1": lambda content: hashlib.sha1(content).digest(),
    "sha256": lambda content: hashlib.sha256(content).digest(),
    "sha512": lambda content: hashlib.sha512(content).digest(),
    "md5": lambda content: hashlib.md5(content).digest(),
}


def _unsigned(content, algorithm, stated=None, *, length=None, trailer=None):
    stated = stated or b64encode(CHECKSUMS[algorithm](content))
    name = f"x-amz-checksum-{algorithm}"
    request = _request(
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "0" * 64,
        length=len(content) if length is None else length,
        trailer=trailer or name,
    )
    chunks = b"".join(
        b"%x\r\n%b\r\n" % (len(content[at : at + 1000]), content[at : at + 1000]) for at in range(0, len(content), 1000)
    )
    return request, chunks + b"0\r\n" + name.encode() + b":" + stated + b"\r\n\r\n"


@pytest.mark.parametrize("algorithm", CHECKSUMS)
@pytest.mark.parametrize("content", [b"", b"123456789", bytes(range(256)) * 20])
def test_unsigned_chunks_with_every_checksum_verify(algorithm, content):
    request, body = _unsigned(content, algorithm)
    assert _decoded(request, body, 13)[0] == content


def test_checksums_have_their_check_values():
    assert CHECKSUMS["crc32"](b"123456789").hex() == "cbf43926"
    assert CHECKSUMS["crc32c"](b"123456789").hex() == "e3069283"
    assert CHECKSUMS["crc64nvme"](b"123456789").hex() == "ae8b14860a799888"


@pytest.mark.parametrize("algorithm", CHECKSUMS)
def test_wrong_checksum_is_a_bad_digest(algorithm):
    request, body = _unsigned(b"content", algorithm, b64encode(CHECKSUMS[algorithm](b"other")))
    with pytest.raises(ServiceError) as caught:
        _decoded(request, body)
    assert caught.value.code == "BadDigest"


@pytest.mark.parametrize("length", [0, 6, 8])
def test_length_other_than_announced_is_refused(length):
    request, body = _unsigned(b"content", "crc32", length=length)
    with pytest.raises(ServiceError):
        _decoded(request, body)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(b"x-amz-checksum-crc32:", b"x-amz-checksum-sha1:"),
        lambda body: body.replace(b"x-amz-checksum-crc32:", b"x-amz-checksum-crc32 "),
        lambda body: body.replace(b"\r\n\r\n", b"\r\nx-amz-meta-a:b\r\n\r\n"),
        lambda body: body.partition(b"x-amz")[0] + b"\r\n",
        lambda body: body[:-2] + body[body.index(b"x-amz") :],
        lambda body: b"-1\r\n" + body,
        lambda body: b"ffffffff\r\n" + body,
        lambda body: b"7;chunk-signature=" + b"0" * 64 + body[1:],
        lambda body: b"0" * 600 + body,
        lambda body: b"",
    ],
)
def test_malformed_chunks_and_trailers_are_refused(change):
    request, body = _unsigned(b"content", "crc32")
    with pytest.raises(ServiceError):
        _decoded(request, change(body))


def test_body_that_is_not_chunked_has_no_decoder():
    signed = parse_signature(SIGNED)
    plain = Request(
        SIGNED.method,
        SIGNED.target,
        [(name, b"UNSIGNED-PAYLOAD" if name == b"x-amz-content-sha256" else value) for name, value in SIGNED.headers],
        b"",
    )
    assert chunked_body(plain, signed, SigningKeys().get(signed, SECRET)) is None


@pytest.mark.parametrize("trailer", ["x-amz-meta-a", "x-amz-checksum-", "x-amz-checksum-xxhash64", "a, b"])
def test_trailer_that_is_no_known_checksum_is_refused(trailer):
    with pytest.raises(ServiceError):
        _decoder(_unsigned(b"c", "crc32", trailer=trailer)[0])


def test_trailer_header_and_form_must_agree():
    with pytest.raises(ServiceError):
        _decoder(_request("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "0" * 64))
    with pytest.raises(ServiceError):
        _decoder(_request("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "0" * 64, trailer="x-amz-checksum-crc32"))


def test_body_without_decoded_length_is_refused():
    headers = [each for each in SIGNED.headers if each[0] != b"x-amz-decoded-content-length"]
    with pytest.raises(ServiceError) as caught:
        _decoder(Request(SIGNED.method, SIGNED.target, headers, b""))
    assert caught.value.status == 411
