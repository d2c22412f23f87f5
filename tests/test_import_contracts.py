"""Who may import whom (pyproject.toml, tool.importlinter)."""

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports


def test_the_import_contracts_hold() -> None:
    assert lint_imports() == EXIT_STATUS_SUCCESS
