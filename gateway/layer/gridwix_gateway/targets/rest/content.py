"""Sends the bytes of a document to a REST target, in the second request of its delivery.

The first request sent the document's metadata. A retry searches the target for the bytes, or sends
them again with the same idempotency key.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from gridwix_gateway.targets.contents import content_refusal, plain_file_name
from gridwix_gateway.targets.declarations import (
    CONTENT_VARIABLES,
    FOUND_VARIABLES,
    ContentDelivery,
)
from gridwix_gateway.targets.ports import (
    ContentFault,
    ContentReader,
    DeliveryContext,
    DeliveryResult,
    DocumentContent,
    Postponed,
    Rejected,
)
from gridwix_gateway.targets.rest.answers import (
    answer_failure,
    lookup_failure,
    read_json,
    request_parameters,
    request_url,
)
from gridwix_gateway.targets.rest.authenticators import RequestAuthenticator
from gridwix_gateway.targets.rest.bodies import UploadBody, form_body, raw_body
from gridwix_gateway.targets.rest.bounded_http import BoundedHttp
from gridwix_gateway.targets.templates import Template, TemplateFault

UPLOAD_SECONDS = 90.0
"""Maximum seconds of the request with the bytes."""


class ContentSender:
    """Sends the bytes of documents to one REST target.

    Args:
        base_url: URL of the target's API.
        authenticator: Adds credentials to the requests.
        http: Sends the requests.
        contents: Reads the bytes of documents.
    """

    def __init__(
        self,
        base_url: str,
        authenticator: RequestAuthenticator,
        http: BoundedHttp,
        contents: ContentReader,
    ) -> None:
        self._base_url = base_url
        self._authenticator = authenticator
        self._http = http
        self._contents = contents

    def check(self, content: DocumentContent) -> None:
        """Check that a document's bytes exist and are intact, before a delivery.

        Raises ContentFault.
        """
        self._contents.check(content)

    def send(
        self, exchange: "ContentExchange", context: DeliveryContext, entry: Any, key: uuid.UUID
    ) -> DeliveryResult | None:
        """Send the bytes of a document, unless an earlier attempt has sent them.

        Args:
            exchange: The compiled declaration of the upload.
            context: The delivery, with the facts of the document's bytes.
            entry: The object in the response to the request that sent the document's metadata.
            key: The idempotency key.

        Returns:
            None if the target has the bytes, else the result of the failed attempt.

        Raises:
            NoAnswer: A request got no complete response.
            MissingSecret: The target's credentials are missing.
            TemplateFault: An expression has no value for this delivery.
        """
        content = context.content
        if content is None:
            return Rejected("version-missing")
        variables = {**context.variables, "entry": entry}
        try:
            if exchange.has_lookup:
                found = self._look_up(exchange, variables)
                if found is not False:
                    return None if found is True else found
            return self._upload(exchange, content, variables, key)
        except ContentFault as fault:
            return fault.result

    def _look_up(
        self, exchange: "ContentExchange", variables: Mapping[str, Any]
    ) -> DeliveryResult | bool:
        """Ask the target whether it already has the bytes of a document.

        Returns True or False; the failure of the attempt if the target's answer does not tell.
        """
        answer = self._http.send(
            "GET",
            request_url(self._base_url, exchange.lookup_path, variables),
            headers=self._authenticator.headers(),
            params=request_parameters(exchange.lookup_query, variables),
        )
        if answer.status in exchange.absent:
            return False
        if (failure := lookup_failure(answer, self._authenticator)) is not None:
            return failure
        try:
            return exchange.found.render({**variables, "answer": read_json(answer)}) is True
        except (ValueError, TemplateFault):
            return Postponed("unreadable-answer")

    def _upload(
        self,
        exchange: "ContentExchange",
        content: DocumentContent,
        variables: Mapping[str, Any],
        key: uuid.UUID,
    ) -> DeliveryResult | None:
        send = exchange.send
        url = request_url(self._base_url, exchange.path, variables)
        params = request_parameters(exchange.query, variables)
        body = self._body(exchange, content, variables)
        headers = {
            **send.headers,
            "Content-Type": body.media_type,
            "Content-Length": str(body.size),
            **self._authenticator.headers(),
        }
        if send.idempotency_header is not None:
            headers[send.idempotency_header] = str(key)
        answer = self._http.send(
            send.method,
            url,
            headers=headers,
            params=params,
            content=body.pieces,
            seconds=UPLOAD_SECONDS,
        )
        if answer.status == 413:
            return Rejected("document-too-large")
        if (failure := answer_failure(answer, self._authenticator)) is not None:
            return failure
        try:
            read_json(answer)
        except ValueError:
            # A page for people, with 200: nobody knows what it means, so it is looked up.
            return Postponed("unreadable-answer")
        return None

    def _body(
        self, exchange: "ContentExchange", content: DocumentContent, variables: Mapping[str, Any]
    ) -> UploadBody:
        pieces = self._contents.read_pieces(content)
        if exchange.send.format == "raw":
            return raw_body(content, pieces)
        name = exchange.file_name.render(variables)
        if not isinstance(name, str):
            raise TemplateFault("the file's name is no text")
        try:
            return form_body(
                content,
                pieces,
                field=exchange.send.field,
                file_name=plain_file_name(name),
                fields=request_parameters(exchange.fields, variables),
            )
        except ValueError as error:
            raise TemplateFault(str(error)) from None


class ContentExchange:
    """Compiled expressions for the upload of a document's bytes to an external REST API (target).

    The expressions come from the target's declaration, a configuration file. They form the requests
    of the upload and of its lookup, which asks the target if it already has the bytes.

    Args:
        declaration: The part of the declaration about the upload.
        can_do_without: Whether another request sends the document's metadata, so that a delivery
            without the bytes is possible.
    """

    def __init__(self, declaration: ContentDelivery, *, can_do_without: bool) -> None:
        send, lookup = declaration.send, declaration.lookup
        self.send = send
        self.path = Template(send.path, CONTENT_VARIABLES)
        self.query = Template(dict(send.query), CONTENT_VARIABLES)
        self.fields = Template(dict(send.fields), CONTENT_VARIABLES)
        self.file_name = Template(send.file_name, CONTENT_VARIABLES)
        self.has_lookup = lookup is not None
        self.lookup_path = Template("''" if lookup is None else lookup.path, CONTENT_VARIABLES)
        self.lookup_query = Template(
            {} if lookup is None else dict(lookup.query), CONTENT_VARIABLES
        )
        self.found = Template("false" if lookup is None else lookup.found, FOUND_VARIABLES)
        self.absent = frozenset(() if lookup is None else lookup.absent)
        self._max_bytes = declaration.max_bytes
        self._above = declaration.above
        self._can_do_without = can_do_without

    @property
    def variables(self) -> frozenset[str]:
        """Names of the variables that the declared expressions use, such as ``reference``.

        They form the requests of the upload, and of the lookup that asks if the target already has
        the bytes.
        """
        used = (
            self.path,
            self.query,
            self.fields,
            self.file_name,
            self.lookup_path,
            self.lookup_query,
            self.found,
        )
        return frozenset[str]().union(*(one.variables for one in used))

    def decide(self, context: DeliveryContext) -> bool | Rejected:
        """Return whether a document's bytes are sent, or only its metadata.

        Rejected if the bytes may not be sent and the document cannot be delivered without them.
        """
        refusal = content_refusal(context, self._max_bytes)
        if not refusal:
            return True
        is_declared = refusal == "document-restricted" or self._above == "facts"
        return False if self._can_do_without and is_declared else Rejected(refusal)
