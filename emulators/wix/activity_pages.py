"""Web pages that show form submissions, webhook deliveries, and messages to members.

The pages refresh once a second.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulators.wix import forms
from emulators.wix.pages import new_pages
from emulators.wix.site import Site
from emulators.wix.validation import input_fields
from emulators.wix.wire import Data

MOST_ROWS = 200
TONES = {"delivered": "good", "pending": "wait", "failed": "bad", "dropped": "bad"}


def routes(site: Site) -> list[Route]:
    pages = ActivityPages(site)
    return [
        Route("/submissions", pages.list_submissions),
        Route("/webhooks", pages.list_webhooks),
        Route("/messages", pages.list_messages),
    ]


class ActivityPages:
    """Web pages of form submissions, webhooks and sent messages: one method for each page."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pages = new_pages()

    async def list_submissions(self, request: Request) -> Response:
        """Show the newest submissions of one form or of all."""
        known = {form["id"]: form for form in self._site.forms.all()}
        wanted = request.query_params.get("form", "")
        found = [
            one for one in reversed(self._site.submissions.all()) if wanted in ("", one["formId"])
        ]
        rows = [self._submission_row(one, known.get(one["formId"])) for one in found[:MOST_ROWS]]
        return self._pages.render(
            "submissions.html",
            rows=rows,
            total=len(found),
            forms=list(known.values()),
            wanted=wanted,
        )

    async def list_webhooks(self, _: Request) -> Response:
        """Show the registered webhooks and their newest deliveries."""
        webhooks = self._site.webhooks
        urls = {webhook["id"]: webhook["url"] for webhook in webhooks.all()}
        deliveries = webhooks.deliveries(limit=MOST_ROWS)
        return self._pages.render(
            "webhooks.html",
            webhooks=webhooks.all(),
            urls=urls,
            deliveries=deliveries,
            counts=webhooks.counts(),
            tones=TONES,
        )

    async def list_messages(self, _: Request) -> Response:
        """Show the newest mails and inbox messages that the site has sent to its members.

        A mail's body is shown as it was sent, in a sandboxed frame.
        """
        emails = {
            contact["id"]: contact.get("primaryInfo", {}).get("email", contact["id"])
            for contact in self._site.contacts.all()
        }
        mails = [
            {"kind": "", "campaign": "", "messageId": "", **mail}
            for mail in reversed(self._site.automations.sent_mails())
        ]
        inbox = [
            {**message, "to": emails.get(message["contactId"], message["contactId"])}
            for message in reversed(self._site.inbox.all())
        ]
        return self._pages.render(
            "messages.html",
            mails=mails[:MOST_ROWS],
            inbox=inbox[:MOST_ROWS],
            counts={"mails": len(mails), "inbox": len(inbox)},
        )

    @staticmethod
    def _submission_row(submission: Data, form: Data | None) -> Data:
        labels = (
            {
                field["inputOptions"]["target"]: forms.field_label(field)
                for field in input_fields(form)
            }
            if form
            else {}
        )
        kind, identifier = next(iter(submission["submitter"].items()))
        return {
            "id": submission["id"],
            "at": submission["createdDate"],
            "form": form["name"] or form["id"] if form else submission["formId"],
            "who": kind.removesuffix("Id"),
            "whoId": identifier,
            "status": submission["status"],
            "values": [
                (labels.get(target, target), value)
                for target, value in submission["submissions"].items()
            ],
        }
