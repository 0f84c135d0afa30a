"""The smallest hub, site and webhooks for the traffic of the soak test."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from random import Random
from typing import Any

from soak.inputs import Input
from soak.kernel.tasks import Scheduler
from soak.traffic.population import partner_number
from soak.traffic.ports import Document, Entrance, Hub, Keys, Outside, Site
from soak.traffic.scene import COMPANY, rfc3339
from soak.traffic.shape import Shape
from soak.traffic.workload import Workload

START = 1_773_306_000.0
SECRET = "whsec_" + "c29hayBzZWNyZXQgb2YgdGhlIHRlc3RzIQ=="


class MemoryHub(Hub):
    """Keeps records as dictionaries. Each change has one event."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.on_event: list[Callable[[Document], None]] = []
        self.spoils: Sequence[str] = ("missing", "type")
        self.spoilt: dict[str, str] = {}
        self.records: dict[str, Document] = {}
        self.comments: list[Document] = []
        self.versions: dict[str, list[tuple[Document, bytes]]] = {}
        self.transactions: dict[str, Document] = {}
        self._scheduler = scheduler
        self._events = 0

    def get(self, collection: str, identifier: str) -> Mapping[str, Any] | None:
        return self.records.get(f"{collection}/{identifier}")

    def put(self, collection: str, document: Document) -> Sequence[Mapping[str, Any]]:
        name = f"{collection}/{document['id']}"
        known = self.records.get(name)
        now = rfc3339(self._scheduler.now)
        if known is None:
            self.records[name] = {**document, "version": 1, "updatedAt": now}
        else:
            version = known["version"] + 1
            self.records[name] = {**known, **document, "version": version, "updatedAt": now}
        return [self._event(name)]

    def comment(
        self, collection: str, identifier: str, fields: Document
    ) -> tuple[str, Sequence[Mapping[str, Any]]]:
        self.comments.append({"record": f"{collection}/{identifier}", **fields})
        return f"cmt_{len(self.comments)}", self.put(collection, {"id": identifier})

    def publish_version(
        self, identifier: str, fields: Document, content: bytes
    ) -> Sequence[Mapping[str, Any]]:
        versions = self.versions.setdefault(identifier, [])
        versions.append((fields, content))
        changes = {"id": identifier, "status": "published", "currentVersion": len(versions)}
        return self.put("documents", changes)

    def put_transaction(self, entry: Document, shown_after: float = 0.0) -> None:
        known = self.transactions.get(entry["transactionid"], {})
        self.transactions[entry["transactionid"]] = {**known, **entry}

    def spoil(self, collection: str, identifier: str, how: str) -> None:
        self.spoilt[f"{collection}/{identifier}"] = how

    def mend(self, collection: str, identifier: str) -> None:
        del self.spoilt[f"{collection}/{identifier}"]

    def decide(self, approval_id: str, decision: str, comment: str) -> None:
        self.put("approvals", {"id": approval_id, "status": decision})

    def _event(self, name: str) -> Document:
        self._events += 1
        event: Document = {"id": f"evt_{self._events:08}", "type": "tg.updated", "subject": name}
        for listener in self.on_event:
            listener(event)
        return event


class MemorySite(Site):
    """Keeps rows and files. Its portal shows the hub's records at once."""

    def __init__(self, hub: MemoryHub) -> None:
        self._listeners: list[Callable[[str, str, Document], None]] = []
        self.rows: dict[str, Document] = {}
        self.contacts: dict[str, tuple[str, str, bool]] = {}
        self.removed: list[str] = []
        self.files: dict[str, tuple[str, bytes]] = {}
        self._hub = hub

    def listen(self, listener: Callable[[str, str, Document], None]) -> None:
        self._listeners.append(listener)

    def row(self, collection: str, identifier: str) -> Mapping[str, Any] | None:
        shown = {
            "OpenIssues": "cases",
            "OnboardingProgress": "enrollments",
            "PartnerDocuments": "documents",
        }
        if collection == "PartnerRequests":
            return {"answerable": True}
        return self._hub.get(shown[collection], identifier) if collection in shown else None

    def put_row(self, collection: str, row: Document) -> None:
        self.rows[f"{collection}/{row['_id']}"] = row

    def remove_row(self, collection: str, identifier: str) -> None:
        self.rows.pop(f"{collection}/{identifier}", None)

    def add_member(self, member_id: str, email: str, locale: str, reachable: bool) -> str:
        self.contacts[f"contact-{member_id}"] = (email, locale, reachable)
        return f"contact-{member_id}"

    def change_contact(self, contact_id: str, email: str, locale: str, reachable: bool) -> None:
        self.contacts[contact_id] = (email, locale, reachable)

    def remove_member(self, member_id: str) -> None:
        self.removed.append(member_id)

    def upload(self, name: str, media_type: str, label: str, content: bytes) -> str:
        file_id = f"file_{len(self.files) + 1}"
        self.files[file_id] = (label, content)
        for listener in self._listeners:
            event_type = "wix.media.site_media.v1.file_descriptor_file_ready"
            listener(event_type, file_id, {"file": {"id": file_id}})
        return file_id


class MemoryEntrance(Entrance):
    """Keeps requests, and answers each with what ``answer`` says, after some seconds."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.posts: list[tuple[float, str, Mapping[str, str], str]] = []
        self.answer: Callable[[str], int | None] = lambda _: 200
        self._scheduler = scheduler

    def post(
        self,
        path: str,
        headers: Mapping[str, str],
        body: str,
        patience: float,
        answered: Callable[[int | None], None],
    ) -> None:
        self.posts.append((self._scheduler.now, path, headers, body))
        status = self.answer(path)
        self._scheduler.after(patience if status is None else 0.1, lambda: answered(status))


class PlainKeys(Keys):
    """One secret for all; events of the site are not signed."""

    def hub_secrets(self) -> Sequence[str]:
        return (SECRET,)

    def site_secret(self) -> str:
        return SECRET

    def sign_event(self, event_type: str, data: Mapping[str, Any]) -> str:
        return f"{event_type} {data['entityId']}"


class Notes:
    """Keeps all inputs."""

    def __init__(self) -> None:
        self.inputs: list[Input] = []

    def accept(self, given: Input) -> None:
        self.inputs.append(given)


class MemoryWorld:
    """A workload among the smallest models."""

    def __init__(self, shape: Shape, seed: int = 1) -> None:
        self.scheduler = Scheduler(START)
        self.hub = MemoryHub(self.scheduler)
        self.site = MemorySite(self.hub)
        self.entrance = MemoryEntrance(self.scheduler)
        self.notes = Notes()
        self.workload = Workload(
            shape,
            self.scheduler,
            Random(seed),
            Outside(self.hub, self.site, self.entrance, PlainKeys()),
            self.notes,
        )
        self.scene = self.workload.scene

    def play(self) -> "MemoryWorld":
        """Set the world up and let everything happen."""
        self.workload.set_up()
        self.workload.begin()
        self.scheduler.run()
        return self

    def add_request(self, number: int, partner: str, status: str = "received") -> str:
        """Let a request of a partner arrive."""
        identifier = f"req_{number:06}"
        self.hub.put(
            "collaboration-requests",
            {
                "id": identifier,
                "companyId": COMPANY,
                "createdAt": rfc3339(START),
                "number": f"CR-{number}",
                "type": "support",
                "partnerId": partner,
                "submitter": {},
                "formKey": "partner-question",
                "formVersion": 1,
                "answers": {},
                "status": status,
                "sourceSubmissionId": sha256(identifier.encode()).hexdigest(),
            },
        )
        assert partner_number(partner) > 0
        self.scene.population.requests.append(identifier)
        return identifier
