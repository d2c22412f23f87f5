"""The command line: help, and errors that say what to do."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = (
    ["up"],
    ["migrate"],
    ["status"],
    ["settle"],
    ["import"],
    ["demo"],
    ["doctor"],
    ["keys"],
    ["keys", "create"],
    ["keys", "list"],
    ["keys", "revoke"],
    ["dead-letters"],
    ["dead-letters", "list"],
    ["dead-letters", "show"],
    ["dead-letters", "replay"],
    ["dead-letters", "drop"],
)


def run(directory: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`tideline` in an empty directory, without the settings of this test run."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("TIDELINE_")}
    return subprocess.run(
        [sys.executable, "-m", "tideline", *arguments],
        cwd=directory,
        env=inherited | {"COLUMNS": "100"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(tmp_path: Path, command: list[str]) -> None:
    done = run(tmp_path, *command, "--help")
    assert done.returncode == 0
    assert f"Usage: python -m tideline {' '.join(command)}" in done.stdout


def test_help_names_the_defaults(tmp_path: Path) -> None:
    text = run(tmp_path, "up", "--help", COLUMNS="200").stdout
    assert "[default: 8000]" in text
    assert "[default: 8050]" in text
    assert "[default: ./.tideline]" in text


@pytest.mark.parametrize("command", ["status", "settle", "demo"])
def test_commands_that_need_an_instance_say_how_to_start_one(tmp_path: Path, command: str) -> None:
    done = run(tmp_path, command)
    assert done.returncode == 1
    assert done.stderr.startswith("error: Tideline is not running in ")
    assert "start it with `tideline up`" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        (["import", "none.csv"], {}, "there is no file none.csv"),
        (["up"], {"TIDELINE_API_PORT": "web"}, "TIDELINE_API_PORT: "),
        (["up"], {"TIDELINE_AUTH": "closed"}, "TIDELINE_AUTH: "),
        (["up"], {"TIDELINE_AUTH": "required"}, "needs TIDELINE_DASHBOARD_PASSWORD"),
        (["up"], {"TIDELINE_DATA_DIR": "/dev/null/x"}, "set TIDELINE_DATA_DIR or --data-dir"),
        (["dead-letters", "drop"], {}, "say which dead letter by its number, or --all"),
    ],
)
def test_wrong_use_is_one_line_that_helps(
    tmp_path: Path, arguments: list[str], environment: dict[str, str], message: str
) -> None:
    done = run(tmp_path, *arguments, **environment)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("option", ["--api-port", "--dashboard-port"])
def test_taken_port_is_named_with_the_option_to_change_it(tmp_path: Path, option: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        other = "--dashboard-port" if option == "--api-port" else "--api-port"
        done = run(tmp_path, "up", option, port, other, "0")
    assert done.returncode == 1
    assert f"port {port} of the " in done.stderr
    assert f"{option} PORT" in done.stderr


def test_doctor_of_a_stopped_installation_says_what_it_found(tmp_path: Path) -> None:
    done = run(tmp_path, "doctor", TIDELINE_API_PORT="0", TIDELINE_DASHBOARD_PORT="0")
    assert done.returncode == 0
    assert "ok   Python 3." in done.stdout
    assert "PostgreSQL starts: postgres (PostgreSQL) 18." in done.stdout
    assert "Redis starts: Redis server v=6." in done.stdout
    assert "warn Tideline is not running here\n     → start it with `tideline up`" in done.stdout


def test_doctor_finds_a_server_that_does_not_answer(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        "doctor",
        TIDELINE_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none",
        TIDELINE_REDIS_URL="redis://127.0.0.1:1/0",
    )
    assert done.returncode == 1
    assert "bad  database: " in done.stdout
    assert "bad  Redis: " in done.stdout
