"""The profile's contract: the feed of events, by the emulator and by the gateway."""

from tests.fakes.gateway.hubs import CHECK, ProfileClient


def test_feed_in_pages_gives_every_event_once(grid: ProfileClient) -> None:
    grid.hub.play_changes(50)
    seen, cursor, more = [], "", True
    while more:
        page = grid.client.get(
            "/events", params={"limit": 9, **({"cursor": cursor} if cursor else {})}
        ).json()
        seen += [event["id"] for event in page["items"]]
        cursor, more = page["nextCursor"], page["hasMore"]

    assert len(seen) == len(set(seen)) >= 50


def test_feed_when_the_cursor_is_older_than_two_weeks_answers_410(grid: ProfileClient) -> None:
    grid.transition(CHECK, "pending")
    cursor = grid.client.get("/events", params={"limit": 1}).json()["nextCursor"]
    grid.hub.play_changes(3)
    grid.hub.advance_clock(15 * 86_400)
    renewed = ProfileClient(grid.hub)

    assert (
        renewed.client.get("/events", params={"cursor": cursor}).json()["code"] == "cursor-expired"
    )
