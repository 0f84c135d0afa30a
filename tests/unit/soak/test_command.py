"""The commands in processes of their own, as a terminal runs them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FOLDERS = (ROOT / "layers/common", ROOT / "gateway/layer", ROOT)


@contextmanager
def started(*command: str, hash_seed: str | None = None) -> Iterator["subprocess.Popen[str]"]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, FOLDERS))}
    environment.pop("PYTHONHASHSEED", None)
    if hash_seed is not None:
        environment["PYTHONHASHSEED"] = hash_seed
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_run_when_it_is_interrupted_then_it_says_so_in_one_line(
    number: signal.Signals, code: int
) -> None:
    with started("-m", "soak", "--short", "--seed", "1") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "seed 1: 200 partners, 3,000 events\n"

        os.kill(process.pid, number)
        _, said = process.communicate()

    assert (process.returncode, said.strip()) == (code, "stopped before the end: no verdict")


def test_warning_of_the_shared_library_is_not_printed_between_the_lines_of_a_run() -> None:
    log = "import logging, soak.hosting.telemetry; logging.getLogger('gridwix.x').warning('code')"

    with started("-c", log) as process:
        assert process.communicate() == ("", "")


def test_interrupt_when_it_comes_in_a_task_of_a_world_then_the_command_ends_all_the_same() -> None:
    # What is raised in a task ends the task, as an error does in an invocation.
    code = """
import os, signal
from soak.command import run_command
from soak.kernel.tasks import Scheduler

def main():
    scheduler = Scheduler(0.0)
    scheduler.spawn("task", lambda: os.kill(os.getpid(), signal.SIGINT))
    scheduler.run()
    print("the world goes on")
    return 0

run_command("soak", main)
"""
    with started("-c", code, hash_seed="0") as process:
        shown, said = process.communicate()

    assert (process.returncode, shown, said.strip()) == (
        130,
        "",
        "stopped before the end: no verdict",
    )


def test_interrupt_when_there_are_worker_processes_then_none_is_left_and_none_says_anything() -> (
    None
):
    code = """
import multiprocessing, signal
from concurrent.futures import wait
from soak.command import run_command
from soak.workers import ignored_interrupts, new_pool

def main():
    with new_pool(2) as pool:
        with ignored_interrupts():
            jobs = [pool.submit(signal.pause) for _ in range(5)]
        print(*(worker.pid for worker in multiprocessing.active_children()), flush=True)
        # A signal that comes just before a thread begins to wait does not wake it up.
        while not wait(jobs, timeout=0.1, return_when="FIRST_COMPLETED").done:
            pass
        return jobs[0].result()

run_command("soak", main)
"""
    with started("-c", code, hash_seed="0") as process:
        assert process.stdout is not None
        workers = [int(word) for word in process.stdout.readline().split()]

        # As a terminal does: to all processes, those that are just beginning among them.
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate()

    assert (process.returncode, said.strip()) == (130, "stopped before the end: no verdict")
    assert len(workers) == 2
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)
