"""AWS REST-XML (Smithy, "AWS restXml protocol"), with the dialect of S3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from casemate.gateway.models import Member, Operation, ServiceModel, Shape
from casemate.gateway.protocols.codec import Refusal, Reply
from casemate.gateway.protocols.errors import MalformedRequest
from casemate.gateway.protocols.rest import BodyReader, BodyWriter, RestCodec, bound_elsewhere
from casemate.gateway.protocols.xml import PROLOGUE, Writer, XmlWriter, escape, namespace_of, xmlns
from casemate.gateway.protocols.xml_documents import Reader, XmlReader, decode_xml

# The models say the namespace of requests only.
_NAMESPACES: Final = {
    "s3": "http://s3.amazonaws.com/doc/2006-03-01/",
    "s3control": "http://awss3control.amazonaws.com/doc/2018-08-20/",
    "route53": "https://route53.amazonaws.com/doc/2013-04-01/",
    "cloudfront": "http://cloudfront.amazonaws.com/doc/2020-05-31/",
}
# The root elements of S3's answers (S3 API Reference); the models don't say them.
_S3_ROOTS: Final = {
    "CompleteMultipartUpload": "CompleteMultipartUploadResult",
    "CreateMultipartUpload": "InitiateMultipartUploadResult",
    "CreateSession": "CreateSessionResult",
    "DeleteObjects": "DeleteResult",
    "GetBucketAccelerateConfiguration": "AccelerateConfiguration",
    "GetBucketAcl": "AccessControlPolicy",
    "GetBucketCors": "CORSConfiguration",
    "GetBucketLifecycle": "LifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketLogging": "BucketLoggingStatus",
    "GetBucketNotificationConfiguration": "NotificationConfiguration",
    "GetBucketRequestPayment": "RequestPaymentConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketWebsite": "WebsiteConfiguration",
    "GetObjectAcl": "AccessControlPolicy",
    "GetObjectAttributes": "GetObjectAttributesResponse",
    "GetObjectTagging": "Tagging",
    "ListBucketAnalyticsConfigurations": "ListBucketAnalyticsConfigurationResult",
    "ListBucketIntelligentTieringConfigurations": "ListBucketIntelligentTieringConfigurationsResult",
    "ListBucketInventoryConfigurations": "ListInventoryConfigurationsResult",
    "ListBucketMetricsConfigurations": "ListMetricsConfigurationsResult",
    "ListBuckets": "ListAllMyBucketsResult",
    "ListDirectoryBuckets": "ListAllMyDirectoryBucketsResult",
    "ListMultipartUploads": "ListMultipartUploadsResult",
    "ListObjectVersions": "ListVersionsResult",
    "ListObjects": "ListBucketResult",
    "ListObjectsV2": "ListBucketResult",
    "ListParts": "ListPartsResult",
}


class RestXmlCodec(RestCodec):
    """Bodies in XML."""

    protocol = "rest-xml"
    column = "rest_xml"
    content_type = b"application/xml"

    def __init__(self, model: ServiceModel) -> None:
        super().__init__(model)
        self._reader = XmlReader()
        self._writer = XmlWriter()
        self._namespace = xmlns(_NAMESPACES.get(model.service))
        if model.service in {"s3", "s3control"}:
            self.request_id_header = b"x-amz-request-id"

    def _body_reader(self, operation: Operation, shape: Shape, bound: frozenset[str]) -> BodyReader:
        roots = {operation.input_trait("locationName"), shape.trait("locationName"), shape.name} - {None}
        return _root_reader(self._reader.structure(shape, bound), roots, {})

    def _payload_reader(self, member: Member) -> BodyReader:
        roots = {member.location_name, member.shape.trait("locationName"), member.shape.name} - {None}
        return _root_reader(self._reader.member(member), roots, None)

    def _body_writer(self, operation: Operation, shape: Shape, bound: frozenset[str]) -> BodyWriter | None:
        if len(bound) == len(shape.members):
            return None
        name = self._root_of(operation, shape)
        namespace = xmlns(shape.trait("xmlNamespace")) or self._namespace
        return _document_writer(self._writer.root(shape, name, namespace, bound))

    def _root_of(self, operation: Operation, shape: Shape) -> str:
        del operation
        name: str = shape.trait("locationName") or shape.name
        return name

    def _payload_writer(self, member: Member) -> BodyWriter:
        name = member.location_name or member.shape.name
        write = self._writer.element(member, name, "" if namespace_of(member) else self._namespace)
        return _document_writer(write)

    def _render_error(self, refusal: Refusal, request_id: str) -> Reply:
        kind = "Sender" if refusal.sender else "Receiver"
        parts = [f"{PROLOGUE}<ErrorResponse{self._namespace}><Error><Type>{kind}</Type>"]
        self._write_error(refusal, parts)
        parts.append(f"</Error><RequestId>{escape(request_id)}</RequestId></ErrorResponse>")
        return refusal.status, self._refusal_headers(refusal, request_id), "".join(parts).encode()

    def _write_error(self, refusal: Refusal, parts: list[str]) -> None:
        parts.append(f"<Code>{escape(refusal.code)}</Code>")
        if refusal.message is not None:
            parts.append(f"<Message>{escape(refusal.message)}</Message>")
        if refusal.shape is not None:
            shape = refusal.shape
            without = bound_elsewhere(shape) | {name for name in shape.members if name.lower() == "message"}
            self._writer.content(shape, without)(refusal.members, parts.append)

    def _refusal_headers(self, refusal: Refusal, request_id: str) -> list[tuple[bytes, bytes]]:
        headers = [(self.request_id_header, request_id.encode()), (b"Content-Type", self.content_type)]
        return headers + self._error_headers(refusal)

    def _wire_code(self, shape: Shape) -> str:
        code: str = shape.trait("error", {}).get("code", shape.name)
        return code


class S3Codec(RestXmlCodec):
    """S3: errors without a wrapper, root elements of its own."""

    column = "s3"

    def serialize(self, operation: str, response: Mapping[str, Any], request_id: str) -> Reply:
        status, headers, body = super().serialize(operation, response, request_id)
        headers.append((b"x-amz-id-2", request_id.encode()))
        if operation == "GetBucketLocation":  # the member is the root element itself
            region = escape(response.get("LocationConstraint") or "")
            element = f"{PROLOGUE}<LocationConstraint{self._namespace}>{region}</LocationConstraint>"
            return status, headers, element.encode()
        return status, headers, body

    def _root_of(self, operation: Operation, shape: Shape) -> str:
        return _S3_ROOTS.get(operation.name) or super()._root_of(operation, shape)

    def _render_error(self, refusal: Refusal, request_id: str) -> Reply:
        parts = [f"{PROLOGUE}<Error>"]
        self._write_error(refusal, parts)
        identifier = escape(request_id)
        parts.append(f"<RequestId>{identifier}</RequestId><HostId>{identifier}</HostId></Error>")
        headers = [*self._refusal_headers(refusal, request_id), (b"x-amz-id-2", request_id.encode())]
        return refusal.status, headers, "".join(parts).encode()


def _root_reader(read: Reader, roots: set[str], empty: dict[str, Any] | None) -> BodyReader:
    """A reader of a document; its root may have any of the names that models and specification give it."""

    def read_root(body: bytes) -> Any:
        if not body:
            return empty
        element = decode_xml(body)
        if element.name not in roots:
            raise MalformedRequest(f"The root element {element.name[:64]} is none that the operation knows.")
        return read(element)

    return read_root


def _document_writer(write: Writer) -> BodyWriter:
    def write_document(value: Any) -> bytes:
        parts = [PROLOGUE]
        write(value, parts.append)
        return "".join(parts).encode()

    return write_document
