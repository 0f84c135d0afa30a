"""From a campaign's templates to a message. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from html import escape, unescape
from typing import Any

import nh3

from gridwix.configuration.campaigns import Campaign
from gridwix.configuration.messaging import Messaging
from gridwix.mapping.html import sanitize_html
from gridwix.models.locales import DEFAULT_LOCALE
from gridwix.models.portal.partner_messages import MessageWords, PartnerMessageRow
from gridwix.partner_messenger.context import NAMES
from gridwix.partner_messenger.dispatches import Dispatch, Text
from gridwix.partner_messenger.templates import compiled, one_line

MAX_INBOX = 4_000
"""Characters of a message in the inbox."""

MAX_DIGEST = 20_000

_ENDS = re.compile(r"</(?:p|li|h3|h4|tr|blockquote|pre)>|<br ?/?>", re.IGNORECASE)
_GAPS = re.compile(r"\n\s*\n\s*")


type Contexts = Callable[[str], Mapping[str, Any]]
"""What a campaign's texts may say, by their language."""


def text_of(campaign: Campaign, locale: str, contexts: Contexts) -> Text:
    """The campaign's text in a language, or the default one if it has none in it. Raises TemplateFault."""
    found = locale if locale in campaign.texts else DEFAULT_LOCALE
    words, context = campaign.texts[found], contexts(found)
    title = one_line(compiled(words.title, NAMES, html=False)(context, found))
    body = sanitize_html(compiled(words.body, NAMES, html=True)(context, found))
    return Text(title, body)


def check(campaign: Campaign, contexts: Contexts) -> Mapping[str, Text]:
    """All texts of a campaign. Raises TemplateFault naming the text."""
    return {locale: text_of(campaign, locale, contexts) for locale in campaign.texts}


def message_row(dispatch: Dispatch, campaign: Campaign, texts: Mapping[str, Text], locale: str, at: datetime) -> PartnerMessageRow:
    """The row on the portal, in every language that the campaign has."""
    return PartnerMessageRow(
        partner_id=dispatch.partner_id,
        roles=campaign.audience.roles,
        campaign=dispatch.campaign,
        texts={name: MessageWords(title=text.title, body=text.body) for name, text in texts.items()},
        locale=locale if locale in texts else DEFAULT_LOCALE,
        kind=campaign.kind,
        importance=campaign.importance,
        record=dispatch.record,
        sent_at=at,
    )


def digest_text(texts: Sequence[Text], locale: str, messaging: Messaging) -> Text:
    """One text of several. What would make it too long is named by its title only."""
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
    """A message without HTML, as the inbox shows it."""
    body = unescape(nh3.clean(_ENDS.sub("\n", text.body), tags=set()))
    return f"{text.title}\n\n{_GAPS.sub('\n\n', body).strip()}"[:MAX_INBOX].strip()
