"""The vocabulary of the logs: what each event and each field means, and what to do.

Levels, fields and functions of an event are read from the source (``ops/log_calls.py``). A test
compares this vocabulary with the source, and ``make logs`` writes ``docs/logs.md`` from both.
"""

from dataclasses import dataclass

RUNBOOK = "docs/runbook.md#"
GATEWAY = "gateway/README.md#"
NOTHING = "Nothing."


@dataclass(frozen=True, slots=True)
class EventMeaning:
    """The meaning of a log event and what to do about it.

    ``section`` names sections of the docs that say more, as ``docs/page.md#section``; "" for none.
    """

    meaning: str
    action: str = NOTHING
    section: str = ""


EVENTS = {
    "call_failed": EventMeaning(
        "A call to another system failed. The work that needed it returns to its queue.",
        "Look at `code` and `system`.",
        RUNBOOK + "codes",
    ),
    "cases_updated": EventMeaning("A run opened and updated cases of transaction exceptions."),
    "claim_not_confirmed": EventMeaning(
        "A webhook is on the bus, but its id could not be stored. A repeat passes the bus again.",
        "DynamoDB failed: look at `code` if it persists.",
        RUNBOOK + "trading_grid_webhook",
    ),
    "claim_not_released": EventMeaning(
        "The claim of a failed webhook could not be released. A retry waits for the end of it.",
        "DynamoDB failed: look at `code` if it persists.",
        RUNBOOK + "trading_grid_webhook",
    ),
    "collection_reconciled": EventMeaning(
        "The full comparison of a collection has ended: its drift report, without ids."
    ),
    "company_users_not_read": EventMeaning(
        "The directory gave no users of some companies. Nobody of them loses access.",
        "Look at `companies`; the next run reads them again.",
        RUNBOOK + "people-who-leave",
    ),
    "configuration_loaded": EventMeaning("A new version of the configuration is used from here."),
    "configuration_not_used": EventMeaning(
        "The version in effect cannot be used. The function works on with the former one.",
        "Look at `reason`.",
        RUNBOOK + "configuration-not-used",
    ),
    "credentials_unusable": EventMeaning(
        "The secret of the gateway's consumers cannot be used, so all requests get a 500.",
        "Correct the secret: `fault` says what is wrong.",
        GATEWAY + "consumers",
    ),
    "deleted_member_removed": EventMeaning("The rows of a deleted member were removed."),
    "documents_counted": EventMeaning("A run counted the documents of partners by hour."),
    "drop_message_failed": EventMeaning(
        "A message of the queue of files failed. It returns to the queue.",
        "Report `error` and `stack` to the developers if it persists.",
        GATEWAY + "sources-of-files-and-documents",
    ),
    "drop_processed": EventMeaning(
        "A drop was applied, refused, or goes on in the next message.",
        "If it was refused or left records out: read its report.",
        GATEWAY + "sources-of-files-and-documents",
    ),
    "ending_submissions_not_counted": EventMeaning(
        "The held submissions that end soon could not be counted.",
        "The next sweep counts them. Look at `code` if it persists.",
        RUNBOOK + "form_intake",
    ),
    "event_not_used": EventMeaning("Wix sent an event of a type that gridwix does not use."),
    "events_received": EventMeaning("The events of a batch, before anything is done with them."),
    "feed_not_read": EventMeaning(
        "The event feed could not be read. Reading goes on from the cursor.",
        "Look at `code`.",
        RUNBOOK + "trading_grid_feed",
    ),
    "feed_read": EventMeaning("The event feed was read from the cursor."),
    "field_conflict": EventMeaning(
        "A person and the source have both changed a field. The owner of the field wins.",
        "Review the row's `conflicts` on the portal.",
        RUNBOOK + "onboarding_sync",
    ),
    "file_without_source": EventMeaning(
        "A file lies under the prefix of no declared source, and is ignored.",
        "Move the file, or declare the source.",
        GATEWAY + "sources-of-files-and-documents",
    ),
    "files_synced": EventMeaning(
        "A run copied and removed files of shared documents.",
        "If files were refused: look at the reasons.",
        RUNBOOK + "document_sync",
    ),
    "freshness_not_published": EventMeaning(
        "The portal could not be told how current it is. The next sweep tells it.",
        "If sections are marked as out of date: look at `code`.",
        RUNBOOK + "portal-page",
    ),
    "handovers_not_recorded": EventMeaning(
        "It could not be recorded which changes the bus has accepted. No change is lost; some pass"
        " the bus again.",
        "DynamoDB failed: look at `code` if it persists.",
        RUNBOOK + "trading_grid_feed",
    ),
    "inbox_processed": EventMeaning("A run took in the submissions of forms."),
    "journal_not_written": EventMeaning(
        "The journal lacks the entries of a run. The work itself is done.",
        "DynamoDB failed: look at `code` if it persists.",
        RUNBOOK + "codes",
    ),
    "leaving_guard_tripped": EventMeaning(
        "Too many people would have lost access, so nobody has.",
        "Look at `stopped`, and decide.",
        RUNBOOK + "people-who-leave",
    ),
    "ledger_cut_short": EventMeaning(
        "Writing to the ledger ended before all rows were written. The rest returns to the queue.",
        "Look at `vendor_code` if it persists: throttling or missing permissions.",
        RUNBOOK + "codes",
    ),
    "ledger_row_rejected": EventMeaning(
        "DynamoDB refused or throttled the ledger's item of one row. The row is retried.",
        "Look at `vendor_code` if it persists.",
        RUNBOOK + "codes",
    ),
    "mass_delete_guard_tripped": EventMeaning(
        "A comparison would have removed too many rows, so it removed none.",
        "Look at `guard`, and at the drift report.",
        RUNBOOK + "reconciler",
    ),
    "message_malformed": EventMeaning(
        "A message breaks the contract of its queue, and goes to the dead-letter queue.",
        "Look at the dead letters.",
        RUNBOOK + "dead-letter-queues",
    ),
    "messages_processed": EventMeaning("A run planned and sent messages to partners."),
    "page_not_reconciled": EventMeaning(
        "A page of a comparison failed. It is retried.",
        "Look at `code`.",
        RUNBOOK + "reconciler",
    ),
    "page_reconciled": EventMeaning("A page of a comparison was compared and repaired."),
    "people_reconciled": EventMeaning("A comparison of people has ended: its report, without ids."),
    "portal_rung": EventMeaning("Open pages of the portal were told what has changed."),
    "record_at_fault": EventMeaning(
        "A record could not be read or mapped. Its row stays as it is; all others go on.",
        "Correct the record at its source.",
        RUNBOOK + "records-that-cannot-be-read",
    ),
    "record_faults_not_rechecked": EventMeaning(
        "The records that cannot be read were not read again. The next sweep reads them.",
        "Look at `code` if it persists.",
        RUNBOOK + "records-that-cannot-be-read",
    ),
    "record_faults_not_stored": EventMeaning(
        "The store of refused items could not be written, so `gridwix refused` lacks some records.",
        "DynamoDB failed: look at `code`. The log has the records.",
        RUNBOOK + "records-that-cannot-be-read",
    ),
    "records_mended": EventMeaning("Records that could not be read are readable again."),
    "records_swept": EventMeaning("A page of a sweep asked for the records that had changed."),
    "redelivery_not_set": EventMeaning(
        "SQS did not take the backoff of failed messages. They return after the time-out of the"
        " queue.",
        "Look at `code` if it persists.",
        RUNBOOK + "codes",
    ),
    "rejection_not_recorded": EventMeaning(
        "The journal lacks a webhook that was rejected, so `gridwix trace` does not find it.",
        "DynamoDB failed: look at `code` if it persists.",
        RUNBOOK + "trading_grid_webhook",
    ),
    "request_answered": EventMeaning(
        "The gateway answered a request. An error if the gateway itself failed.",
        "With `error`: report it and `stack` to the developers.",
        GATEWAY + "errors-of-the-api",
    ),
    "ring_not_queued": EventMeaning(
        "Open pages were not rung. The row is written, and they read it within half an hour.",
        "Look at `code` if it persists.",
        RUNBOOK + "portal_ringer",
    ),
    "row_refused": EventMeaning(
        "Wix refused a row. Its former version stays on the portal.",
        "Look at `code`, and at `gridwix refused`.",
        RUNBOOK + "refused-items",
    ),
    "rows_published": EventMeaning("A run published rows of the portal."),
    "run_failed": EventMeaning(
        "A scheduled run failed as a whole. The next one does its work.",
        "Look at `code`.",
        RUNBOOK + "codes",
    ),
    "secret_entry_unusable": EventMeaning(
        "An entry of a secret's list cannot be used and is skipped.",
        "Correct the entry: `place` counts from 1.",
        f"{RUNBOOK}entries-of-a-secret {GATEWAY}consumers",
    ),
    "source_run": EventMeaning(
        "A source was read over HTTP. A warning if a fault stopped it, or something looks wrong.",
        "Look at `fault` and `detail`: it names the fix.",
        GATEWAY + "sources-over-http",
    ),
    "sourced_collections_not_read": EventMeaning(
        "The gateway did not say which collections have a source. The portal hides what it hid.",
        "Look at `code` if it persists.",
        RUNBOOK + "portal-page",
    ),
    "target_run": EventMeaning(
        "Deliveries to a target. An error if some are dead letters, or nothing gets through.",
        "Look at `reasons` and `fault`.",
        GATEWAY + "targets",
    ),
    "template_broken": EventMeaning(
        "The texts of a campaign cannot be rendered. Only this campaign stops.",
        "Correct the template: `fault` has the line.",
        RUNBOOK + "partner_messenger",
    ),
    "transactions_not_read": EventMeaning(
        "Transactions could not be read from Lens. The next run reads them.",
        "Look at `code`.",
        RUNBOOK + "transaction_monitor",
    ),
    "transactions_read": EventMeaning("A run looked for exceptions among the transactions."),
    "transfers_not_resumed": EventMeaning(
        "Copies of files that were under way could not be continued. The next run does.",
        "Look at `code` if it persists.",
        RUNBOOK + "document_sync",
    ),
    "uploads_listed": EventMeaning(
        "A dry run of the sweep of uploads: `files` would be removed.",
        section="docs/functions/reconciler.md#uploads-that-are-not-handed-in",
    ),
    "uploads_removed": EventMeaning(
        "Uploads that were not handed in were removed from the site's media.",
        "If `refused_removals` stays above 0, remove these files in the Media Manager.",
        RUNBOOK + "reconciler",
    ),
    "webhook_failed": EventMeaning(
        "A webhook or form could not be taken in and got a 503. Its sender retries.",
        "Look at `code`.",
        f"{RUNBOOK}trading_grid_webhook {RUNBOOK}wix_webhook",
    ),
    "webhook_rejected": EventMeaning(
        "A webhook or form was rejected.",
        "Look at `reason`.",
        f"{RUNBOOK}trading_grid_webhook {RUNBOOK}wix_webhook",
    ),
    "webhook_sender_failed": EventMeaning(
        "The sender of an endpoint's webhooks failed. It is woken again.",
        "Report `error` to the developers if it persists.",
        GATEWAY + "webhooks",
    ),
    "webhook_senders_not_woken": EventMeaning(
        "The senders of webhooks were not woken after a commit. A schedule wakes them."
    ),
    "webhooks_sent": EventMeaning("The sender of an endpoint sent webhooks."),
    "work_not_done": EventMeaning(
        "A part of a run failed without a call: a setting, a secret, or a budget that is used up."
        " It is retried.",
        "Look at `code`.",
        RUNBOOK + "partner_messenger",
    ),
}
"""The meaning of each log event, by name."""

LOGGER_FIELDS = {
    "timestamp": "Time of the line.",
    "level": "`INFO`, `WARNING` or `ERROR`.",
    "message": "Name of the log event.",
    "service": "Name of the function.",
    "location": "Function and line of the code.",
    "cold_start": "True in the first invocation of an execution environment.",
    "function_name": "Name of the deployed function.",
    "function_memory_size": "Memory of the function, in megabytes.",
    "function_arn": "ARN of the function.",
    "function_request_id": "Id of the invocation.",
    "xray_trace_id": "Id of the X-Ray trace.",
}
"""Fields that Powertools writes. Those from `cold_start` on are in functions of queues only."""

FIELDS = {
    "announcement_error": "Type of the error because of which webhook senders were not woken.",
    "awaited_files": "Old uploads that an open or held submission has. They stay.",
    "awaiting_files": "Submissions that wait for their files.",
    "begun": "Time at which the run began.",
    "by_reason": "Messages by what became of them and, in it, by reason or channel.",
    "byte_code": "On lines of metrics: true if the layer holds byte code.",
    "campaign": "Key of the campaign.",
    "changed": "Exceptions of transactions, or rows of a source, that have changed.",
    "code": "Code of the error.",
    "collection": "Collection of Wix.",
    "companies": "Companies whose users were wanted: `read`, `unread`, `empty`.",
    "compared": "Rows that were compared.",
    "config_version": "Version of the configuration in use, also on lines of metrics.",
    "copied": "Files that were copied to the site.",
    "correlation_id": "Id of the invocation's work: `X-Request-ID` of its calls, and the journal's"
    " `requestId`.",
    "counts": "Metrics of the run, by the name of the metric.",
    "dead": "Deliveries that went to the dead-letter queue.",
    "deferred": "Messages that returned to the queue, by reason.",
    "delivered": "Deliveries that the target has.",
    "deliveries": "Deliveries of webhooks by status, and `gaps`.",
    "detail": "The fault in words, with its fix.",
    "documents": "Documents that were counted.",
    "drifted": "Rows that differ from the source.",
    "drop_counts": "Rows and records of a drop.",
    "dry_run": "True if the run changed nothing.",
    "ended": "Links and invitations that were ended, by reason.",
    "endpoint": "Id of a webhook endpoint.",
    "entries": "Transactions that were read.",
    "equal": "Rows that are as in the source.",
    "error": "Type of the error, without its text.",
    "event_type": "Type of the event.",
    "events": "Ids of the events, at most 50.",
    "extra": "Rows that the source does not list.",
    "fault": "What is wrong with a secret, a template, a source or a target.",
    "field": "Field of the row.",
    "files": "Ids of files, 100 at most.",
    "finished": "Time at which the run ended.",
    "follow_ups": "Follow-ups that were done.",
    "foreign_files": "Files among the uploads without a label of gridwix. They stay.",
    "found": "Links and invitations that are to end, by reason.",
    "guard": "Why rows were kept from removal; null if the guard did not trip.",
    "held": "Held submissions with the reason, by id.",
    "invalid": "Feed items that are no events, by the invalid member.",
    "item_id": "Id of the row in its collection.",
    "kept": "Extra rows that are left to their publisher.",
    "known": "Changes that the bus had accepted before.",
    "left_out": "Ids of records that were left out, at most 20.",
    "listed": "Records that the source lists.",
    "lost": "Rows whose file is lost.",
    "malformed": "Malformed messages of the batch.",
    "member": "Member of the secret that holds the list.",
    "member_exists": "True if the site still has the member, so that nothing was done.",
    "members": "Names of the invalid JSON members.",
    "mended": "Names of records, as `collection/id`.",
    "message_id": "Id of the SQS message.",
    "messages": "Messages of the batch.",
    "method": "HTTP method.",
    "milliseconds": "Duration of the request.",
    "missing": "Rows that the portal lacks.",
    "more": "True if the next run goes on from here.",
    "not_due": "Rows that are missing in the directory for the first time, and stay.",
    "not_listed": "Events beyond the first 50.",
    "not_possible": "Follow-ups that were not possible, by reason.",
    "orphans": "Old uploads that no open or held submission has.",
    "outcome": "How a drop or a run of a source ended.",
    "over": "Exceptions that are over.",
    "overtaken": "True if another run was faster, so that this one changed no cursor.",
    "pages": "Pages that were read.",
    "partners": "Ids of the partners of the events, at most 50.",
    "place": "Place in the list, from 1.",
    "plan": "Id of the plan that the run applied, or null.",
    "planned": "Deliveries that were recorded.",
    "postponed": "Deliveries that failed and will be repeated.",
    "previously_listed": "Records that the source listed in the run before, or null.",
    "published": "Events that were put on the bus.",
    "raised": "Exceptions that were raised, by kind.",
    "readers": "Partners whose pages were told of a change; everybody counts as one.",
    "reason": "Why something was rejected or not used.",
    "reasons": "Codes of what failed, each once.",
    "record": "Name of the record, as `collection/id`.",
    "records": "Number of records.",
    "refused": "Rows that were refused in this run.",
    "refused_codes": "Refused rows of this run, by reason.",
    "refused_files": "Files that were refused, by reason.",
    "refused_in_all": "Refused rows, those of former runs included.",
    "refused_removals": "Files that Wix refused to remove.",
    "refused_version": "Version of the configuration that is not used.",
    "release": "On lines of metrics: the release of gridwix.",
    "removed": "Rows or files that were removed.",
    "repaired": "Rows that were published again or removed.",
    "repeated": "True if the page had been done before.",
    "request_id": "Id of an HTTP request, which the support of the called system asks for.",
    "requests": "Requests that were made from submissions.",
    "resync_started": "True if the cursor had expired, so that all partners are read again.",
    "resynced": "Partners that were listed for a full resync.",
    "route": "Pattern of the route.",
    "row": "Key of a row, as `collection#item`.",
    "rows": "Rows of the run, by verdict.",
    "rows_done": "Rows that were written before the error.",
    "rows_read": "Rows that the source gave.",
    "run": "Name of the run.",
    "skipped": "Deliveries that were not necessary.",
    "slices": "Periods that were read.",
    "source": "Name of the source.",
    "stack": "Places in the code that the error came through.",
    "status": "HTTP status.",
    "stopped": "Reasons for which nobody lost access.",
    "system": "The system that was called.",
    "tag": "ETag of the dropped file.",
    "target": "Name of the target.",
    "time_zones": "On lines of metrics: the release of the IANA time zone database.",
    "total": "Links and invitations that were compared.",
    "unchanged": "Rows that are as before.",
    "unknown": "Values that this release does not know, as `field=value`, with their number.",
    "unknown_types": "Types of events that match no rule, with their number.",
    "unmapped": "Documents of which neither address is a partner's.",
    "unmatched": "Submissions without a trading partner.",
    "unnamed": "Transactions whose id no event can hold.",
    "unpublished": "Rings that the site did not publish.",
    "unreadable": "Entries that could not be read.",
    "unsettled": "Rows with a write under way.",
    "unused": "Invitations that were not used, by what is wrong with them.",
    "vendor_code": "Error code of the called system.",
    "waiting": "Submissions that failed and will be retried.",
    "warnings": "Codes of what looks wrong, although it stopped nothing.",
}
"""The meaning of each field that our code logs, by name. It is the same in all events."""
