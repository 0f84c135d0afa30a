"""The stores of personal data of a stack, in the order in which they are erased."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from gridwix.clients.files import FileClient
from gridwix.clients.wix.media import MediaClient
from gridwix.configuration.forms import FormDefinition
from gridwix.models.ids import CollectionId
from gridwix.models.portal.collection_ids import (
    MEMBER_READ_MARKS,
    MEMBER_SETTINGS,
    ONBOARDING_PROGRESS,
    ONBOARDING_STEPS,
    OPEN_ISSUES,
    PARTNER_ACTIVITY,
    PARTNER_DOCUMENTS,
    PARTNER_LINKS,
    PARTNER_MESSAGES,
    PARTNER_STATUS,
    SERVICE_NOTICES,
)
from gridwix.people.member_rows import INVITATION_ATTEMPTS
from gridwix.runtime.configuration import configuration
from ops.configuration_versions import OUTPUT, read_version_in_effect, version_store
from ops.connections import Connections
from ops.erasure.kept import ArchiveStore, BackupStore, LogStore
from ops.erasure.messages import DeadLetterStore, WaitingMessages
from ops.erasure.people import ContactStore, ErasureProgress, MemberStore, SitePeople
from ops.erasure.ports import PersonalStore
from ops.erasure.retention import Retention
from ops.erasure.rows import (
    HistoryRows,
    InvitationRows,
    MemberRows,
    PublishedRows,
    RedemptionRows,
    RequestRows,
)
from ops.erasure.site_content import FormSubmissionStore, UploadStore
from ops.erasure.submissions import SubmissionReader, SubmissionStore
from ops.erasure.tables import (
    DispatchStore,
    JournalStore,
    RefusedItemStore,
)
from ops.stack import Stack

PUBLISHED: Sequence[CollectionId] = (
    PARTNER_MESSAGES,
    PARTNER_STATUS,
    OPEN_ISSUES,
    SERVICE_NOTICES,
    ONBOARDING_PROGRESS,
    ONBOARDING_STEPS,
    PARTNER_DOCUMENTS,
    PARTNER_ACTIVITY,
)
"""Collections that gridwix writes, with texts that may name a person."""

BACKED_UP = ("SubmissionTable", "DispatchTable", "RefusedItemTable", "CursorTable")
"""Tables with point-in-time recovery that may hold ids or texts of a person."""


def personal_stores(
    stack: Stack, connections: Connections, now: datetime
) -> Sequence[PersonalStore]:
    """Return all stores of personal data, in the order in which they are erased.

    The order lets a run after an interruption find the same person, and all data of the person that
    is left. Uploaded files come before links (members' permissions to act for a partner) and
    submissions, because files are found by labels that are computed from these. The person's
    members and contacts on the Wix site, by which the person is found, come last of what is
    removed.
    """
    dynamodb, wix, site = stack.aws.dynamodb, connections.wix, connections.site
    forms = known_forms(stack)
    submissions = SubmissionReader(dynamodb, stack.output("SubmissionTableName"))
    people, progress = SitePeople(site), erasure_progress(stack)
    retention = Retention(stack.parameters)
    groups = stack.read_resources().get("AWS::Logs::LogGroup", {}).values()
    return (
        DeadLetterStore(stack.aws.sqs, stack.queues),
        UploadStore(MediaClient(site, FileClient()), wix, submissions, forms),
        MemberRows(wix, PARTNER_LINKS),
        FormSubmissionStore(site, forms),
        InvitationRows(wix),
        RedemptionRows(wix),
        HistoryRows(wix),
        MemberRows(wix, INVITATION_ATTEMPTS),
        MemberRows(wix, MEMBER_SETTINGS),
        MemberRows(wix, MEMBER_READ_MARKS),
        RequestRows(wix),
        *(PublishedRows(wix, collection) for collection in PUBLISHED),
        DispatchStore(dynamodb, stack.output("DispatchTableName")),
        RefusedItemStore(dynamodb, stack.output("RefusedItemTableName")),
        JournalStore(dynamodb, stack.output("JournalTableName")),
        SubmissionStore(submissions),
        MemberStore(people, progress),
        ContactStore(people, progress),
        WaitingMessages(stack.aws.sqs, stack.queues, now),
        LogStore(stack.aws.logs, groups, retention, now),
        ArchiveStore(retention, now),
        BackupStore(BACKED_UP, retention, now),
    )


def erasure_progress(stack: Stack) -> ErasureProgress:
    """Return the checkpoint of erasures in a stack, by which an interrupted erasure can be resumed.

    The checkpoint holds the ids of the members and contacts of an unfinished erasure.
    """
    return ErasureProgress(stack.aws.dynamodb, stack.output("CursorTableName"))


def known_forms(stack: Stack) -> Mapping[str, FormDefinition]:
    """Return the forms of the configuration in effect and those of the checkout, by key.

    Raises:
        OpsError: The configuration version in effect cannot be read.
        UpstreamError: AWS cannot be read.
    """
    own = configuration().forms
    # A stack of an earlier release has no table.
    if OUTPUT not in stack.outputs:
        return own
    return {**own, **read_version_in_effect(version_store(stack)).configuration.forms}
