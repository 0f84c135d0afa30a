"""Adapters that connect the traffic's ports with the models."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from soak.kernel.tasks import Scheduler
from soak.traffic.ports import Document, Entrance, Hub, Keys, Outside, Site

if TYPE_CHECKING:
    from soak.hosting.functions import Functions
    from soak.trading_grid.grid import TradingGrid
    from soak.wix.site import Wix


class GridHub(Hub):
    """The traffic's port ``Hub`` over Trading Grid's model.

    Args:
        grid: The model.
        spoils: The ways to spoil a record.
    """

    def __init__(self, grid: "TradingGrid", spoils: Sequence[str]) -> None:
        self._grid = grid
        self.spoils = spoils
        self.on_event = grid.on_event

    def get(self, collection: str, identifier: str) -> Mapping[str, Any] | None:
        if not self._grid.version(collection, identifier):
            return None
        return self._grid.get(collection, identifier)

    def put(self, collection: str, document: Document) -> Sequence[Mapping[str, Any]]:
        return self._grid.put(collection, document)

    def comment(
        self, collection: str, identifier: str, fields: Document
    ) -> tuple[str, Sequence[Mapping[str, Any]]]:
        comment, events = self._grid.comment(
            identifier, fields["body"], collection=collection, visibility=fields["visibility"]
        )
        return comment["id"], events

    def publish_version(
        self, identifier: str, fields: Document, content: bytes
    ) -> Sequence[Mapping[str, Any]]:
        return self._grid.publish_version(
            identifier, fields["fileName"], content, media_type=fields["mediaType"]
        )[1]

    def put_transaction(self, entry: Document, shown_after: float = 0.0) -> None:
        self._grid.put_transaction(entry, shown_after=shown_after)

    def spoil(self, collection: str, identifier: str, how: str) -> None:
        self._grid.spoil(collection, identifier, how)

    def mend(self, collection: str, identifier: str) -> None:
        self._grid.mend(collection, identifier)

    def decide(self, approval_id: str, decision: str, comment: str) -> None:
        self._grid.decide_approval(approval_id, decision, comment)


class WixSite(Site):
    """The traffic's port ``Site`` over the site's model.

    Args:
        wix: The model.
        file_wish: Makes a ``FileWish`` of the model's library.
    """

    def __init__(self, wix: "Wix", file_wish: Callable[..., Any]) -> None:
        self._wix = wix
        self._file_wish = file_wish

    def listen(self, listener: Callable[[str, str, Document], None]) -> None:
        self._wix.library.on_event.append(listener)

    def row(self, collection: str, identifier: str) -> Mapping[str, Any] | None:
        return self._wix.rows(collection).get(identifier)

    def put_row(self, collection: str, row: Document) -> None:
        self._wix.collections.put(collection, row["_id"], row)

    def remove_row(self, collection: str, identifier: str) -> None:
        self._wix.collections.remove(collection, identifier)

    def add_member(self, member_id: str, email: str, locale: str, reachable: bool) -> str:
        member = self._wix.people.add_member(
            email, member_id=member_id, locale=locale, deliverability=_deliverability(reachable)
        )
        return str(member["contactId"])

    def change_contact(self, contact_id: str, email: str, locale: str, reachable: bool) -> None:
        self._wix.people.change_contact(
            contact_id, email=email, locale=locale, deliverability=_deliverability(reachable)
        )

    def remove_member(self, member_id: str) -> None:
        self._wix.people.remove_member(member_id)

    def upload(self, name: str, media_type: str, label: str, content: bytes) -> str:
        wish = self._file_wish(
            name=name, mime=media_type, private=True, labels=[label], path="/gridwix-uploads"
        )
        return str(self._wix.library.add(wish, content).id)


class StackEntrance(Entrance):
    """The traffic's port ``Entrance``: posts to the functions' webhooks. A sender with an expired
    patience gets no answer.

    Args:
        functions: The functions.
        scheduler: Virtual time.
    """

    def __init__(self, functions: "Functions", scheduler: Scheduler) -> None:
        self._functions = functions
        self._scheduler = scheduler

    def post(
        self,
        path: str,
        headers: Mapping[str, str],
        body: str,
        patience: float,
        answered: Callable[[int | None], None],
    ) -> None:
        open_requests = [answered]

        def finish(status: int | None) -> None:
            if open_requests:
                open_requests.pop()(status)

        _, _, of = path.partition("/webhooks/")
        function = "trading_grid_webhook" if of == "trading-grid" else "wix_webhook"
        form = of.removeprefix("wix/forms/") if of.startswith("wix/forms/") else None
        self._scheduler.after(patience, lambda: finish(None))
        self._functions.post_webhook(
            function,
            headers,
            body.encode(),
            lambda response: finish(int(response["statusCode"])),
            form=form,
        )


class ModelKeys(Keys):
    """The traffic's port ``Keys``: the models' current secrets.

    Args:
        wix: The site's model.
        hub_secrets: Returns the secrets of Trading Grid's webhook endpoint.
    """

    def __init__(self, wix: "Wix", hub_secrets: Callable[[], Sequence[str]]) -> None:
        self._wix = wix
        self._hub_secrets = hub_secrets

    def hub_secrets(self) -> Sequence[str]:
        return self._hub_secrets()

    def site_secret(self) -> str:
        return self._wix.signing_secrets[0]

    def sign_event(self, event_type: str, data: Mapping[str, Any]) -> str:
        return self._wix.signed_webhook(event_type, dict(data)).decode()


def outside_of(
    grid: "TradingGrid",
    wix: "Wix",
    functions: "Functions",
    scheduler: Scheduler,
    hub_secrets: Callable[[], Sequence[str]],
) -> Outside:
    """Return the models of a world as the ports of the traffic.

    Args:
        grid: Trading Grid.
        wix: The site.
        functions: The functions.
        scheduler: Virtual time.
        hub_secrets: Returns the secrets with which Trading Grid signs webhooks.
    """
    from soak.trading_grid.spoiling import SPOILS
    from soak.wix.library import FileWish

    return Outside(
        GridHub(grid, tuple(SPOILS)),
        WixSite(wix, FileWish),
        StackEntrance(functions, scheduler),
        ModelKeys(wix, hub_secrets),
    )


def _deliverability(reachable: bool) -> str:
    return "VALID" if reachable else "BOUNCED"
