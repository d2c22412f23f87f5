"""Work beside one's own."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager


class OneAtATime(AbstractContextManager["OneAtATime"]):
    """A thread that does one thing after the other, in the order they are given to it."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "storing")
        self._under_way: Future[None] | None = None

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown()

    def begin(self, work: Callable[[], None]) -> None:
        """Begins `work` once what was begun before is done; raises what that raised instead."""
        self.wait()
        self._under_way = self._thread.submit(work)

    def follow(self, work: Callable[[], None]) -> None:
        """Lets `work` follow what is under way, if that succeeds, without waiting for it."""
        before = self._under_way

        def follow_up() -> None:
            if before is not None:
                before.result()
            work()

        self._under_way = self._thread.submit(follow_up)

    def wait(self) -> None:
        """Returns when nothing is under way; raises what it raised."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()
