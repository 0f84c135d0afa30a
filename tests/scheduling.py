"""Order in which the tests are handed to the workers of pytest-xdist."""

from xdist.scheduler.loadgroup import LoadGroupScheduling


class FileScheduling(LoadGroupScheduling):  # type: ignore[misc]  # pytest-xdist has no types.
    """Keeps the tests of a file on one worker, and those of an ``xdist_group`` whatever their file.

    Otherwise each worker would set up what the tests of a file share: its fixtures of the module,
    and what the product caches.
    """

    def _split_scope(self, nodeid: str) -> str:
        scope: str = super()._split_scope(nodeid)
        return scope if scope != nodeid else nodeid.partition("::")[0]
