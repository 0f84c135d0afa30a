"""What stands around the functions in the soak test: telemetry, transports, determinism."""

import concurrent.futures
import random
import re
import secrets
import threading
import uuid
from inspect import signature
from pathlib import Path

import httpx
import pytest

from gridwix.clients.files import FileClient
from gridwix.clients.http import Sender, new_client
from gridwix.concurrency import map_in_order
from gridwix.errors import FileRefused
from soak.hosting.determinism import SerialExecutor, make_deterministic, stop_determinism
from soak.hosting.telemetry import Logger, Metrics, Telemetry
from soak.hosting.transport import GuardedTransport, ModelTransport
from soak.kernel.tasks import Killed, Scheduler
from soak.kernel.virtual_time import use_scheduler


def test_product_takes_the_time_from_the_scheduler() -> None:
    clock = signature(Sender).parameters["clock"].default
    sleep = signature(Sender).parameters["sleep"].default
    scheduler = Scheduler(100.0)
    use_scheduler(scheduler)
    seen: list[float] = []

    def job() -> None:
        sleep(50)
        seen.append(clock())

    task = scheduler.spawn("job", job)
    scheduler.after(20, lambda: setattr(task, "skew", 3.0))
    scheduler.run()

    assert seen == [153.0]


def numbers() -> tuple[object, ...]:
    return random.random(), uuid.uuid4(), secrets.token_hex(4), random.SystemRandom().random()


def test_random_numbers_when_the_seed_is_equal_are_equal() -> None:
    make_deterministic("1")
    first = numbers()
    make_deterministic("1")
    again = numbers()
    make_deterministic("2")
    other = numbers()
    stop_determinism()
    own = numbers()

    assert first == again
    assert not {*first} & {*other}
    assert not {*first} & {*own}


@pytest.mark.threads
def test_threads_when_all_is_deterministic_are_none() -> None:
    make_deterministic("1")
    threads = list(map_in_order(lambda _: threading.current_thread(), range(5), workers=3))
    stop_determinism()

    assert set(threads) == {threading.main_thread()}
    assert concurrent.futures.ThreadPoolExecutor.__name__ == "ThreadPoolExecutor"


def test_product_takes_threads_from_modules_that_are_known() -> None:
    root = Path("layers/common/gridwix")
    users = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if re.search(r"\b(ThreadPoolExecutor|Thread\()", path.read_text())
    }

    assert users == {"concurrency.py", "document_sync/service.py", "form_intake/delivery.py"}


def test_job_when_it_raises_has_the_error_in_its_future_unless_the_task_is_killed() -> None:
    def end(error: BaseException) -> None:
        raise error

    future = SerialExecutor().submit(end, ValueError("broken"))

    with pytest.raises(ValueError, match="broken"):
        future.result()
    with pytest.raises(Killed):
        SerialExecutor().submit(end, Killed())
    with SerialExecutor(3) as threads:
        assert list(threads.map(max, [1, 5], [4, 2])) == [4, 5]


def test_metrics_when_the_invocation_was_killed_are_lost() -> None:
    telemetry = Telemetry(lambda: 1.0)
    metrics = Metrics("function", lambda: telemetry)
    observed: list[object] = []
    telemetry.observers.append(lambda function, values: observed.append((function, dict(values))))

    def handler(event: dict[str, str], context: object) -> str:
        metrics.add_metric(name="Rows", unit=None, value=2)
        metrics.add_metric(name="Rows", unit=None, value=1)
        if event:
            raise {"killed": Killed, "error": ValueError}[event["end"]]
        return "done"

    measured = metrics.log_metrics(handler)
    with pytest.raises(Killed):
        measured({"end": "killed"}, None)
    assert measured({}, None) == "done"
    with pytest.raises(ValueError, match=""):
        measured({"end": "error"}, None)

    assert observed == [("function", {"Rows": 3})] * 2
    assert telemetry.sums == {("function", "Rows", ""): 6}


def test_metric_with_a_reason_counts_apart_and_one_of_all_functions_too() -> None:
    telemetry = Telemetry(lambda: 1.0)
    metrics = Metrics("function", lambda: telemetry)

    own, every = {"service": "function"}, {"service": "gridwix"}
    with metrics.single_metric(name="Lost", unit=0, value=2, default_dimensions=own) as metric:
        metric.add_dimension(name="reason", value="gone")
    with metrics.single_metric(name="Lost", unit=0, value=3, default_dimensions=every):
        pass

    assert telemetry.sums == {("function", "Lost", "gone"): 2}
    assert telemetry.alarms == {"Lost": 3}


def test_log_line_when_it_would_overwrite_a_member_raises_as_the_library_does() -> None:
    telemetry = Telemetry(lambda: 1.0)
    logger = Logger("function", lambda: telemetry)
    logger.append_keys(correlation_id="c")

    logger.warning("late", extra={"seconds": 3})
    logger.info("done")

    assert telemetry.lines[0].members == {"correlation_id": "c", "seconds": 3}
    assert telemetry.logged["function", "info", "done"] == 1
    with pytest.raises(KeyError):
        logger.error("broken", extra={"name": "n"})


def test_request_goes_to_the_model_of_its_host_and_no_other() -> None:
    transport = ModelTransport({"one.soak": lambda request: httpx.Response(200, text="1")})
    client = new_client(transport=transport)

    assert client.get("https://one.soak/path").text == "1"
    with pytest.raises(httpx.ConnectError):
        client.get("https://other.soak/path")


def test_file_is_streamed_in_both_directions_and_fetched_from_known_hosts_alone() -> None:
    got: list[bytes] = []

    def respond(request: httpx.Request) -> httpx.Response:
        got.append(request.content)
        return httpx.Response(200, content=b"content")

    files = FileClient(guarded=GuardedTransport({"media.soak": respond}))

    with files.stream("https://media.soak/file") as pieces:
        assert b"".join(pieces) == b"content"
    assert files.put("https://media.soak/file", [b"ab", b"c"], 3, "text/plain") == b"content"
    assert got == [b"", b"abc"]
    for url in ("https://10.0.0.1/file", "http://media.soak/file", "https://media.soak:8443/f"):
        with pytest.raises(FileRefused):
            files.put(url, [b"a"], 1, "text/plain")
