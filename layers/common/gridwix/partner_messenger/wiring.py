"""Builds the service of ``partner_messenger`` from its settings."""

import time
from datetime import timedelta
from functools import partial

from gridwix.partner_messenger.invitation_rows import WixInvitations
from gridwix.partner_messenger.invitations import InvitationCodes
from gridwix.partner_messenger.mail_automation import MailAutomation
from gridwix.partner_messenger.mail_pace_table import DynamoDBMailPace
from gridwix.partner_messenger.members import WixMemberDirectory
from gridwix.partner_messenger.outbox_table import DynamoDBOutbox
from gridwix.partner_messenger.service import PartnerMessenger
from gridwix.partner_messenger.settings import MessengerSettings
from gridwix.partner_messenger.wix_inbox import WixInbox
from gridwix.runtime.aws import aws_clock, dynamodb
from gridwix.runtime.configuration import configuration
from gridwix.runtime.environment import http, once, secrets
from gridwix.runtime.portal_bell import portal_bell
from gridwix.runtime.record_faults import fault_log
from gridwix.runtime.trading_grid import community
from gridwix.runtime.wix import wix_data, wix_site


@once
def partner_messenger() -> PartnerMessenger:
    """Return the service ``PartnerMessenger``; built once for each Lambda execution environment."""
    settings, chosen = MessengerSettings.from_environment(), configuration()
    messaging = chosen.messaging.model_copy(update={"portal_url": settings.portal_url})
    if settings.quiet_hours == "ignore":
        messaging = messaging.model_copy(update={"quiet_hours": None})
    gateway, portal, site = community(settings), wix_data(settings), wix_site(settings)
    return PartnerMessenger(
        source=gateway,
        directory=WixMemberDirectory(portal, site, note=fault_log.note),
        outbox=DynamoDBOutbox(
            dynamodb(),
            settings.dispatch_table,
            aws_clock(),
            kept=timedelta(days=settings.dispatch_days),
            note=fault_log.note,
        ),
        portal=portal,
        channels={
            "inbox": WixInbox(site),
            "email": MailAutomation(
                http(),
                partial(secrets().get, settings.wix_automation_secret),
                clock=aws_clock(),
                sleep=time.sleep,
            ),
        },
        invitations=WixInvitations(portal),
        codes=InvitationCodes(
            partial(secrets().get, settings.invitation_key_secret), str(settings.portal_url)
        ),
        pace=DynamoDBMailPace(
            dynamodb(),
            settings.budget_table,
            settings.wix_site_id,
            per_minute=messaging.emails_per_minute,
            clock=aws_clock(),
        ),
        enrollments=gateway if settings.step_cascade == "gridwix" else None,
        configuration=chosen.model_copy(update={"messaging": messaging}),
        company_id=settings.trading_grid_company_id,
        clock=aws_clock(),
        bell=portal_bell(settings),
    )
