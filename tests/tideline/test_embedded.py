"""The embedded servers: what they keep, what they survive, who may reach them."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import redis

from tideline.embedded import EmbeddedPostgres, EmbeddedRedis, running_servers
from tideline.embedded.memory import postgres_memory, redis_memory
from tideline.embedded.orphans import works_in
from tideline.embedded.sockets import make_private, socket_directory
from tideline.errors import TidelineError
from tideline.supervisor import Supervisor

GB = 1 << 30


def setting(url: str, name: str) -> str:
    with psycopg.connect(url) as conn:
        row = conn.execute("SELECT current_setting(%s)", (name,)).fetchone()
    assert row is not None
    return str(row[0])


def test_what_is_stored_is_there_after_a_restart(tmp_path: Path) -> None:
    with running_servers(tmp_path) as servers:
        with psycopg.connect(servers.postgres.url()) as conn:
            conn.execute("CREATE TABLE kept (number int)")
            conn.execute("INSERT INTO kept VALUES (42)")
        with redis.Redis.from_url(servers.redis.url) as client:
            client.xadd("kept", {"number": 43})
    with running_servers(tmp_path) as servers:
        with psycopg.connect(servers.postgres.url()) as conn:
            assert conn.execute("SELECT number FROM kept").fetchall() == [(42,)]
        with redis.Redis.from_url(servers.redis.url) as client:
            assert [fields for _, fields in client.xrange("kept")] == [{b"number": b"43"}]


def test_servers_are_set_up_to_lose_nothing(tmp_path: Path) -> None:
    with running_servers(tmp_path) as servers:
        url = servers.postgres.url()
        names = ("fsync", "synchronous_commit", "data_checksums", "timezone", "jit")
        assert [setting(url, name) for name in names] == ["on", "on", "on", "UTC", "off"]
        with redis.Redis.from_url(servers.redis.url, decode_responses=True) as client:
            found = client.config_get()
    wanted = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
    assert found.items() >= (wanted | {"save": ""}).items()


def test_nothing_listens_on_a_network_port(tmp_path: Path) -> None:
    with running_servers(tmp_path, durable=False) as servers:
        pgdata = servers.postgres.data
        family = [each for each in psutil.process_iter() if works_in(each, pgdata)]
        family += [each for each in psutil.Process().children() if each.name() == "redis-server"]
        assert len(family) > 2
        assert [found for each in family if (found := connections(each))] == []


def connections(process: psutil.Process) -> list[Any]:
    """Those to the network; none of a PostgreSQL worker that has ended since it was listed."""
    with suppress(psutil.NoSuchProcess):
        return process.net_connections("inet")
    return []


def test_database_is_utf8_and_sorts_by_code_point(tmp_path: Path) -> None:
    with (
        running_servers(tmp_path, durable=False) as servers,
        psycopg.connect(servers.postgres.url()) as conn,
    ):
        rows = conn.execute("SELECT v FROM (VALUES ('é'), ('Z'), ('a')) t (v) ORDER BY v")
        assert [value for (value,) in rows] == ["Z", "a", "é"]
        assert conn.execute("SELECT upper('é')").fetchone() == ("É",)


@contextmanager
def supervised(*servers: EmbeddedPostgres | EmbeddedRedis) -> Iterator[Supervisor]:
    lines: list[str] = []

    class Log:
        def line(self, name: str, text: str) -> None:
            lines.append(f"{name}: {text}")

    supervisor = Supervisor(Log(), threading.Event(), lambda _: None)
    try:
        for server in servers:
            supervisor.start(server.spec())
        supervisor.wait_ready([server.spec().name for server in servers], 60.0)
        yield supervisor
    finally:
        supervisor.stop([])


def recover(supervisor: Supervisor, name: str, works: Callable[[], bool]) -> float:
    """kill -9 a server, and return the seconds until it works again."""
    os.kill(supervisor.pids[name], signal.SIGKILL)
    started = time.monotonic()
    while time.monotonic() < started + 15:
        supervisor.tick()
        if name in supervisor.pids and works():
            return time.monotonic() - started
        time.sleep(0.02)
    raise AssertionError(f"{name} did not recover")


def test_killed_postgres_works_again_though_a_query_was_running(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path / "postgres")

    def works() -> bool:
        try:
            with psycopg.connect(postgres.url("postgres")) as conn:
                return conn.execute("SELECT number FROM kept").fetchall() == [(42,)]
        except psycopg.OperationalError:
            return False

    with supervised(postgres) as supervisor:
        with psycopg.connect(postgres.url("postgres")) as conn:
            conn.execute("CREATE TABLE kept AS SELECT 42 AS number")
        busy = psycopg.connect(postgres.url("postgres"))
        busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1000000000)")
        assert recover(supervisor, "postgres", works) < 10
        busy.close()


def test_killed_redis_works_again_and_has_what_it_acknowledged(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path / "redis")

    def works() -> bool:
        try:
            with redis.Redis.from_url(server.url) as client:
                return client.get("kept") == b"42"
        except redis.RedisError:
            return False

    with supervised(server) as supervisor:
        with redis.Redis.from_url(server.url) as client:
            client.set("kept", 42)
        assert recover(supervisor, "redis", works) < 10


def test_redis_loads_a_file_whose_end_was_cut_off(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path / "redis")
    with supervised(server), redis.Redis.from_url(server.url) as client:
        client.set("first", "whole")
        client.set("second", "torn")
    file = tmp_path / "redis" / "appendonly.aof"
    os.truncate(file, file.stat().st_size - 3)
    with supervised(server), redis.Redis.from_url(server.url) as client:
        assert (client.get("first"), client.get("second")) == (b"whole", None)


def test_interrupted_creation_of_a_cluster_is_begun_anew(tmp_path: Path) -> None:
    unfinished = tmp_path / "postgres" / "unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    with supervised(EmbeddedPostgres(tmp_path / "postgres")):
        assert (tmp_path / "postgres" / "data" / "base").is_dir()
    assert not unfinished.exists()


def test_stale_pid_file_with_a_reused_number_does_not_stop_the_start(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path / "postgres")
    with supervised(postgres):
        pid_file = (postgres.data / "postmaster.pid").read_text()
    other = psutil.Process().pid
    (postgres.data / "postmaster.pid").write_text(f"{other}\n" + pid_file.split("\n", 1)[1])
    with supervised(postgres) as supervisor:
        assert supervisor.pids["postgres"] != other


def test_cluster_of_another_major_version_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("17\n")
    with pytest.raises(TidelineError, match="made by PostgreSQL 17, and this is PostgreSQL 18"):
        EmbeddedPostgres(tmp_path / "postgres").prepare()


def test_servers_end_when_the_process_that_started_them_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from tideline.embedded import running_servers\n"
        "with running_servers(Path(sys.argv[1]), durable=False):\n"
        "    print('up', flush=True); time.sleep(60)"
    )
    argv = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"up\n"
        family = psutil.Process(owner.pid).children(recursive=True)
        assert {"postgres", "redis-server"} <= {each.name() for each in family}
        owner.kill()
    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []


def test_long_paths_get_a_short_private_socket_directory(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / "run"
    short = socket_directory(deep)
    assert short == socket_directory(deep)
    assert short != socket_directory(deep.parent / "other")
    assert len(os.fsencode(short)) < 80
    assert socket_directory(Path("/tmp/x/run")) == Path("/tmp/x/run")


def test_servers_start_below_a_very_long_path_with_odd_characters(tmp_path: Path) -> None:
    deep = tmp_path / ("long and odd 100% ?#&=é " * 4)
    with running_servers(deep, durable=False) as servers:
        with psycopg.connect(servers.postgres.url()) as conn:
            assert conn.execute("SELECT 1").fetchone() == (1,)
        with redis.Redis.from_url(servers.redis.url) as client:
            assert client.ping()
        used = (servers.postgres.sockets, servers.redis.socket.parent)
    assert not any(each.exists() for each in used)


def test_private_directory_is_not_made_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(TidelineError, match="belongs to somebody else"):
        make_private(tmp_path / "link", os.geteuid())


@pytest.mark.parametrize(
    ("total_gb", "buffers", "cache", "maintenance", "redis_bytes"),
    [
        (1, "256MB", "512MB", "64MB", 268435456),
        (4, "1024MB", "2048MB", "256MB", 1073741824),
        (64, "1024MB", "32768MB", "512MB", 4294967296),
    ],
)
def test_memory_is_shared_by_size(
    total_gb: int, buffers: str, cache: str, maintenance: str, redis_bytes: int
) -> None:
    assert postgres_memory(total_gb * GB) == {
        "shared_buffers": buffers,
        "effective_cache_size": cache,
        "maintenance_work_mem": maintenance,
        "work_mem": "32MB",
    }
    assert redis_memory(total_gb * GB) == redis_bytes
