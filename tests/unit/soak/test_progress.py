from soak.progress import EVERY, ProgressLines


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_progress_when_only_numbers_change_then_there_is_a_line_every_ten_seconds() -> None:
    clock, shown = Clock(), list[str]()
    lines = ProgressLines(clock, shown.append)

    for number in range(40):
        clock.now += 1
        lines(f"{1000 * number:,} events")

    assert len(shown) == 40 // EVERY
    assert [line.rpartition(": ")[2] for line in shown[:2]] == ["0 events", "10,000 events"]


def test_progress_when_only_what_follows_a_colon_changes_then_it_is_one_kind() -> None:
    clock, shown = Clock(), list[str]()
    lines = ProgressLines(clock, shown.append)

    for text in ("settling: 3 for a", "settling: 2 for b", "settling: 1 for a"):
        lines(text)

    assert [line.partition(": ")[2] for line in shown] == ["settling: 3 for a"]


def test_progress_when_something_else_begins_then_it_is_said_at_once() -> None:
    clock, shown = Clock(), list[str]()
    lines = ProgressLines(clock, shown.append)

    for text in ("the traffic begins", "1 events", "2 events", "the traffic has ended"):
        lines(text)

    assert [line.rpartition(": ")[2] for line in shown] == [
        "the traffic begins",
        "1 events",
        "the traffic has ended",
    ]


def test_progress_line_names_each_of_its_figures() -> None:
    clock, shown = Clock(), list[str]()
    lines = ProgressLines(clock, shown.append)
    lines.share = lambda: 0.344
    clock.now += 1_234

    lines("7 events")
    lines.share = lambda: 1.02
    lines("it settles")

    wall, processor, memory = shown[0].split(", ")[:3]
    assert wall.strip() == "1,234 s"
    assert processor.endswith("s of processor time")
    assert memory.endswith("MB at most")
    assert float(memory.split()[0].replace(",", "")) > 1
    assert shown[0].endswith(",  34% done: 7 events")
    assert shown[1].endswith(", 100% done: it settles")
