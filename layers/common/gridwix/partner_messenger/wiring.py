"""Builds what ``partner_messenger`` runs."""

import time
from datetime import timedelta
from functools import partial

from gridwix.partner_messenger.dispatching import Dispatcher
from gridwix.partner_messenger.mail_automation import MailAutomation
from gridwix.partner_messenger.members import PortalPeople
from gridwix.partner_messenger.outbox_table import DynamoDBOutbox
from gridwix.partner_messenger.planning import Planner
from gridwix.partner_messenger.retention import MessageRetention
from gridwix.partner_messenger.sending import Sender
from gridwix.partner_messenger.service import PartnerMessenger
from gridwix.partner_messenger.settings import MessengerSettings
from gridwix.partner_messenger.unlocking import StepUnlocker
from gridwix.partner_messenger.wix_inbox import WixInbox
from gridwix.runtime.aws import dynamodb
from gridwix.runtime.configuration import configuration
from gridwix.runtime.environment import http, once, secrets
from gridwix.runtime.record_faults import fault_log
from gridwix.runtime.trading_grid import community
from gridwix.runtime.wix import wix_data, wix_site


@once
def partner_messenger() -> PartnerMessenger:
    """The service, once for each execution environment."""
    settings, chosen = MessengerSettings.read(), configuration()
    messaging = chosen.messaging.model_copy(update={"portal_url": settings.portal_url})
    if settings.quiet_hours == "ignore":
        messaging = messaging.model_copy(update={"quiet_hours": None})
    chosen = chosen.model_copy(update={"messaging": messaging})
    gateway, portal, site = community(settings), wix_data(settings), wix_site(settings)
    outbox = DynamoDBOutbox(dynamodb(), settings.dispatch_table, note=fault_log.note)
    mails = MailAutomation(http(), partial(secrets().get, settings.wix_automation_secret), clock=time.time, sleep=time.sleep)
    sender = Sender(outbox, portal, WixInbox(site), mails, chosen)
    return PartnerMessenger(
        gateway,
        PortalPeople(portal, site, note=fault_log.note),
        Planner(outbox, chosen, time.time),
        sender,
        Dispatcher(outbox, sender, chosen, time.time),
        MessageRetention(outbox, portal, timedelta(days=chosen.messaging.keep_days), time.time),
        StepUnlocker(gateway) if settings.step_cascade == "gridwix" else None,
    )
