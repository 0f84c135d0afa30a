"""HTTP API of form submissions v4, under the documented path and under the path of Wix's SDK.

Source: https://dev.wix.com/docs/api-reference/crm/forms/form-submissions/introduction and
``@wix/forms``.
"""

from emulators.wix.arguments import read_object
from emulators.wix.endpoint import Call, Handler, Kind, Operation, require_object
from emulators.wix.forms_api import check_namespace
from emulators.wix.site import Site
from emulators.wix.wire import Data

PREFIXES = ("/form-submission-service/v4/submissions", "/forms/v4/submissions")


def create_submission(site: Site, call: Call) -> Data:
    submitter = (
        {"applicationId": call.by["appId"]}
        if "appId" in call.by
        else {"userId": call.by["wixUserId"]}
    )
    return {
        "submission": site.submissions.create(
            require_object(call.arguments, "submission"), submitter, call.by
        )
    }


def get_submission(site: Site, call: Call) -> Data:
    return {"submission": site.submissions.get(call.path["submission_id"])}


def update_submission(site: Site, call: Call) -> Data:
    return {
        "submission": site.submissions.update(
            call.path["submission_id"], require_object(call.arguments, "submission"), call.by
        )
    }


def confirm_submission(site: Site, call: Call) -> Data:
    return {"submission": site.submissions.confirm(call.path["submission_id"], call.by)}


def delete_submission(site: Site, call: Call) -> Data:
    site.submissions.remove(call.path["submission_id"], call.by)
    return {}


def query_submissions_by_namespace(site: Site, call: Call) -> Data:
    check_namespace(read_object(call.arguments, "query"))
    return query_submissions(site, call)


def query_submissions(site: Site, call: Call) -> Data:
    submissions, metadata = site.submissions.query(read_object(call.arguments, "query"))
    return {"submissions": submissions, "metadata": metadata}


TABLE: list[tuple[str, str, Handler, Kind]] = [
    ("POST", "", create_submission, Kind.WRITE),
    ("POST", "/namespace/query", query_submissions_by_namespace, Kind.READ),
    ("POST", "/query", query_submissions, Kind.READ),
    ("POST", "/{submission_id}/confirm", confirm_submission, Kind.WRITE),
    ("GET", "/{submission_id}", get_submission, Kind.READ),
    ("PATCH", "/{submission_id}", update_submission, Kind.WRITE),
    ("DELETE", "/{submission_id}", delete_submission, Kind.WRITE),
]
OPERATIONS = [
    Operation(method, prefix + path, handler, kind)
    for prefix in PREFIXES
    for method, path, handler, kind in TABLE
]
"""The operations under ``/form-submission-service/v4/submissions`` and ``/forms/v4/submissions``.
"""
