"""One Wix site: checks credentials and quota, and routes each call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

import httpx

from soak.kernel.edges import Edges, Fault
from soak.wix.data import Collections, OnWrite
from soak.wix.library import Library, WixFile
from soak.wix.media import MediaCalls
from soak.wix.messages import Messages, SentMessage
from soak.wix.people import People
from soak.wix.refusals import InvalidRequest, WixRefusal, fail, json_response
from soak.wix.ring import RingEndpoint
from soak.wix.store import Row, StoredRows
from soak.wix.webhooks import SiteIdentity, Webhooks
from soak.wix.wire import (
    broken_off,
    is_consistent,
    or_refusal,
    read_arguments,
    short_path,
    streamed,
)

API_URL, MEDIA_URL, SITE_URL = "https://wix.soak", "https://media.soak", "https://portal.soak"
RING_URL = f"{SITE_URL}/_functions/gridwixRing"
EDGES = {"wix.soak": "wix", "media.soak": "media", "portal.soak": "ring"}

PORTAL = Path(__file__).parents[2] / "portal"
CALLS_PER_MINUTE = 200
MAX_BODY_BYTES = 5_000_000
TOKEN_SECONDS = 14_400

DATA, ITEMS, BULK = "/wix-data/", "/wix-data/v2/items", "/wix-data/v2/bulk/items"
FILES = "/site-media/v1/files"
CONTACTS = "/contacts/v4/contacts"
TRIGGER = "/_api/webhook-trigger/report/"

type Handler = Callable[[Row, Fault | None], Row | bytes]
type PathHandler = Callable[[Row, str, Fault | None], Row | bytes]

_NONE: frozenset[Fault] = frozenset()
_PARTIAL = frozenset({Fault.PARTIAL})
_STALE = frozenset({Fault.STALE})


@dataclass(frozen=True, slots=True)
class Route:
    """Route of one call: its handler, and the faults that it can have beyond those of each call."""

    handler: Handler
    own: frozenset[Fault] = _NONE


class Wix:
    """Model of a Wix site: its APIs for the functions, and the acts of its people and pages.

    Args:
        edges: The edges ``wix``, ``media`` and ``ring``.
        random: The seeded source of ids and of choices.
        calls_per_minute: The site's quota of calls of the REST API, in each minute of the clock.
    """

    def __init__(
        self, edges: Edges, random: Random, calls_per_minute: int = CALLS_PER_MINUTE
    ) -> None:
        self.calls_per_minute = calls_per_minute
        self.above_quota: list[float] = []
        """Times of the calls that were refused because the minute's quota was used up."""
        self.calls: list[float] = []
        """Times of the calls that arrived and count for the quota, refused ones included."""
        self.identity = SiteIdentity()
        self.api_keys = [f"IST.{random.getrandbits(128):032x}"]
        """The valid API keys of the site: two during a rotation."""
        self.app_secrets = [f"{random.getrandbits(128):032x}"]
        """The valid secrets of the site's app."""
        clock = self._now
        self.collections = Collections(PORTAL, random, clock)
        self.library = Library(edges.scheduler, random, MEDIA_URL)
        self.people = People(random, clock)
        self.messages = Messages(self.people, random, clock)
        self.webhooks = Webhooks(random, clock, self.identity)
        self.ring = RingEndpoint(random)
        self.mail_url = f"{API_URL}{TRIGGER}{self.identity.site_id}/{random.getrandbits(64):016x}"
        """URL that triggers the mail automation: ``emailUrl`` of its secret."""
        self._edges = edges
        self._random = random
        self._media = MediaCalls(self.library, random, clock)
        self._tokens: dict[str, float] = {}
        self._minute, self._used = 0, 0
        self._routes = self._all_routes()

    @property
    def files(self) -> Mapping[str, WixFile]:
        """The files of the media library by id, those in the trash included."""
        return self.library.files

    @property
    def sent(self) -> list[SentMessage]:
        """All mails and inbox messages that were sent."""
        return self.messages.sent

    @property
    def on_write(self) -> list[OnWrite]:
        """Listeners to each write of a row: collection, id, row before, row afterwards."""
        return self.collections.on_write

    @property
    def signing_secrets(self) -> list[str]:
        """Secrets with which the site's backend signs, and verifies rings."""
        return self.webhooks.signing_secrets

    def rows(self, collection: str) -> Mapping[str, Row]:
        """Return the current rows of a collection, with Wix's own fields."""
        return StoredRows(self.collections.store(collection))

    def signed_webhook(self, event_type: str, payload: Row, by: Row | None = None) -> bytes:
        """Return the body of a webhook. See :meth:`soak.wix.webhooks.Webhooks.signed_webhook`."""
        return self.webhooks.signed_webhook(event_type, payload, by)

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of the functions.

        Raises:
            httpx.TransportError: There is no response.
            Killed: The worker was killed.
        """
        # Pieces of the body may come from another call, which has an edge of its own.
        body = request.read()
        edge = EDGES[request.url.host]
        if edge == "wix":
            return self._respond_api(request, body)
        if edge == "ring":
            operation, own = "ring", _PARTIAL
            answer: Callable[[Fault | None], httpx.Response] = lambda fault: json_response(  # noqa: E731
                self.ring.answer(request.url.path, body, fault)
            )
        else:
            operation = f"{request.method} {short_path(request.url.path)}"
            own = _PARTIAL if request.method in ("PATCH", "GET") else _NONE
            answer = lambda fault: streamed(self._transfer(request, body, fault))  # noqa: E731
        return self._edges.cross(
            edge,
            operation,
            lambda fault: or_refusal(answer, fault),
            lambda fault: fail(fault, request, "RESOURCE_EXHAUSTED", self._random),
            own=own,
        )

    def _respond_api(self, request: httpx.Request, body: bytes) -> httpx.Response:
        path = request.url.path
        operation, route = self._find_route(request.method, path)
        data = path.startswith(DATA)
        code = "WDE0014" if data else "RESOURCE_EXHAUSTED"
        own = route.own
        if data and own is _STALE and is_consistent(request, body):
            own = _NONE

        def answer(fault: Fault | None) -> httpx.Response:
            if path != "/oauth2/token" and not path.startswith(TRIGGER):
                self._admit(request.headers, code)
            if len(body) > MAX_BODY_BYTES:
                raise WixRefusal("WDE0109", f"The body has more than {MAX_BODY_BYTES} bytes")
            return json_response(route.handler(read_arguments(request, body), fault))

        return self._edges.cross(
            "wix",
            operation,
            lambda fault: or_refusal(answer, fault),
            lambda fault: fail(fault, request, code, self._random),
            own=own,
        )

    def _admit(self, headers: httpx.Headers, code: str) -> None:
        """Check the credentials and take one call from the quota. Raises WixRefusal."""
        now = self._now()
        credential = headers.get("authorization", "")
        if credential in self.api_keys:
            if headers.get("wix-site-id") != self.identity.site_id:
                raise WixRefusal("PERMISSION_DENIED", "wix-site-id is missing, or is no site")
        elif self._tokens.get(credential, 0.0) <= now:
            raise WixRefusal("UNAUTHENTICATED", "The credentials are not valid, or expired")
        minute = int(now // 60)
        if minute != self._minute:
            self._minute, self._used = minute, 0
        self.calls.append(now)
        if self._used >= self.calls_per_minute:
            self.above_quota.append(now)
            raise WixRefusal(code, "The quota of calls per minute is exceeded")
        self._used += 1

    def _transfer(self, request: httpx.Request, body: bytes, fault: Fault | None) -> httpx.Response:
        """Answer an upload or a download; with the fault PARTIAL, the connection breaks after half
        of it.
        """
        if fault is Fault.PARTIAL and request.method == "PATCH":
            self._media.transfer(request, body[: len(body) // 2])
            raise httpx.ReadError("the connection broke", request=request)
        response = self._media.transfer(request, body)
        if fault is Fault.PARTIAL and response.status_code == 200:
            return broken_off(response, request)
        return response

    def _find_route(self, method: str, path: str) -> tuple[str, Route]:
        """Return the name of a call for the counts, and its route. Raises an error if no client
        makes this call.
        """
        route = self._routes.get((method, path))
        if route is not None:
            return f"{method} {path}", route
        if path.startswith(TRIGGER):
            return "mail", Route(lambda arguments, _: self.messages.call_mail_automation(arguments))
        parent, _, last = path.rpartition("/")
        handlers: Mapping[tuple[str, str], tuple[PathHandler, frozenset[Fault]]] = {
            ("GET", ITEMS): (self._get_item, _STALE),
            ("PATCH", ITEMS): (self._patch_item, _NONE),
            ("DELETE", ITEMS): (self._remove_item, _NONE),
            ("GET", CONTACTS): (lambda _, one, __: self.people.get_contact(one), _NONE),
        }
        found = handlers.get((method, parent))
        if found is None:
            raise AssertionError(f"the model has no {method} {path}")
        handler, own = found
        return f"{method} {parent}/", Route(lambda a, f: handler(a, last, f), own)

    def _get_item(self, arguments: Row, identifier: str, fault: Fault | None) -> bytes:
        return self.collections.get(arguments, identifier, fault)

    def _patch_item(self, arguments: Row, identifier: str, _: Fault | None) -> bytes:
        return self.collections.write_one("patch", arguments, identifier)

    def _remove_item(self, arguments: Row, identifier: str, _: Fault | None) -> bytes:
        return self.collections.write_one("remove", arguments, identifier)

    def _all_routes(self) -> Mapping[tuple[str, str], Route]:
        data, media, people = self.collections, self._media, self.people

        def write(verb: str) -> Route:
            return Route(lambda arguments, _: data.write_one(verb, arguments))

        def bulk(verb: str) -> Route:
            return Route(lambda arguments, fault: data.write_many(verb, arguments, fault), _PARTIAL)

        def plain(handler: Callable[[Row], Row]) -> Route:
            return Route(lambda arguments, _: handler(arguments))

        return {
            ("POST", ITEMS): write("insert"),
            ("POST", f"{ITEMS}/save"): write("save"),
            ("POST", f"{ITEMS}/query"): Route(data.query, _STALE),
            ("POST", f"{ITEMS}/count"): Route(data.count, _STALE),
            **{
                ("POST", f"{BULK}/{verb}"): bulk(verb)
                for verb in ("save", "insert", "patch", "remove")
            },
            ("POST", f"{FILES}/generate-upload-url"): plain(media.create_upload_url),
            ("POST", f"{FILES}/generate-resumable-upload-url"): plain(media.create_resumable_url),
            ("GET", f"{FILES}/get-file-by-id"): plain(media.get_file),
            ("POST", f"{FILES}/get-files"): plain(media.get_files),
            ("GET", FILES): plain(media.list_files),
            ("GET", "/site-media/v1/folders"): plain(media.list_folders),
            ("POST", "/site-media/v1/bulk/files/delete"): plain(media.delete_files),
            ("POST", f"{FILES}/generate-file-download-url"): plain(media.create_download_url),
            ("POST", "/members/v1/members/query"): plain(people.query_members),
            ("POST", f"{CONTACTS}/query"): Route(people.query_contacts, _STALE),
            ("POST", "/inbox/v2/conversations"): plain(self.messages.open_conversation),
            ("POST", "/inbox/v2/messages"): plain(self.messages.send_inbox_message),
            ("POST", "/oauth2/token"): plain(self._create_token),
        }

    def _create_token(self, arguments: Row) -> Row:
        if arguments.get("grant_type") != "client_credentials":
            raise InvalidRequest("grant_type", "must be client_credentials")
        who = self.identity
        if (
            arguments.get("client_id") != who.app_id
            or arguments.get("client_secret") not in self.app_secrets
            or arguments.get("instance_id") != who.instance_id
        ):
            raise WixRefusal("UNAUTHENTICATED", "The app, its secret or its instance is not known")
        token = f"OauthNG.JWS.{self._random.getrandbits(192):048x}"
        self._tokens[token] = self._now() + TOKEN_SECONDS
        return {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS}

    def _now(self) -> float:
        return self._edges.scheduler.now
