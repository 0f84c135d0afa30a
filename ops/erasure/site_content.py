"""A person's content on the Wix site, except rows: uploaded files, and submissions of Wix forms."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, override

from gridwix.clients.http_messages import path_segment
from gridwix.clients.json_values import json_object
from gridwix.clients.vendor_errors import WIX_ERRORS
from gridwix.clients.wix.client import WixClient
from gridwix.clients.wix.links import PartnerLinks
from gridwix.clients.wix.media import MediaClient
from gridwix.clients.wix.site import WixSite
from gridwix.configuration.forms import FormDefinition
from gridwix.errors import NotFound
from gridwix.files.types import file_label
from gridwix.models.portal.collection_ids import PARTNER_DOCUMENTS, PARTNER_LINKS, PARTNER_STATUS
from ops.erasure.ports import Findings, PersonalStore, Remainder, TooLarge
from ops.erasure.rows import read_rows
from ops.erasure.subject import Subject, text_leaves
from ops.erasure.submissions import SubmissionReader

SUBMISSIONS = "/form-submission-service/v4/submissions"
NAMESPACE = "wix.form_app.form"
"""Namespace of the submissions of Wix Forms, by which a query has to ask."""

OTHERS_STAY = "another person sent them. Delete them in the site's dashboard, under Forms"

PER_PAGE = 100
MAX_PAGES = 1_000
"""Maximum number of pages of submissions that an erasure searches."""


class UploadStore(PersonalStore):
    """Files that members uploaded on the portal and that Trading Grid has not got.

    A file that was sent belongs to a submission that waits for delivery, and is found by its id in
    the submission. A file that was never sent is found by its label, a hash. For a request the
    label is made from member, partner and form. For a document it is made from partner and document
    and names no member, so the file is removed only if the partner is erased. ``form_intake``
    removes delivered files.
    """

    name = "Wix uploads"

    def __init__(
        self,
        media: MediaClient,
        wix: WixClient,
        submissions: SubmissionReader,
        forms: Mapping[str, FormDefinition],
    ) -> None:
        self._media = media
        self._wix = wix
        self._submissions = submissions
        self._forms = forms

    @override
    def find(self, subject: Subject) -> Findings:
        uploads = self._media.uploads()
        if not uploads:
            return Findings()
        own = self._submissions.own(subject)
        sent = {leaf for one in own for leaf in text_leaves(one.content)}
        labels = set(self._labels(subject, {one.partner or "" for one in own}))
        return Findings(
            tuple(
                sorted(
                    file.file_id
                    for file in uploads
                    if file.file_id in sent or not labels.isdisjoint(file.labels)
                )
            )
        )

    @override
    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        wanted = list(ids)
        self._media.remove(wanted)
        return len(wanted)

    def _labels(self, subject: Subject, partners: set[str]) -> Iterator[str]:
        """Yield the labels that uploaded files of the person or partner to erase can have.

        A label is a hash of what a file was uploaded for: of member, partner and form, or of
        partner and document. Labels with a document are yielded only if a partner is erased.
        """
        if subject.partner is None:
            # Of all partners: a member may have lost the link since it uploaded a file.
            statuses = read_rows(self._wix, PARTNER_STATUS, {}, ["partnerId"])
            partners |= {str(row.data.get("partnerId")) for row in statuses}
            pairs = {(member, partner) for member in subject.members for partner in partners}
            for member, linked in PartnerLinks(self._wix).partners_of(subject.members).items():
                pairs |= {(member, partner) for partner in linked}
        else:
            of_partner = {"partnerId": subject.partner}
            pairs = {
                (str(link.data.get("memberId")), subject.partner)
                for link in read_rows(self._wix, PARTNER_LINKS, of_partner)
            }
            for document in read_rows(self._wix, PARTNER_DOCUMENTS, of_partner, ["partnerId"]):
                yield file_label(subject.partner, document.id)
        for member, partner in pairs:
            for form in self._forms:
                yield file_label(member, partner, form)


class FormSubmissionStore(PersonalStore):
    """Form submissions that Wix keeps: those that the person to erase has sent.

    The sender is an account (member) of the person on the site, or a visitor who gave the person's
    email address. Nothing is read if a partner is erased, since these submissions name no partner,
    or if no form of ``config/forms/`` is a form of Wix.
    """

    name = "Wix form submissions"

    def __init__(self, site: WixSite, forms: Mapping[str, FormDefinition]) -> None:
        self._site = site
        self._has_forms = any(form.wix_forms for form in forms.values())

    @override
    def find(self, subject: Subject) -> Findings:
        # A form of Wix names no partner.
        if subject.partner is not None or not self._has_forms:
            return Findings()
        own, others = list[str](), list[str]()
        for one in self._read_all():
            member, answers = json_object(one.get("submitter")).get("memberId"), one["submissions"]
            if subject.has_sent(member, None, answers):
                own.append(one["id"])
            elif subject.is_named_in(json.dumps(answers)):
                others.append(one["id"])
        named = Remainder(
            "submissions of other people that name it", OTHERS_STAY, ids=tuple(others)
        )
        return Findings(tuple(sorted(own)), (named,) if others else ())

    @override
    def remove(self, subject: Subject, ids: Iterable[str]) -> int:
        removed = 0
        for identifier in ids:
            # A run before may have removed it.
            with suppress(NotFound):
                self._site.call(
                    "removal of a submission",
                    "DELETE",
                    f"{SUBMISSIONS}/{path_segment(identifier)}",
                    params=[("permanent", "true")],
                )
            removed += 1
        return removed

    def _read_all(self) -> Iterator[Mapping[str, Any]]:
        cursor: str | None = None
        for _ in range(MAX_PAGES):
            paging = {"limit": PER_PAGE, **({"cursor": cursor} if cursor else {})}
            # After a cursor nothing but the cursor is sent.
            query = {"cursorPaging": paging} | (
                {} if cursor else {"filter": {"namespace": NAMESPACE}}
            )
            document = self._site.call(
                "query of submissions",
                "POST",
                f"{SUBMISSIONS}/namespace/query",
                body={"query": query},
                safe=True,
            )
            page = document.get("submissions")
            if not isinstance(page, list):
                raise WIX_ERRORS.malformed_response(
                    "query of submissions", "the answer has no submissions"
                )
            yield from (
                {**one, "submissions": one.get("submissions")}
                for one in map(json_object, page)
                if isinstance(one.get("id"), str)
            )
            metadata = json_object(document.get("metadata"))
            following = json_object(metadata.get("cursors")).get("next")
            if not metadata.get("hasNext") or not isinstance(following, str):
                return
            cursor = following
        raise TooLarge(
            f"Wix has more than {MAX_PAGES * PER_PAGE} submissions of forms",
            "delete old ones in the dashboard of the site, and run the command again",
        )
