"""JSON documents of ``gridwix config preview request``, ``campaign`` and ``text``."""

from collections.abc import Mapping, Sequence
from datetime import UTC

from pydantic import AwareDatetime

from gridwix.configuration.everything import Configuration
from ops.json_output import JsonOutput
from ops.previews.reach import Reach
from ops.previews.requests import RequestPreview
from ops.previews.wordings import Wording


class RouteEntry(JsonOutput):
    """The route of a request: the team that gets the request, its priority and its due date."""

    rule: str
    """key of the routing rule that the request hits"""
    position: int
    """number of the routing rule, from 1"""
    rules: int
    """total number of routing rules"""
    reason: str
    team: str
    team_name: str
    """name of the team in English"""
    priority: str
    due_at: AwareDatetime


class ConfigPreviewRequestOutput(JsonOutput):
    """Preview of a form submission: the team, priority and due date that its request would get.

    A request is the item in Trading Grid that a submission becomes. Nothing was sent. The document
    contains none of the answers that were given in the form.
    """

    form: str
    type: str | None
    """type of the request; null if the form makes no request"""
    held: str | None
    """reason why a person would review the submission first; null for none"""
    route: RouteEntry | None
    """null if the form makes no request"""


class ChannelReach(JsonOutput):
    """The members whom a campaign reaches over one channel, by id."""

    channel: str
    members: tuple[str, ...]
    partners: tuple[str, ...]
    """partners of the reached members"""
    left_out: Mapping[str, int]
    """number of members who are not reached, by reason"""


class ConfigPreviewCampaignOutput(JsonOutput):
    """The partners and members whom a campaign would reach. Nothing was sent."""

    campaign: str
    record: str | None
    """the record that the message would be about; null for all partners that could get one"""
    would_be_sent: bool
    reason: str | None
    """why the record would not trigger the message now"""
    partners: tuple[str, ...]
    """partners that the campaign is for, reached or not; each of them sees it on the portal"""
    channels: tuple[ChannelReach, ...]
    """channels that send to persons, such as email"""
    unreached: tuple[str, ...]
    """partners that have no member whom a channel reaches"""
    unreadable: tuple[str, ...]
    """records that could not be read"""


class WordingEntry(JsonOutput):
    """A text of the portal (a label or sentence) in one language."""

    name: str
    plural_form: str | None
    """plural category such as ``one``; null for a text with one form, and for the form of all other
    numbers"""
    language: str
    translated: bool
    """false if partners read English, since the language has no text of its own"""
    text: str


class ConfigPreviewTextOutput(JsonOutput):
    """Texts of the portal (labels and sentences) as partners read them."""

    texts: tuple[WordingEntry, ...]


def request_output(
    shown: RequestPreview, configuration: Configuration
) -> ConfigPreviewRequestOutput:
    """Return the preview of a form submission as a JSON document.

    The preview has the route (team, priority, due date) of the request that the submission would
    become in Trading Grid, or None if its form makes no request.
    """
    route = None
    if shown.route is not None:
        position, rules = shown.position
        route = RouteEntry(
            rule=shown.route.rule,
            position=position,
            rules=rules,
            reason=shown.route.reason,
            team=shown.route.team,
            team_name=configuration.routing.teams[shown.route.team]["en"],
            priority=shown.route.priority,
            due_at=shown.route.due_at.astimezone(UTC),
        )
    return ConfigPreviewRequestOutput(
        form=shown.form, type=shown.type or None, held=shown.held or None, route=route
    )


def campaign_output(key: str, record: str | None, reach: Reach) -> ConfigPreviewCampaignOutput:
    """Return the partners and members that a campaign reaches as a JSON document, with all ids."""
    return ConfigPreviewCampaignOutput(
        campaign=key,
        record=record,
        would_be_sent=not reach.would_not,
        reason=reach.would_not or None,
        partners=tuple(reach.partners),
        channels=tuple(
            ChannelReach(
                channel=channel,
                members=tuple(sorted({one for found in partners.values() for one in found})),
                partners=tuple(sorted(partners)),
                left_out=dict(sorted(reach.left_out[channel].items())),
            )
            for channel, partners in reach.members.items()
        ),
        unreached=tuple(reach.unreached()) if reach.members else (),
        unreadable=tuple(reach.unreadable),
    )


def text_output(wordings: Sequence[Wording]) -> ConfigPreviewTextOutput:
    """Return texts of the portal (labels and sentences) as a JSON document."""
    return ConfigPreviewTextOutput(
        texts=tuple(
            WordingEntry(
                name=one.name,
                plural_form=one.form or None,
                language=one.language,
                translated=one.own,
                text=one.text,
            )
            for one in wordings
        )
    )
