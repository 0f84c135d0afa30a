"""Forms of the Wix emulator, and submissions by visitors, by members and through the API."""

from typing import Any, get_args

import httpx
import pytest

from gridwix.configuration.forms import FieldKind, FormDefinition
from gridwix.form_intake.forms import read_form_values
from ops.site import wix_field
from tests.contract.wix_site import Client, a_callback, a_site, code, decode_webhook, wait_until

FORMS = "/form-schema-service/v4/forms"
SUBMISSIONS = "/form-submission-service/v4/submissions"
ALIAS = "/forms/v4/submissions"
NAMESPACE = "wix.form_app.form"
NOW = "2026-03-02T12:00:00.000Z"
GUID = "11111111-2222-4333-8444-555555555555"


def create(
    site: Client, form: str, values: dict[str, Any], path: str = SUBMISSIONS
) -> httpx.Response:
    return site.post(path, {"submission": {"formId": form, "submissions": values}})


def errors(answer: httpx.Response) -> list[tuple[str, str]]:
    """Return type and path of each invalid value of a submission."""
    assert answer.status_code == 400
    (violation,) = answer.json()["details"]["validationError"]["fieldViolations"]
    assert (violation["field"], violation["ruleName"]) == (
        "submission.submissions",
        "SUBMISSION_VALIDATION",
    )
    return [(error["errorType"], error["errorPath"]) for error in violation["data"]["errors"]]


def query(
    site: Client, path: str = f"{SUBMISSIONS}/namespace/query", **asked: Any
) -> dict[str, Any]:
    return site.ok("POST", path, {"query": {"filter": {"namespace": NAMESPACE}, **asked}})


def a_member(site: Client, **more: Any) -> str:
    return str(
        site.control("POST", "members", {"loginEmail": "ada@example.com", **more})["member"]["id"]
    )


def ruled(validation: Any) -> dict[str, Any]:
    """Return a field with validation rules."""
    return {
        "inputOptions": {
            "target": "a",
            "inputType": "STRING",
            "stringOptions": {"validation": validation},
        }
    }


def test_form_when_made_with_a_chosen_id_then_the_api_has_its_fields() -> None:
    site = a_site()
    fields = [
        {"target": "email", "label": "E-mail", "required": True, "validation": {"format": "EMAIL"}},
        {"target": "size", "inputType": "NUMBER"},
    ]

    site.control("POST", "forms", {"id": GUID, "name": "Apply", "fields": fields})
    form = site.ok("GET", f"{FORMS}/{GUID}", formId=GUID)["form"]

    email, size = (field["inputOptions"] for field in form["formFields"])
    assert (form["id"], form["name"], form["namespace"], form["enabled"], form["revision"]) == (
        GUID,
        "Apply",
        NAMESPACE,
        True,
        "1",
    )
    assert (email["target"], email["inputType"], email["required"]) == ("email", "STRING", True)
    assert email["stringOptions"]["textInputOptions"]["label"] == "E-mail"
    assert email["stringOptions"]["validation"] == {"format": "EMAIL"}
    assert (size["target"], size["inputType"], size["required"]) == ("size", "NUMBER", False)


SUBMITTED: dict[str, Any] = {
    "text": "Which price?",
    "email": "ap@prairiegold.example",
    "url": "https://prairiegold.example",
    "phone": "+49 30 123456",
    "integer": 3,
    "decimal": 4.155,
    "rating": 4,
    "boolean": True,
    "date": "2026-11-27",
    "time": "14:30:00",
    "datetime": "2026-11-27T14:30:00",
    "choice": "tax",
    "choices": ["tax", "orders"],
    "address": {"addressLine": "Kastanienallee 7", "city": "Aachen", "country": "DE"},
    "files": [{"fileId": "f_1", "displayName": "a.pdf", "url": "https://x.usrfiles.com/a.pdf"}],
    "signature": [
        {"fileId": "f_2", "displayName": "signature.png", "url": "https://x.usrfiles.com/s.png"}
    ],
    "gln": "0614141000005",
    "duns": "150483782",
    "trading_address": "ZZ:PRAIRIEGOLD",
}


def test_form_with_every_kind_of_field_takes_what_gridwix_reads() -> None:
    site = a_site()
    more: dict[str, Any] = {
        "choice": {"choices": ["orders", "tax"]},
        "choices": {"choices": ["orders", "tax"]},
    }
    fields = [
        {"name": kind, "target": kind, "label": kind, "kind": kind, **more.get(kind, {})}
        for kind in SUBMITTED
    ]
    definition = FormDefinition.model_validate(
        {"title": "T", "version": 1, "type": "support", "fields": fields}
    )
    site.control(
        "POST",
        "forms",
        {"id": GUID, "name": "All", "fields": [wix_field(field) for field in definition.fields]},
    )

    answer = create(site, GUID, SUBMITTED)

    reading = read_form_values(definition, answer.json()["submission"]["submissions"])
    assert (answer.status_code, reading.faults) == (200, ())
    assert set(reading.answers) == set(SUBMITTED) == set(get_args(FieldKind.__value__))
    assert (reading.answers["decimal"], reading.answers["phone"], reading.answers["choices"]) == (
        "4.155",
        "+4930123456",
        ["orders", "tax"],
    )


def test_component_that_a_type_cannot_have_is_refused() -> None:
    answer = a_site().post(
        "/__emulator/forms",
        {"id": GUID, "name": "x", "fields": [{"target": "a", "component": "SIGNATURE"}]},
    )

    assert (answer.status_code, code(answer)) == (400, "fields.component")


def test_form_when_created_changed_and_deleted_by_the_api_then_its_revision_grows() -> None:
    site = a_site()
    field = {"inputOptions": {"target": "name", "inputType": "STRING"}}

    created = site.ok(
        "POST", FORMS, {"form": {"name": "Apply", "namespace": NAMESPACE, "formFields": [field]}}
    )["form"]
    changed = site.ok(
        "PATCH", f"{FORMS}/{created['id']}", {"form": {"revision": "1", "enabled": False}}
    )["form"]
    stale = site.call(
        "PATCH", f"{FORMS}/{created['id']}", {"form": {"revision": "1", "name": "Stale"}}
    )
    site.ok("DELETE", f"{FORMS}/{created['id']}")
    gone = site.call("GET", f"{FORMS}/{created['id']}")

    assert (changed["revision"], changed["enabled"], changed["name"]) == ("2", False, "Apply")
    assert (stale.status_code, code(stale)) == (409, "ABORTED")
    assert (gone.status_code, code(gone)) == (404, "NOT_FOUND")


def test_forms_when_listed_and_queried_then_only_those_of_the_namespace_come() -> None:
    site = a_site()
    first, second = site.a_form(), site.a_form()
    site.ok("POST", FORMS, {"form": {"name": "Other", "namespace": "wix.other", "formFields": []}})

    listed = site.ok("GET", FORMS, namespace=NAMESPACE)
    page = site.ok(
        "POST",
        f"{FORMS}/query",
        {"query": {"filter": {"namespace": NAMESPACE}, "cursorPaging": {"limit": 1}}},
    )
    cursor = {"cursorPaging": {"limit": 1, "cursor": page["metadata"]["cursors"]["next"]}}
    rest = site.ok("POST", f"{FORMS}/query", {"query": cursor})

    assert [form["id"] for form in listed["forms"]] == [first, second]
    assert [form["id"] for form in (*page["forms"], *rest["forms"])] == [first, second]
    assert rest["metadata"] == {
        "count": 1,
        "cursors": {"prev": rest["metadata"]["cursors"]["prev"]},
        "hasNext": False,
    }


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"formFields": []}, "form.namespace"),
        ({"namespace": NAMESPACE, "formFields": {}}, "form.formFields"),
        ({"namespace": NAMESPACE, "formFields": [{}]}, "form.formFields[0].inputOptions.target"),
        (
            {
                "namespace": NAMESPACE,
                "formFields": [{"inputOptions": {"target": "a", "inputType": "WORD"}}],
            },
            "form.formFields[0].inputOptions.inputType",
        ),
        (
            {
                "namespace": NAMESPACE,
                "formFields": [{"inputOptions": {"target": "a", "inputType": "STRING"}}] * 2,
            },
            "form.formFields",
        ),
        (
            {
                "namespace": NAMESPACE,
                "formFields": [{"inputOptions": {"target": "a", "inputType": ["STRING"]}}],
            },
            "form.formFields[0].inputOptions.inputType",
        ),
        (
            {"namespace": NAMESPACE, "formFields": [ruled({"pattern": "["})]},
            "form.formFields[0].inputOptions.stringOptions.validation.pattern",
        ),
        (
            {"namespace": NAMESPACE, "formFields": [ruled({"maxLength": "9"})]},
            "form.formFields[0].inputOptions.stringOptions.validation",
        ),
        (
            {"namespace": NAMESPACE, "formFields": [ruled({"enum": "a"})]},
            "form.formFields[0].inputOptions.stringOptions.validation",
        ),
        ({"namespace": NAMESPACE, "formFields": [ruled([])]}, "validation"),
    ],
)
def test_form_when_its_shape_is_refused_then_the_call_is_invalid(
    form: dict[str, Any], field: str
) -> None:
    answer = a_site().post(FORMS, {"form": form})

    assert (answer.status_code, code(answer)) == (400, field)


@pytest.mark.parametrize(
    "order",
    [
        {"id": "no-guid", "name": "x", "fields": []},
        {"fields": []},
        {"name": "x"},
        {"name": "x", "fields": [{"inputType": "STRING"}]},
    ],
)
def test_control_form_when_its_order_is_refused_then_there_is_none(order: dict[str, Any]) -> None:
    site = a_site()

    answer = site.post("/__emulator/forms", order)

    assert answer.status_code == 400
    assert site.control("GET", "forms")["forms"] == []


@pytest.mark.parametrize("path", [SUBMISSIONS, ALIAS])
def test_submission_when_created_by_the_api_then_it_is_confirmed_and_read_back(path: str) -> None:
    site = a_site()
    form = site.a_form()

    submission = create(site, form, {"email": "ada@example.com", "amount": 2}, path).json()[
        "submission"
    ]

    expected = {
        "formId": form,
        "namespace": NAMESPACE,
        "status": "CONFIRMED",
        "revision": "1",
        "seen": False,
        "createdDate": NOW,
        "updatedDate": NOW,
    }
    assert {name: submission[name] for name in expected} == expected
    assert submission["submissions"] == {"email": "ada@example.com", "amount": 2}
    assert list(submission["submitter"]) == ["userId"]
    assert [
        site.ok("GET", f"{prefix}/{submission['id']}")["submission"]
        for prefix in (SUBMISSIONS, ALIAS)
    ] == [submission, submission]


def test_submission_when_a_visitor_or_a_member_submits_then_it_says_who() -> None:
    site = a_site()
    form, member = site.a_form(), a_member(site, id=GUID)

    by_visitor = site.submit(form, {"email": "a@b.c"})
    by_member = site.submit(form, {"email": "a@b.c"}, memberId=member)

    assert list(by_visitor["submitter"]) == ["visitorId"]
    assert by_member["submitter"] == {"memberId": GUID}


@pytest.mark.parametrize(
    ("order", "status"), [({"memberId": GUID}, 404), ({"status": "DONE"}, 400)]
)
def test_submission_when_the_member_or_the_status_does_not_exist_then_it_is_refused(
    order: dict[str, str], status: int
) -> None:
    site = a_site()

    answer = site.post(
        "/__emulator/submissions",
        {"formId": site.a_form(), "submissions": {"email": "a@b.c"}, **order},
    )

    assert answer.status_code == status
    assert site.control("GET", "submissions")["submissions"] == []


def test_submission_when_the_member_is_blocked_then_it_is_refused() -> None:
    site = a_site()
    member = a_member(site, status="BLOCKED")

    answer = site.post(
        "/__emulator/submissions",
        {"formId": site.a_form(), "submissions": {"email": "a@b.c"}, "memberId": member},
    )

    assert (answer.status_code, code(answer)) == (403, "PERMISSION_DENIED")


def test_submission_when_there_is_no_such_form_then_404() -> None:
    answer = create(a_site(), GUID, {})

    assert (answer.status_code, code(answer)) == (404, "FORM_NOT_FOUND")


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ({"required": True}, None, "REQUIRED_VALUE_ERROR"),
        ({"required": True}, "", "REQUIRED_VALUE_ERROR"),
        ({"inputType": "ARRAY", "required": True}, [], "REQUIRED_VALUE_ERROR"),
        ({}, 7, "TYPE_ERROR"),
        ({"inputType": "NUMBER"}, "7", "TYPE_ERROR"),
        ({"inputType": "NUMBER"}, True, "TYPE_ERROR"),
        ({"inputType": "BOOLEAN"}, "yes", "TYPE_ERROR"),
        ({"inputType": "ARRAY"}, "a", "TYPE_ERROR"),
        ({"inputType": "WIX_FILE"}, {"fileId": "x"}, "TYPE_ERROR"),
        ({"inputType": "ADDRESS"}, "Aachen", "TYPE_ERROR"),
        ({"validation": {"maxLength": 2}}, "abc", "MAX_LENGTH_ERROR"),
        ({"validation": {"minLength": 2}}, "a", "MIN_LENGTH_ERROR"),
        ({"validation": {"pattern": "^[0-9]+$"}}, "abc", "PATTERN_ERROR"),
        ({"validation": {"format": "EMAIL"}}, "ada.example.com", "FORMAT_ERROR"),
        ({"validation": {"format": "UUID"}}, "7", "FORMAT_ERROR"),
        ({"validation": {"enum": ["a", "b"]}}, "c", "NOT_ALLOWED_VALUE_ERROR"),
        ({"inputType": "NUMBER", "validation": {"maximum": 5}}, 6, "MAX_VALUE_ERROR"),
        ({"inputType": "NUMBER", "validation": {"minimum": 5}}, 4, "MIN_VALUE_ERROR"),
        ({"inputType": "NUMBER", "validation": {"multipleOf": 5}}, 6, "MULTIPLE_OF_VALUE_ERROR"),
        ({"inputType": "ARRAY", "validation": {"maxItems": 1}}, ["a", "b"], "MAX_ITEMS_ERROR"),
        ({"inputType": "ARRAY", "validation": {"minItems": 2}}, ["a"], "MIN_ITEMS_ERROR"),
    ],
)
def test_submission_when_a_value_breaks_its_fields_rule_then_the_error_names_it(
    field: dict[str, Any], value: Any, expected: str
) -> None:
    site = a_site()
    form = site.a_form({"target": "one", **field}, {"target": "two"})

    answer = create(site, form, {"two": "fine", **({} if value is None else {"one": value})})

    assert errors(answer) == [(expected, "one")]
    assert site.control("GET", "submissions")["submissions"] == []


def test_submission_when_several_values_are_wrong_then_each_has_its_entry() -> None:
    site = a_site()
    choice = {
        "target": "tags",
        "inputType": "ARRAY",
        "validation": {"items": {"stringOptions": {"enum": ["a", "b"]}}},
    }
    form = site.a_form({"target": "email", "required": True}, choice)

    answer = create(site, form, {"tags": ["a", "x"], "stranger": 1})

    assert errors(answer) == [
        ("REQUIRED_VALUE_ERROR", "email"),
        ("NOT_ALLOWED_VALUE_ERROR", "tags/1"),
        ("UNKNOWN_VALUE_ERROR", "stranger"),
    ]


def test_submission_when_the_form_is_disabled_then_it_is_refused() -> None:
    site = a_site()
    form = site.a_form()
    site.ok("PATCH", f"{FORMS}/{form}", {"form": {"revision": "1", "enabled": False}})

    answer = create(site, form, {"email": "a@b.c"})

    assert errors(answer) == [("DISABLED_FORM_ERROR", "")]


def test_update_when_the_revision_is_current_then_the_values_are_replaced() -> None:
    site = a_site()
    submission = site.submit(site.a_form(), {"email": "a@b.c", "amount": 1})
    path = f"{SUBMISSIONS}/{submission['id']}"

    changed = site.ok(
        "PATCH",
        path,
        {
            "submission": {
                "id": submission["id"],
                "revision": "1",
                "submissions": {"email": "d@e.f"},
            }
        },
    )["submission"]
    stale = site.call(
        "PATCH", path, {"submission": {"revision": "1", "submissions": {"email": "g@h.i"}}}
    )
    without = site.call("PATCH", path, {"submission": {"submissions": {"email": "g@h.i"}}})
    wrong = site.call("PATCH", path, {"submission": {"revision": "2", "submissions": {}}})

    assert (changed["revision"], changed["submissions"]) == ("2", {"email": "d@e.f"})
    assert (stale.status_code, code(stale)) == (409, "ABORTED")
    assert (without.status_code, code(without)) == (400, "submission.revision")
    assert errors(wrong) == [("REQUIRED_VALUE_ERROR", "email")]
    assert site.ok("GET", path)["submission"] == changed


def test_confirm_when_pending_then_the_status_changes_once() -> None:
    site = a_site()
    submission = site.submit(site.a_form(), {"email": "a@b.c"}, status="PENDING")

    first, second = (
        site.ok(
            "POST", f"{SUBMISSIONS}/{submission['id']}/confirm", {"submissionId": submission["id"]}
        )["submission"]
        for _ in range(2)
    )
    waiting = site.submit(site.a_form(), {"email": "a@b.c"}, status="PAYMENT_WAITING")
    refused = site.post(f"{SUBMISSIONS}/{waiting['id']}/confirm", {})

    assert (submission["status"], first["status"], first["revision"]) == (
        "PENDING",
        "CONFIRMED",
        "2",
    )
    assert second == first
    assert (refused.status_code, code(refused)) == (428, "FAILED_PRECONDITION")


def test_delete_when_called_then_the_submission_is_gone() -> None:
    site = a_site()
    path = f"{SUBMISSIONS}/{site.submit(site.a_form(), {'email': 'a@b.c'})['id']}"

    deleted = site.ok("DELETE", path)
    again = site.call("DELETE", path)

    assert deleted == {}
    assert (again.status_code, code(again)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "path", [f"{SUBMISSIONS}/namespace/query", f"{SUBMISSIONS}/query", f"{ALIAS}/namespace/query"]
)
def test_query_when_paged_then_every_submission_of_the_form_comes_once(path: str) -> None:
    site = a_site()
    form, other = site.a_form(), site.a_form()
    for number in range(5):
        site.submit(form, {"email": f"{number}@b.c"})
        site.submit(other, {"email": "x@b.c"})
        site.advance(1)
    asked: dict[str, Any] = {
        "filter": {"$and": [{"namespace": NAMESPACE}, {"formId": form}]},
        "sort": [{"fieldName": "createdDate", "order": "DESC"}],
    }

    found, cursor = [], None
    while True:
        page = (
            query(site, path, **asked, cursorPaging={"limit": 2})
            if cursor is None
            else query(site, path, cursorPaging={"limit": 2, "cursor": cursor})
        )
        found += [submission["submissions"]["email"] for submission in page["submissions"]]
        cursor = page["metadata"]["cursors"].get("next")
        if not page["metadata"]["hasNext"]:
            break

    assert found == [f"{number}@b.c" for number in reversed(range(5))]


@pytest.mark.parametrize(
    "spelling",
    [
        "2026-03-02T12:00:02Z",
        "2026-03-02T12:00:02.000Z",
        "2026-03-02T13:00:02+01:00",
        {"$date": "2026-03-02T12:00:02Z"},
    ],
)
def test_query_when_filtered_by_date_then_its_spelling_does_not_matter(spelling: Any) -> None:
    site = a_site()
    form = site.a_form()
    for number in range(4):
        site.submit(form, {"email": f"{number}@b.c"})
        site.advance(1)

    found = query(site, filter={"namespace": NAMESPACE, "createdDate": {"$gte": spelling}})[
        "submissions"
    ]

    assert [submission["submissions"]["email"] for submission in found] == ["2@b.c", "3@b.c"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"filter": {"formId": GUID}}, "query.filter.namespace"),
        ({"filter": {"namespace": NAMESPACE}, "cursorPaging": {"limit": 101}}, "limit"),
        ({"filter": {"namespace": NAMESPACE}, "sort": [{"fieldName": "seen"}] * 4}, "query.sort"),
        (
            {"filter": {"namespace": NAMESPACE, "createdDate": {"$gt": "yesterday"}}},
            "filter.createdDate",
        ),
        (
            {"filter": {"namespace": NAMESPACE, "formId": {"$regex": "."}}},
            "UNSUPPORTED_FILTER_OPERATOR",
        ),
    ],
)
def test_query_when_it_is_not_valid_then_the_call_is_refused(
    asked: dict[str, Any], expected: str
) -> None:
    answer = a_site().post(f"{SUBMISSIONS}/namespace/query", {"query": asked})

    assert (answer.status_code, code(answer)) == (400, expected)


def test_events_when_a_submission_lives_and_dies_then_each_step_is_told() -> None:
    site, callback = a_site(), a_callback()
    form, member = site.a_form(), a_member(site)
    site.register_webhook(callback, "wix.forms.v4.submission_*")

    submission = site.submit(form, {"email": "a@b.c"}, memberId=member, status="PENDING")
    site.ok("POST", f"{SUBMISSIONS}/{submission['id']}/confirm", {})
    site.ok("DELETE", f"{SUBMISSIONS}/{submission['id']}")
    tellings = sorted(
        (decode_webhook(body, site) for body in callback.wait_for(4)),
        key=lambda one: int(one.event["entityEventSequence"]),
    )

    created, updated, status, deleted = (one.event for one in tellings)
    assert [one.envelope["eventType"].rpartition("_")[2] for one in tellings] == [
        "created",
        "updated",
        "updated",
        "deleted",
    ]
    assert created["createdEvent"]["entity"] == submission
    assert updated["updatedEvent"]["currentEntity"]["status"] == "CONFIRMED"
    assert (status["slug"], status["actionEvent"]["body"]["previousStatus"]) == (
        "status_updated",
        "PENDING",
    )
    assert deleted["deletedEvent"]["deletedEntity"]["id"] == submission["id"]
    assert tellings[0].identity == {"identityType": "MEMBER", "memberId": member}
    assert tellings[1].identity["identityType"] == "WIX_USER"


def test_submissions_when_the_quota_is_used_up_then_429_but_visitors_go_on() -> None:
    site = a_site(requests_per_minute=2)
    form = site.a_form()
    site.advance(60)
    calls = [create(site, form, {"email": "a@b.c"}) for _ in range(3)]

    visitor = site.submit(form, {"email": "a@b.c"})

    assert [answer.status_code for answer in calls] == [200, 200, 429]
    assert code(calls[2]) == "RESOURCE_EXHAUSTED"
    assert visitor["status"] == "CONFIRMED"


def test_forms_when_the_cms_is_not_installed_then_they_work_all_the_same() -> None:
    site = a_site()
    site.control("POST", "settings", {"cmsInstalled": False})

    answer = create(site, site.a_form(), {"email": "a@b.c"})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        f"{SUBMISSIONS}/{GUID}",
        f"{FORMS}/{GUID}",
        f"/members/v1/members/{GUID}",
        f"/contacts/v4/contacts/{GUID}",
    ],
)
def test_calls_when_without_credentials_then_401(path: str) -> None:
    answer = a_site().call("GET", path, headers={})

    assert (answer.status_code, code(answer)) == (401, "UNAUTHENTICATED")


def test_automation_when_a_form_is_submitted_then_its_url_gets_all_keys_and_values() -> None:
    site, callback = a_site(), a_callback()
    form, other = site.a_form(), site.a_form()
    site.control(
        "POST",
        "automations",
        {
            "trigger": "form_submitted",
            "formId": form,
            "url": callback.url,
            "headers": {"x-secret": "s3cret"},
        },
    )

    submission = site.submit(form, {"email": "a@b.c", "amount": 3})
    site.submit(other, {"email": "x@b.c"})
    (body,) = callback.wait_for(1, quiet=0.1)

    about = {"formId": form, "submissionId": submission["id"], "submissionTime": NOW}
    assert httpx.Response(200, text=body).json() == {"email": "a@b.c", "amount": 3, **about}
    assert (callback.headers[0]["x-secret"], callback.headers[0]["content-type"]) == (
        "s3cret",
        "application/json",
    )


def test_automation_when_its_url_fails_then_it_is_called_once_more() -> None:
    site, callback = a_site(), a_callback(500, 500)
    site.control("POST", "automations", {"trigger": "form_submitted", "url": callback.url})

    site.submit(site.a_form(), {"email": "a@b.c"})
    callback.wait_for(2, quiet=1.2)
    wait_until(lambda: site.control("GET", "automations")["calls"][0]["attempts"] == 2)

    assert site.control("GET", "automations")["calls"][0]["status"] == 500


def test_trigger_when_its_url_is_called_then_the_json_is_kept() -> None:
    site = a_site()
    path = f"/_api/webhook-trigger/report/{site.info['siteId']}/hook-1"

    answer = site.call("POST", path, {"partner": "ACME"}, headers={})
    stranger = site.call("POST", f"/_api/webhook-trigger/report/{GUID}/hook-1", {}, headers={})

    assert (answer.status_code, stranger.status_code) == (200, 404)
    assert site.control("GET", "automations/received")["received"] == [
        {"at": NOW, "webhookId": "hook-1", "body": {"partner": "ACME"}}
    ]
    assert site.control("DELETE", "automations/received") == {"received": []}


def test_submissions_page_when_opened_then_it_shows_who_submitted_what() -> None:
    site = a_site()
    form, other = (
        site.a_form({"target": "email", "label": "E-mail"}, name="Apply"),
        site.a_form(name="Other"),
    )
    submission = site.submit(
        form, {"email": "<script>alert(1)</script>"}, memberId=a_member(site, id=GUID)
    )
    site.submit(other, {"email": "x@b.c"})

    everything, of_form = (
        site.http.get(f"{site.url}/submissions", params=params).text
        for params in ({}, {"form": form})
    )

    assert "2 submissions" in everything
    assert "1 submission," in of_form
    assert f'data-testid="row-{submission["id"]}"' in of_form
    assert all(
        part in of_form
        for part in (
            "Apply",
            "<dt>E-mail</dt>",
            "&lt;script&gt;alert(1)",
            GUID,
            "member",
            "confirmed",
        )
    )
    assert "<script>alert" not in of_form
