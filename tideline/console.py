"""Consoles of the command line: results to standard output, trouble to standard error."""

from rich.console import Console

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def complain(message: str) -> None:
    """Say on standard error what is wrong."""
    err.print(f"[bold red]error:[/bold red] {escape(message)}", soft_wrap=True)


def escape(text: str) -> str:
    """Text whose brackets are no markup."""
    return text.replace("[", "\\[")
