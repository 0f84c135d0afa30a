"""The garbage collector in a world, and after it."""

import gc
import weakref

from soak.world import World


def test_a_world_leaves_old_objects_alone_and_gives_the_collector_back() -> None:
    usual = gc.get_threshold()
    with World("garbage"):
        assert gc.isenabled()
        assert gc.get_threshold()[2] > 100_000
    assert gc.get_threshold() == usual


def test_a_world_frees_the_former_one() -> None:
    with World("former") as former:
        gone = weakref.ref(former)
    del former

    with World("next"):
        assert gone() is None
