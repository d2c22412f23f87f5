"""The data directory: one instance at a time, found by the other commands, freed by any end."""

import os
import signal
import stat
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path

import psutil
import pytest

from tideline.errors import TidelineError
from tideline.instance import DataDirectory, Instance, ProcessId
from tideline.leftovers import end_leftovers

HOLD = (
    "import sys, time; from pathlib import Path; from tideline.instance import DataDirectory\n"
    "with DataDirectory(Path(sys.argv[1])).locked():\n"
    "    print('held', flush=True); time.sleep(60)"
)
LEFTOVER = (
    "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c',"
    " 'import time; time.sleep(60)']); print(child.pid, flush=True); time.sleep(60)"
)


def instance(supervisor: ProcessId, **processes: ProcessId) -> Instance:
    return Instance(
        supervisor=supervisor,
        started_at=1_750_000_000.0,
        auth="open",
        database_url="postgresql://tideline@/tideline",
        redis_url="redis://127.0.0.1:1/0",
        api_port=18000,
        dashboard_port=18050,
        metrics_port=0,
        processes=processes,
    )


def test_instance_is_found_as_it_was_written(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "data")
    me = ProcessId.of(os.getpid())
    with directory.locked():
        directory.write(instance(me, api=me))
        assert directory.running() == instance(me, api=me)
    mode = stat.S_IMODE((tmp_path / "data" / "instance.json").stat().st_mode)
    assert oct(mode) == "0o600"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"supervisor": 3}'])
def test_damaged_instance_file_is_no_instance(tmp_path: Path, content: str) -> None:
    (tmp_path / "instance.json").write_text(content)
    assert DataDirectory(tmp_path).read() is None


def test_instance_whose_number_another_process_got_is_not_running(tmp_path: Path) -> None:
    me = ProcessId.of(os.getpid())
    directory = DataDirectory(tmp_path)
    directory.write(instance(ProcessId(me.pid, me.created - 100.0)))
    with pytest.raises(TidelineError, match="Tideline is not running in"):
        directory.running()


def test_second_instance_is_refused_and_told_where_the_first_is(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "data")
    with directory.locked():
        directory.write(instance(ProcessId.of(os.getpid())))
        with (
            pytest.raises(TidelineError, match=r"already runs in .*http://127.0.0.1:18050"),
            DataDirectory(tmp_path / "data").locked(),
        ):
            pass


def test_lock_of_a_killed_process_is_free_again(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(TidelineError, match="starting or stopping"), locked(tmp_path):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait(5)
        with locked(tmp_path):
            pass


def locked(path: Path) -> AbstractContextManager[None]:
    return DataDirectory(path).locked()


def test_directory_that_cannot_be_made_is_named_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TidelineError, match="set TIDELINE_DATA_DIR or --data-dir"):
        DataDirectory(tmp_path / "file" / "data").create()


def test_leftovers_are_ended_with_their_children(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LEFTOVER], stdout=subprocess.PIPE, start_new_session=True
    ) as left:
        assert left.stdout is not None
        child = psutil.Process(int(left.stdout.readline()))
        gone = ProcessId(left.pid, time.time() - 1000.0)
        known = instance(ProcessId(1, 0.0), worker=ProcessId.of(left.pid), api=gone)
        assert end_leftovers(known) == ["worker"]
        child.wait(5)
        left.wait(5)
