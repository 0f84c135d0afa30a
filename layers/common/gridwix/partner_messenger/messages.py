"""Renders the message templates of a campaign to messages, portal rows and digests. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from html import escape
from typing import Any

from gridwix.configuration.campaigns import Campaign
from gridwix.configuration.messaging import Messaging
from gridwix.lazy_imports import import_lazily
from gridwix.mapping.cuts import cut_text
from gridwix.mapping.html import html_text, sanitize_html
from gridwix.models.locales import DEFAULT_LOCALE
from gridwix.models.portal.partner_messages import MessageWords, PartnerMessageRow
from gridwix.partner_messenger.context import NAMES
from gridwix.partner_messenger.dispatches import Dispatch, Text
from gridwix.partner_messenger.invitations import InvitationCode

# Most batches send no message, and Jinja2 is slow to import.
with import_lazily("gridwix.partner_messenger.templates"):
    from gridwix.partner_messenger import templates

MAX_INBOX = 4_000
"""Maximum length of a message in Wix Inbox, in characters; longer ones are cut."""

MAX_DIGEST = 20_000
"""Total length of a digest's entries, in characters. Entries beyond it are shown by their title
only."""

type Contexts = Callable[[str, tzinfo], Mapping[str, Any]]
"""Returns the template context for a language and a time zone."""


def contexts_with_code(contexts: Contexts, code: InvitationCode) -> Contexts:
    """Return contexts (values for templates) that also have the code and link of an invitation.

    Only for texts that are sent at once, since a code is never stored.
    """

    def complete_context(locale: str, zone: tzinfo) -> Mapping[str, Any]:
        context = contexts(locale, zone)
        return {**context, "record": {**context["record"], "code": code.code, "link": code.link}}

    return complete_context


def rendered_text(campaign: Campaign, locale: str, contexts: Contexts, zone: tzinfo) -> Text:
    """Return the text of a campaign in a language, with its templates filled in.

    The text is in the default language if the campaign has none in ``locale``. Raises
    TemplateFault.

    Args:
        campaign: The campaign.
        locale: The recipient's language.
        contexts: Returns the values for the templates.
        zone: The recipient's time zone. Instants are shown in this zone, with its name.
    """
    found = locale if locale in campaign.texts else DEFAULT_LOCALE
    words, context = campaign.texts[found], contexts(found, zone)
    title = templates.compile_template(words.title, NAMES, html=False)(context, found, zone)
    body = templates.compile_template(words.body, NAMES, html=True)(context, found, zone)
    return Text(templates.single_line(title), sanitize_html(body))


def rendered_texts(campaign: Campaign, contexts: Contexts, zone: tzinfo) -> Mapping[str, Text]:
    """Return the texts of a campaign by language, with their templates filled in.

    Raises TemplateFault.
    """
    return {locale: rendered_text(campaign, locale, contexts, zone) for locale in campaign.texts}


def message_row(
    dispatch: Dispatch,
    campaign: Campaign,
    roles: tuple[str, ...],
    texts: Mapping[str, Text],
    locale: str,
    at: datetime,
) -> PartnerMessageRow:
    """Return the portal row of a message, with the text in all languages of the campaign.

    Args:
        dispatch: The planned message; its channel is ``portal``.
        campaign: The campaign of the message.
        roles: Roles that see the row; all if empty.
        texts: Rendered texts by language.
        locale: Language of the partner. The default language if there is no text in it.
        at: Time of sending.
    """
    return PartnerMessageRow(
        partner_id=dispatch.partner_id,
        roles=roles,
        campaign=dispatch.campaign,
        texts={
            name: MessageWords(title=text.title, body=text.body) for name, text in texts.items()
        },
        locale=locale if locale in texts else DEFAULT_LOCALE,
        kind=campaign.kind,
        importance=campaign.importance,
        record=dispatch.record,
        sent_at=at,
    )


def digest_text(texts: Sequence[Text], locale: str, messaging: Messaging) -> Text:
    """Return the text of a digest, made of the texts of the messages that it combines.

    Once the digest is longer than ``MAX_DIGEST``, each further message is reduced to its title.
    """
    words = messaging.digest.get(locale) or messaging.digest[DEFAULT_LOCALE]
    parts: list[str] = []
    length = 0
    for text in texts:
        title = f"<h4>{escape(text.title)}</h4>"
        whole = title + text.body
        part = whole if length + len(whole) <= MAX_DIGEST - len(title) else title
        length += len(part)
        parts.append(part)
    return Text(words.title, sanitize_html("".join(parts)))


def plain_text(text: Text) -> str:
    r"""Return title and body of a message without HTML, for Wix Inbox.

    >>> plain_text(Text("Done", "<p>One &amp; two</p><ul><li>a</li></ul>"))
    'Done\n\nOne & two\na'
    """
    return cut_text(f"{text.title}\n\n{html_text(text.body)}".strip(), MAX_INBOX)
