"""A model of S3 behind boto's client: the two calls of the product."""

# ruff: noqa: N803  # botocore's names

from collections.abc import Iterator
from random import Random
from types import SimpleNamespace

from botocore.exceptions import ClientError, ResponseStreamingError

from soak.cloud.boto_calls import BotoCaller, Response, Service, client_error
from soak.kernel.edges import Edges, Fault
from soak.template import Template

S3 = Service("s3", "https://s3.soak/", ("SlowDown", 503), ("InternalError", 500))

_PARTIAL = frozenset({Fault.PARTIAL})


class NoSuchKey(ClientError):
    """No object has this key: ``client.exceptions.NoSuchKey``."""


class ObjectBody:
    """The body of an object, read once. With ``breaks`` the connection breaks in the middle."""

    def __init__(self, content: bytes, *, breaks: bool) -> None:
        self._content = content
        self._breaks = breaks

    def read(self) -> bytes:
        """Return the whole body. Raises ResponseStreamingError if the connection breaks."""
        if self._breaks:
            raise ResponseStreamingError(error="IncompleteRead")
        content, self._content = self._content, b""
        return content


class Objects:
    """The buckets of the template.

    Args:
        template: The template of the stack.
        edges: The edges of the world; this one is ``s3``.
        random: The seeded source of pauses between attempts.
    """

    exceptions = SimpleNamespace(NoSuchKey=NoSuchKey)

    def __init__(self, template: Template, edges: Edges, random: Random) -> None:
        self._buckets: dict[str, dict[str, bytes]] = {name: {} for name in template.buckets}
        self._boto = BotoCaller(edges, random)

    def items(self, bucket: str) -> Iterator[tuple[str, bytes]]:
        """Yield the key and content of each object of a bucket, by key."""
        yield from sorted(self._buckets[bucket].items())

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> Response:
        """Store an object (PutObject)."""
        del ContentType

        def carry_out(fault: Fault | None) -> Response:
            del fault
            self._bucket("PutObject", Bucket)[Key] = bytes(Body)
            return {}

        return self._boto.call(S3, "PutObject", carry_out)

    def get_object(self, *, Bucket: str, Key: str) -> Response:
        """Read an object (GetObject). With the fault PARTIAL, its body breaks off."""

        def carry_out(fault: Fault | None) -> Response:
            content = self._bucket("GetObject", Bucket).get(Key)
            if content is None:
                message = "The specified key does not exist."
                raise client_error(
                    "GetObject", "NoSuchKey", message, 404, {"Key": Key}, kind=NoSuchKey
                )
            body = ObjectBody(content, breaks=fault is Fault.PARTIAL)
            return {"Body": body, "ContentLength": len(content)}

        return self._boto.call(S3, "GetObject", carry_out, own=_PARTIAL)

    def _bucket(self, operation: str, name: str) -> dict[str, bytes]:
        if name not in self._buckets:
            message = "The specified bucket does not exist"
            raise client_error(operation, "NoSuchBucket", message, 404)
        return self._buckets[name]
