"""Web pages of the emulator, on which a person looks at the hub's records and acts as the hub.

A person can resolve a compliance check, move a step, open a case, comment, and publish a notice.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from emulators.common.pages import Pages
from emulators.trading_grid.community import CASE_CATEGORIES
from emulators.trading_grid.notices import KIND, MACHINES, Notices
from emulators.trading_grid.problems import TITLES, Problem
from emulators.trading_grid.profile import check_schema
from emulators.trading_grid.state_machines import TRANSITIONS
from emulators.trading_grid.tenant import Tenant

PAGE_SIZE = 30
REGIONS = ("EU", "NA", "EMEA", "APAC", "LATAM")
GOOD = frozenset({"passed", "completed", "active", "closed", "delivered", "waived"})
BAD = frozenset({"failed", "expired", "terminated", "suspended", "rejected", "dropped"})
WAIT = frozenset(
    {
        "pending",
        "awaiting_partner",
        "changes_requested",
        "submitted",
        "onboarding",
        "new",
        "in_progress",
        "available",
        "waiting_on_partner",
        "triaged",
    }
)

type Handler = Callable[[Request], Awaitable[Response]]


def status_tone(status: str) -> str:
    """Return the CSS color class for a status."""
    tones = {"good": GOOD, "bad": BAD, "wait": WAIT}
    return next((tone for tone, statuses in tones.items() if status in statuses), "")


def routes(tenant: Tenant) -> list[Route]:
    """Return the routes of the web pages, and of their forms under ``/ui``."""
    page = CommunityPages(tenant)
    forms: list[tuple[str, Handler]] = [
        ("/ui/{kind}/{id}/transition", page.move_status),
        ("/ui/enrollments/{id}/steps/{key}", page.move_step),
        ("/ui/partners/{id}/cases", page.open_case),
        ("/ui/cases/{id}/comments", page.add_comment),
        ("/ui/collaboration-requests/{id}/comments", page.add_request_comment),
        ("/ui/notices", page.publish_notice),
        ("/ui/notices/{id}", page.update_notice),
    ]
    return [
        Route("/", page.list_partners),
        Route("/partners/{id}", page.show_partner),
        Route("/requests", page.list_unmatched_requests),
        Route("/notices", page.list_notices),
        Route("/events", page.list_events),
        Route("/webhooks", page.list_webhooks),
        *(Route(path, page.show_problems(work), methods=["POST"]) for path, work in forms),
    ]


class CommunityPages:
    """The web pages of the hub's records: one method for each page and each form."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._community = tenant.community
        self._notices = Notices(tenant.community)
        self._pages = Pages(
            Path(__file__).parent / "templates",
            system="Trading Grid emulator",
            note="community gateway profile (not an OpenText API)",
            accent="#0b7285",
            transitions=TRANSITIONS,
            categories=CASE_CATEGORIES,
        )
        self._pages.add_filters(tone=status_tone, words=lambda text: str(text).replace("_", " "))

    def show_problems(self, work: Handler) -> Handler:
        """Wrap the handler of a form: show an error of the emulator (Problem) as a web page."""

        async def handle(request: Request) -> Response:
            try:
                return await work(request)
            except Problem as problem:
                return self._pages.render(
                    "problem.html",
                    status=TITLES[problem.code][0],
                    problem=problem,
                    back=request.headers.get("referer", "/"),
                )

        return handle

    async def list_partners(self, request: Request) -> Response:
        search, page = request.query_params.get("q", ""), request.query_params.get("page", "0")
        found = sorted(
            self._tenant.store.select("partners"), key=lambda partner: str(partner["name"])
        )
        found = [
            partner
            for partner in found
            if search.casefold() in f"{partner['name']} {partner['id']}".casefold()
        ]
        start = int(page) * PAGE_SIZE if page.isascii() and page.isdigit() else 0
        shown = found[start : start + PAGE_SIZE]
        checks = self._tenant.store.select(
            "compliance-checks", partner_ids=tuple(partner["id"] for partner in shown) or ("",)
        )
        failed = [check["partnerId"] for check in checks if check["status"] == "failed"]
        rows = [{**partner, "failed": failed.count(partner["id"])} for partner in shown]
        return self._pages.render(
            "partners.html",
            partners=rows,
            total=len(found),
            pages=-(-len(found) // PAGE_SIZE),
            search=search,
        )

    async def show_partner(self, request: Request) -> Response:
        try:
            partner = self._community.get("partners", request.path_params["id"])
        except Problem as problem:
            return self._pages.render("problem.html", status=404, problem=problem, back="/")
        only = (partner["id"],)
        cases = self._tenant.store.select("cases", partner_ids=only)
        return self._pages.render(
            "partner.html",
            partner=partner,
            enrollments=self._tenant.store.select("enrollments", partner_ids=only),
            checks=sorted(
                self._tenant.store.select("compliance-checks", partner_ids=only),
                key=lambda check: str(check["id"]),
            ),
            cases=[{**case, "comments": self._community.comments(case["id"])} for case in cases],
            requests=[
                self._with_comments(request)
                for request in self._tenant.store.select("collaboration-requests", partner_ids=only)
            ],
        )

    async def list_unmatched_requests(self, _: Request) -> Response:
        """Show the collaboration requests that have no partner yet."""
        found = [
            request
            for request in self._tenant.store.select("collaboration-requests")
            if not request.get("partnerId")
        ]
        return self._pages.render(
            "requests.html", requests=[self._with_comments(request) for request in found]
        )

    def _with_comments(self, request: dict[str, Any]) -> dict[str, Any]:
        takes = self._community.requests_take_comments
        return {
            **request,
            "comments": self._community.request_comments(request["id"]) if takes else [],
        }

    async def list_notices(self, _: Request) -> Response:
        found = self._tenant.store.select(KIND)
        machines = {kind: TRANSITIONS[machine] for kind, machine in MACHINES.items()}
        return self._pages.render(
            "notices.html",
            notices=found[::-1],
            machines=machines,
            kinds=list(MACHINES),
            regions=REGIONS,
        )

    async def publish_notice(self, request: Request) -> Response:
        form = await request.form()
        region = form.get("region")
        audience = {"regions": [region]} if region in REGIONS else {"all": True}
        wish = {
            "kind": form.get("kind"),
            "title": form.get("title"),
            "impact": form.get("impact"),
            "audience": audience,
            "bodyHtml": form.get("body"),
        }
        notice = self._notices.publish_notice(wish)
        return RedirectResponse(f"/notices#{notice['id']}", 303)

    async def update_notice(self, request: Request) -> Response:
        form, identifier = await request.form(), request.path_params["id"]
        self._notices.update_notice(
            identifier, str(form.get("to") or "") or None, str(form.get("body") or "") or None, {}
        )
        return RedirectResponse(f"/notices#{identifier}", 303)

    async def list_events(self, _: Request) -> Response:
        last = self._tenant.store.last_event()
        return self._pages.render(
            "events.html",
            events=[event for _, event in self._tenant.store.events(max(0, last - 100), 100)][::-1],
            total=last,
        )

    async def list_webhooks(self, _: Request) -> Response:
        endpoints: list[dict[str, Any]] = [
            {**endpoint, "deliveries": self._tenant.webhooks.deliveries(endpoint["id"], 50)}
            for endpoint in self._tenant.webhooks.list_endpoints()
        ]
        return self._pages.render("webhooks.html", endpoints=endpoints)

    async def move_status(self, request: Request) -> Response:
        kind, identifier = request.path_params["kind"], request.path_params["id"]
        if kind not in TRANSITIONS or kind == "steps":
            raise Problem("not-found", f"{kind} have no transitions.")
        form = await request.form()
        changed = self._community.transition(
            kind, identifier, {"to": form.get("to"), "reason": form.get("reason")}
        )
        return _redirect_to_record(
            changed["id"] if kind == "partners" else changed.get("partnerId"), identifier
        )

    async def move_step(self, request: Request) -> Response:
        form, identifier = await request.form(), request.path_params["id"]
        self._community.move_step(
            identifier,
            request.path_params["key"],
            {"to": form.get("to"), "reason": form.get("reason")},
        )
        return _redirect_to_record(
            self._community.get("enrollments", identifier)["partnerId"], identifier
        )

    async def open_case(self, request: Request) -> Response:
        form, identifier = await request.form(), request.path_params["id"]
        wish = {
            "partnerId": identifier,
            "subject": form.get("subject"),
            "category": form.get("category"),
        }
        check_schema("NewCase", wish)
        case = self._community.create_case(wish)
        return _redirect_to_record(identifier, case["id"])

    async def add_comment(self, request: Request) -> Response:
        form, identifier = await request.form(), request.path_params["id"]
        wish = {"body": form.get("body"), "visibility": form.get("visibility", "public")}
        check_schema("NewComment", wish)
        self._community.add_comment(identifier, wish)
        return _redirect_to_record(
            self._community.get("cases", identifier)["partnerId"], identifier
        )

    async def add_request_comment(self, request: Request) -> Response:
        form, identifier = await request.form(), request.path_params["id"]
        wish = {"body": form.get("body"), "visibility": form.get("visibility", "public")}
        check_schema("NewComment", wish)
        self._community.add_request_comment(identifier, wish)
        return _redirect_to_record(
            self._community.get("collaboration-requests", identifier).get("partnerId"), identifier
        )


def _redirect_to_record(partner_id: str | None, anchor: str) -> Response:
    """Return a redirect to the record with id ``anchor``, on the web page of its partner.

    If ``partner_id`` is None, the redirect leads to the page of requests without a partner.
    """
    return RedirectResponse(
        f"/partners/{partner_id}#{anchor}" if partner_id else f"/requests#{anchor}", 303
    )
