"""Emulates Community Management Services on OpenText's published paths.

Companies, the partner directory, users, roles and entitlements. The paths are published
(github.com/opentext/BN-Trading-Grid); response bodies are not, except for a user's ``uniqueId``.
**Every other response member here is invented** and must be compared with a recording of the
real tenant before going live.

The lookup of a partner by trading address finds only the exact text, as OpenText's lookup may. A
client cannot rely on finding an address that it spells differently.

It is unknown whether a hub may read the users of its partners, and how OpenText paginates long
lists. ``POST /__emulator/users`` sets both. It also changes users: ``users`` replaces all users,
and their ids begin again; ``added`` adds users; ``removed`` deletes users by login id;
``statuses`` maps login ids to new statuses.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.trading_grid.auth import Auth
from emulators.trading_grid.problems import legacy_error
from emulators.trading_grid.store import Document, Store

BASE = "/TGCommunityServices/v1"
ROLES = ("Community Viewer", "Partner Admin", "Account Admin")

PAGINGS = ("none", "page", "offset")
"""Pagination of lists: none, or one of the two kinds of OpenText's Cartographer API."""

INTERNAL = ("companyId", "roles")
"""Members of a stored user that its JSON lacks: roles have a path of their own."""


class Directory:
    """The hub's partner directory and users.

    Partners are read from the emulator's records; users are stored here. ``partners_users`` is true
    if the hub may read the users of its partners. ``paging`` and ``page_size`` set the pagination
    of lists of users. ``vanished`` names users who are in a list, but get a 404 when their roles
    are read.
    """

    def __init__(self, store: Store, auth: Auth, company_id: str, company_name: str) -> None:
        self._store = store
        self._auth = auth
        self._company = {"companyId": company_id, "companyName": company_name}
        self._users: dict[str, Document] = {}
        self._last_number = 0
        self.partners_users = True
        self.paging = "none"
        self.page_size = 100
        self.vanished: set[str] = set()
        self.add_user(
            {
                "loginId": "edi.admin@northwind.example",
                "firstName": "Erin",
                "lastName": "Adams",
                "type": "Web",
            }
        )

    def add_user(self, fields: Document) -> Document:
        """Add a user, and return it.

        By default, the user belongs to the hub (``companyId``) and has the role Community Viewer.
        """
        self._last_number += 1
        identifier = f"GCP6U3F{self._last_number:06}"
        user = {
            "companyId": self._company["companyId"],
            "address": {},
            "contactInformation": {},
            "status": "Active",
            "roles": [ROLES[0]],
            **fields,
            "uniqueId": identifier,
            "userId": identifier,
        }
        self._users[identifier] = user
        return user

    def routes(self) -> list[Route]:
        company = f"{BASE}/companies/{{company}}"
        table: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
            ("GET", company, self._get_company),
            ("GET", f"{company}/partnerDirectory", self._list_partners),
            ("GET", f"{company}/users", self._list_users),
            ("POST", f"{company}/users", self._create_user),
            ("GET", f"{company}/users/{{user}}", self._get_user),
            ("PUT", f"{company}/users/{{user}}", self._put_user),
            ("DELETE", f"{company}/users/{{user}}", self._delete_user),
            ("GET", f"{company}/users/{{user}}/roles", self._get_roles),
            ("PUT", f"{company}/users/{{user}}/roles", self._put_roles),
            ("GET", f"{company}/entitlements", self._list_entitlements),
            ("GET", f"{BASE}/users/{{user}}/entitlements", self._list_entitlements),
        ]
        return [
            *(
                Route(path, self._require_token(work), methods=[method])
                for method, path, work in table
            ),
            Route("/__emulator/users", self._control_users, methods=["POST"]),
        ]

    def _require_token(
        self, work: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            if not self._auth.is_valid(request):
                return legacy_error(401, "The access token is missing or expired", "unauthorized")
            hub = self._company["companyId"]
            company = request.path_params.get("company", hub)
            if company != hub and not self._may_read(request, company):
                return legacy_error(403, "The company is not yours", "forbidden")
            return await work(request)

        return handle

    def _may_read(self, request: Request, company: str) -> bool:
        """Return True if the hub may make a request about another company, ``company``.

        The request must read the users of a partner, and the setting ``partners_users`` must be on.
        """
        of_users = request.url.path.startswith(f"{BASE}/companies/{company}/users")
        return (
            self.partners_users
            and request.method == "GET"
            and of_users
            and any(one["id"] == company for one in self._store.select("partners"))
        )

    async def _control_users(self, request: Request) -> Response:
        """Handle ``POST /__emulator/users``: change settings of the directory, and its users."""
        wish = await request.json()
        self.partners_users = bool(wish.get("partners", self.partners_users))
        self.paging = wish.get("paging", self.paging)
        if self.paging not in PAGINGS:
            return legacy_error(400, f"paging is one of {', '.join(PAGINGS)}", "bad_request")
        self.page_size = int(wish.get("pageSize", self.page_size))
        self.vanished = set(wish.get("vanished", self.vanished))
        if "users" in wish:
            self._users.clear()
            self._last_number = 0
        for fields in [*wish.get("users", ()), *wish.get("added", ())]:
            self.add_user(fields)
        self._change_users(set(wish.get("removed", ())), wish.get("statuses", {}))
        return JSONResponse({"users": len(self._users)})

    def _change_users(self, removed: set[str], statuses: dict[str, str]) -> None:
        for identifier, user in list(self._users.items()):
            if user["loginId"] in removed:
                del self._users[identifier]
            elif user["loginId"] in statuses:
                user["status"] = statuses[user["loginId"]]

    async def _get_company(self, _: Request) -> Response:
        return JSONResponse(self._company)

    async def _list_partners(self, request: Request) -> Response:
        wanted = request.query_params
        found = [
            _directory_entry(partner)
            for partner in self._store.select("partners")
            if not partner.get("deletedAt")
        ]
        if "partnerCompanyId" in wanted:
            found = [
                entry for entry in found if entry["partnerCompanyId"] == wanted["partnerCompanyId"]
            ]
        if "partnerCompanyName" in wanted:
            found = [
                entry
                for entry in found
                if entry["partnerCompanyName"] == wanted["partnerCompanyName"]
            ]
        if "tradingAddress" in wanted:
            found = [
                entry for entry in found if wanted["tradingAddress"] in entry["tradingAddresses"]
            ]
        return JSONResponse({"partners": found})

    async def _list_users(self, request: Request) -> Response:
        login, company = request.query_params.get("loginId"), request.path_params["company"]
        found = [
            _user_json(user)
            for user in self._users.values()
            if login in (None, user["loginId"]) and user["companyId"] == company
        ]
        return JSONResponse(self._part(found, request))

    def _part(self, found: list[Document], request: Request) -> Document:
        """Return one page of a list in the configured pagination. The request says which page."""
        if self.paging == "page":
            number = int(request.query_params.get("pageNo", "1"))
            size = int(request.query_params.get("pageSize", str(self.page_size)))
            start = (number - 1) * size
            total = -(-len(found) // size)
            page = {"page": number, "pageSize": size, "pageTotal": total, "totalCount": len(found)}
            return {"page": page, "response": found[start : start + size]}
        if self.paging == "offset":
            start = int(request.query_params.get("offset", "0"))
            count = int(request.query_params.get("count", str(self.page_size)))
            some = found[start : start + count]
            following = f"{request.url.path}?offset={start + count}&count={count}"
            more = {"next": following} if start + count < len(found) else {}
            return {
                "totalCount": len(found),
                "fetchedCount": len(some),
                "entries": some,
                "_links": {"self": request.url.path, **more},
            }
        return {"users": found}

    async def _create_user(self, request: Request) -> Response:
        fields = await request.json()
        if not isinstance(fields, dict) or not fields.get("loginId"):
            return legacy_error(400, "loginId is missing", "bad_request")
        if self._find_user(fields["loginId"]):
            return legacy_error(400, "The login id is taken", "bad_request")
        return JSONResponse(
            {
                "uniqueId": self.add_user(
                    {name: value for name, value in fields.items() if name != "loginPassword"}
                )["uniqueId"]
            },
            201,
        )

    async def _get_user(self, request: Request) -> Response:
        user = self._find_user(request.path_params["user"])
        return (
            JSONResponse(_user_json(user))
            if user
            else legacy_error(404, "There is no such user", "not_found")
        )

    async def _put_user(self, request: Request) -> Response:
        user, fields = self._find_user(request.path_params["user"]), await request.json()
        if not user or not isinstance(fields, dict):
            return legacy_error(404, "There is no such user", "not_found")
        user |= {
            name: value
            for name, value in fields.items()
            if name not in ("userId", "uniqueId", "roles", "loginPassword")
        }
        return JSONResponse(_user_json(user))

    async def _delete_user(self, request: Request) -> Response:
        user = self._find_user(request.path_params["user"])
        if not user:
            return legacy_error(404, "There is no such user", "not_found")
        del self._users[user["userId"]]
        return JSONResponse({})

    async def _get_roles(self, request: Request) -> Response:
        name = request.path_params["user"]
        user = None if name in self.vanished else self._find_user(name)
        return (
            JSONResponse({"roles": [{"roleName": role} for role in user["roles"]]})
            if user
            else legacy_error(404, "There is no such user", "not_found")
        )

    async def _put_roles(self, request: Request) -> Response:
        user, action, roles = (
            self._find_user(request.path_params["user"]),
            request.query_params.get("action"),
            await request.json(),
        )
        if not user:
            return legacy_error(404, "There is no such user", "not_found")
        if action not in ("Add", "Remove") or not isinstance(roles, list):
            return legacy_error(
                400, "action is Add or Remove, the body a list of roles", "bad_request"
            )
        names = {role["roleName"] for role in roles}
        user["roles"] = sorted(
            set(user["roles"]) | names if action == "Add" else set(user["roles"]) - names
        )
        return JSONResponse({"roles": [{"roleName": role} for role in user["roles"]]})

    async def _list_entitlements(self, _: Request) -> Response:
        return JSONResponse({"entitlements": [{"name": "Community Management"}, {"name": "Lens"}]})

    def _find_user(self, name: str) -> Document | None:
        return self._users.get(name) or next(
            (user for user in self._users.values() if user["loginId"] == name), None
        )


def _user_json(user: Document) -> Document:
    return {name: value for name, value in user.items() if name not in INTERNAL}


def _directory_entry(partner: Document) -> dict[str, Any]:
    addresses = [
        f"{address['qualifier']}:{address['id']}" for address in partner.get("tradingAddresses", [])
    ]
    known_by = {"tradingAddresses": addresses, "identifiers": partner.get("identifiers", [])}
    return {
        "partnerCompanyId": partner["id"],
        "partnerCompanyName": partner["name"],
        **known_by,
        "status": partner["status"],
    }
