"""Work beside one's own: in order, and nothing after a failure."""

import threading

import pytest

from jobs.threads import OneAtATime


def test_work_is_done_in_order_while_the_caller_goes_on() -> None:
    done: list[str] = []
    may_go_on = threading.Event()

    def first() -> None:
        assert may_go_on.wait(10)
        done.append("first")

    with OneAtATime() as thread:
        thread.begin(first)
        thread.follow(lambda: done.append("second"))
        assert done == []
        may_go_on.set()
        thread.begin(lambda: done.append("third"))
        assert done[:2] == ["first", "second"]
        thread.wait()
    assert done == ["first", "second", "third"]


def test_nothing_follows_what_failed_and_the_caller_hears_of_it() -> None:
    done: list[str] = []

    def fail() -> None:
        raise ValueError("the server is away")

    with OneAtATime() as thread:
        thread.begin(fail)
        thread.follow(lambda: done.append("second"))
        with pytest.raises(ValueError, match="the server is away"):
            thread.begin(lambda: done.append("third"))
    assert done == []
