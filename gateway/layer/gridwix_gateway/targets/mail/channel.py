"""Delivers items from partners, such as comments, by mail (Amazon SES), at most once.

SES has no idempotency key, and a duplicate mail cannot be recognised. So if the outcome of an
attempt is unknown, the mail is not retried: the delivery goes to the dead-letter queue.

A document is attached. If it is too large for a mailbox, restricted, or of a kind that SES refuses,
the mail says how to fetch the document instead.
"""

import mimetypes
import shlex
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
)

from gridwix_gateway.documents import Document
from gridwix_gateway.targets.contents import content_refusal, name_suffix, plain_file_name
from gridwix_gateway.targets.declarations import CONTEXT_VARIABLES, MailTarget
from gridwix_gateway.targets.mail.cuts import cut_text
from gridwix_gateway.targets.ports import (
    ContentFault,
    ContentReader,
    Delivered,
    DeliveryContext,
    DeliveryResult,
    DocumentContent,
    Postponed,
    Rejected,
    TargetChannel,
)
from gridwix_gateway.targets.templates import Template, TemplateFault

MAX_SUBJECT = 200
MAX_TEXT = 50_000
"""Maximum characters of a mail's text. A longer text is cut, with a note."""

CUT = "[shortened: the rest is in the gateway]"

MAX_MEDIA_TYPE = 78
"""Maximum characters of an attachment's media type."""

_REFUSED_SUFFIXES = """
.ade .adp .app .asp .bas .bat .cer .chm .cmd .com .cpl .crt .csh .der .exe .fxp .gadget .hlp
.hta .inf .ins .isp .its .js .jse .ksh .lib .lnk .mad .maf .mag .mam .maq .mar .mas .mat .mau
.mav .maw .mda .mdb .mde .mdt .mdw .mdz .msc .msh .msh1 .msh1xml .msh2 .msh2xml .mshxml .msi
.msp .mst .ops .pcd .pif .plg .prf .prg .ps1 .ps1xml .ps2 .ps2xml .psc1 .psc2 .reg .scf .scr
.sct .shb .shs .sys .tmp .url .vb .vbe .vbs .vps .vsmacros .vss .vst .vsw .vxd .ws .wsc .wsf
.wsh .xnk
"""
REFUSED_SUFFIXES = frozenset(_REFUSED_SUFFIXES.split())
"""Suffixes of attachments for which SES refuses a mail.

Source: https://docs.aws.amazon.com/ses/latest/dg/mime-types.html.
"""

THROTTLES = frozenset(
    {
        "LimitExceededException",
        "SendingPausedException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Error codes of SES for throttled requests: nothing was sent, and a retry may succeed."""

SETTINGS = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AccountSuspendedException",
        "ExpiredTokenException",
        "MailFromDomainNotVerifiedException",
        "MessageRejected",
        "NotFoundException",
        "UnrecognizedClientException",
    }
)
"""Error codes of SES that a change of settings fixes, such as an unverified sender. Nothing was
sent.
"""


class MailChannel(TargetChannel):
    """Delivers items from partners, such as comments, to a target that is a mailbox.

    Args:
        target: Declaration of the target.
        client: botocore's client of ``sesv2``, which must not retry: a retry could send a
            duplicate.
        contents: Reads the bytes of documents.
    """

    def __init__(self, target: MailTarget, client: BaseClient, contents: ContentReader) -> None:
        self._target = target
        self._client: Any = client
        self._contents = contents
        self._subjects = {
            kind: Template(message.subject, CONTEXT_VARIABLES)
            for kind, message in target.messages.items()
        }
        self._lines = {
            kind: Template(list(message.lines), CONTEXT_VARIABLES)
            for kind, message in target.messages.items()
        }

    @property
    def is_repeatable(self) -> bool:
        return False

    def deliver(self, context: DeliveryContext) -> DeliveryResult:
        try:
            message = self._message(context)
        except ContentFault as fault:
            return fault.result
        try:
            self._client.send_email(
                FromEmailAddress=self._target.sender,
                Destination={"ToAddresses": list(self._target.to)},
                Content={"Simple": message},
            )
        except ClientError as error:
            return _failure(error)
        except (EndpointConnectionError, ConnectTimeoutError, NoCredentialsError):
            return Postponed("unreachable", is_general=True)
        except ParamValidationError:
            return Rejected("refused")
        except BotoCoreError:
            return Rejected("outcome-unknown")
        return Delivered()

    def _message(self, context: DeliveryContext) -> Document:
        """Return the mail about something that a partner has sent, in the form that SES takes.

        Raises ContentFault, TemplateFault.
        """
        variables, notes = dict(context.variables), list[str]()
        content, is_attached = context.content, False
        if content is not None:
            refusal = self._attachment_refusal(context, content)
            is_attached = not refusal
            variables["attached"] = is_attached
            notes = ["", *_content_notes(context, content, refusal)]
        subject = self._subjects[context.kind].render(variables)
        lines = list(_flat_lines(self._lines[context.kind].render(variables)))
        last = ["", f"Delivery {context.delivery_id}"]
        # However long the lines are, a document can be found.
        text = (
            f"{message_text(lines)}\n{message_text([*notes, *last])}"
            if notes
            else message_text([*lines, *last])
        )
        message: Document = {
            "Subject": {"Data": subject_line(subject), "Charset": "UTF-8"},
            "Body": {"Text": {"Data": text, "Charset": "UTF-8"}},
        }
        if content is not None and is_attached:
            message["Attachments"] = [self._attachment(content)]
        return message

    def _attachment_refusal(self, context: DeliveryContext, content: DocumentContent) -> str:
        """Return the reason why a document cannot be attached to a mail; "" if it can."""
        refusal = content_refusal(context, self._target.max_attachment_bytes)
        if refusal == "document-restricted":
            return "it is restricted"
        if refusal:
            return f"it has more than {self._target.max_attachment_bytes:,} bytes"
        suffix = name_suffix(attachment_name(content))
        return "Amazon SES refuses files of its kind" if suffix in REFUSED_SUFFIXES else ""

    def _attachment(self, content: DocumentContent) -> Document:
        """Return a document as a mail attachment in the form of SES. Raises ContentFault."""
        is_short = len(content.media_type) <= MAX_MEDIA_TYPE
        return {
            "FileName": attachment_name(content),
            "ContentType": content.media_type if is_short else "application/octet-stream",
            "ContentDisposition": "ATTACHMENT",
            # By default SES writes the bytes as they are, as text of seven bits.
            "ContentTransferEncoding": "BASE64",
            "RawContent": b"".join(self._contents.read_pieces(content)),
        }


def attachment_name(content: DocumentContent) -> str:
    """Return the file name of a document as an attachment, always with a suffix, as SES requires.

    >>> attachment_name(DocumentContent("b", 1, "00", "application/pdf", "../W-9"))
    'W-9.pdf'
    """
    name = plain_file_name(content.file_name)
    if name_suffix(name):
        return name
    return name + (mimetypes.guess_extension(content.media_type.partition(";")[0]) or ".bin")


def subject_line(value: Any) -> str:
    r"""Return a mail's subject as one line without control characters (header injection).

    A line break would begin another header. Raises TemplateFault if the value is no text.

    >>> subject_line("New request\r\nBcc: all@example.com")
    'New request Bcc: all@example.com'
    """
    if not isinstance(value, str):
        raise TemplateFault("the subject is no text")
    words = "".join(one if _is_shown(one) else " " for one in value).split()
    return cut_text(" ".join(words), MAX_SUBJECT) or "(no subject)"


def message_text(lines: Iterable[str]) -> str:
    r"""Return a mail's text from its lines, cut to ``MAX_TEXT`` characters.

    Control characters, and characters that hide or reorder others, are removed.

    >>> message_text(["a\x07b", "<b>c</b>"])
    'ab\n<b>c</b>'
    """
    text = "\n".join(
        "".join(one for one in part if _is_shown(one) or one == "\t")
        for line in lines
        for part in line.splitlines() or [""]
    )
    return text if len(text) <= MAX_TEXT else f"{cut_text(text, MAX_TEXT)}\n{CUT}"


def _content_notes(
    context: DeliveryContext, content: DocumentContent, refusal: str
) -> Iterator[str]:
    """Yield the lines of a mail that say whether a document is attached, or how to fetch it.

    ``refusal`` is the reason why it is not attached; "" if it is.
    """
    if not refusal:
        yield f"Attached: {content.size:,} bytes, SHA-256 {content.sha256}"
        return
    variables = context.variables
    record, number = shlex.quote(str(variables["record"]["id"])), variables["version"]["number"]
    yield f"Not attached, since {refusal}. The gateway keeps it ({content.size:,} bytes):"
    yield f"gridwix desk fetch {record} --version {number}"


def _flat_lines(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, list):
            yield from _flat_lines(value)
        elif isinstance(value, bool) or not isinstance(value, str | int | float | None):
            raise TemplateFault("a line is neither a text, a number nor a list of them")
        elif value is not None:
            yield str(value)


def _is_shown(character: str) -> bool:
    """Return whether a character may be in a mail.

    False for control characters, and for format characters such as those that reverse the writing.
    """
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _failure(error: ClientError) -> DeliveryResult:
    code = error.response["Error"]["Code"]
    if code in THROTTLES:
        return Postponed("throttled", is_general=True)
    if code in SETTINGS:
        return Postponed("refused", is_general=True)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    return Rejected("refused" if 400 <= status < 500 else "outcome-unknown")
