"""Filling a running instance with demo traffic, and keeping it moving."""

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event as Flag

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from tideline.demo.experiments import EXPERIMENTS
from tideline.demo.live import LiveTraffic
from tideline.demo.send import Api, Batch, DemoError, Receipt, batches
from tideline.demo.sites import DemoSite, default_sites
from tideline.demo.traffic import VISITORS_PER_DAY, generate

MOST_CONNECTIONS = 4
LIVE_TICK_S = 1.0


@dataclass
class Tally:
    """What became of one site's events."""

    sent: int = 0
    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    """Refused events by field."""
    example: str = ""
    """One refusal's message."""

    def add(self, batch: Batch, receipt: Receipt) -> None:
        """Count a batch in."""
        self.sent += batch.count
        self.accepted += receipt.accepted
        self.refused.update(field for field, _ in receipt.refusals)
        if receipt.refusals and not self.example:
            self.example = receipt.refusals[0][1]


@dataclass(frozen=True)
class _Target:
    api_url: str
    key: str | None
    days: int
    seed: int
    until: datetime
    visitors_per_day: int


def run(
    *,
    api_url: str,
    key: str | None,
    days: int = 60,
    sites: int = 2,
    seed: int = 7,
    live: bool = False,
    console: Console,
    visitors_per_day: int = VISITORS_PER_DAY,
) -> dict[str, Tally]:
    """Create the demo's sites and experiments and send their traffic; give the tallies by site.

    Each site has one connection, so that its events keep their order. With `live` it goes on with
    traffic as it happens until it is interrupted. DemoError when the server refuses or is away.
    """
    target = _Target(api_url, key, days, seed, datetime.now(UTC), visitors_per_day)
    chosen = default_sites(sites)
    _prepare(target, chosen, console)
    started = time.monotonic()
    tallies = {site.slug: Tally() for site in chosen}
    _fill(target, chosen, tallies, console)
    _summarise(tallies, time.monotonic() - started, console)
    if not any(tally.accepted for tally in tallies.values()):
        example = next(iter(tallies.values())).example
        raise DemoError(f"{api_url} took none of the events; it said: {example}")
    if live:
        _go_live(target, chosen, tallies, console)
    return tallies


def _prepare(target: _Target, sites: Sequence[DemoSite], console: Console) -> None:
    api = Api(target.api_url, target.key)
    try:
        for site in sites:
            api.create("/api/v1/sites", _site_body(site))
        for site in sites:
            _define_experiment(api, site, console)
    finally:
        api.close()


def _define_experiment(api: Api, site: DemoSite, console: Console) -> None:
    experiment = EXPERIMENTS[site.kind]
    try:
        api.create("/api/v1/experiments", experiment.definition(site))
    except DemoError as error:
        console.print(f"Experiment {experiment.key} of {site.slug} is not defined: {error}")


def _site_body(site: DemoSite) -> dict[str, object]:
    return {
        "site_id": site.slug,
        "name": site.name,
        "timezone": site.timezone,
        "currency": site.currency,
    }


def _fill(
    target: _Target, sites: Sequence[DemoSite], tallies: dict[str, Tally], console: Console
) -> None:
    stop = Flag()
    with (
        _progress(console) as progress,
        ThreadPoolExecutor(min(len(sites), MOST_CONNECTIONS)) as pool,
    ):
        tasks = [
            progress.add_task(site.name, total=target.days * 86_400.0, accepted=0) for site in sites
        ]
        jobs = [
            pool.submit(_fill_site, target, site, tallies[site.slug], progress, task, stop)
            for site, task in zip(sites, tasks, strict=True)
        ]
        try:
            for job in jobs:
                job.result()
        finally:
            stop.set()


def _fill_site(
    target: _Target, site: DemoSite, tally: Tally, progress: Progress, task: TaskID, stop: Flag
) -> None:
    api = Api(target.api_url, target.key, wait=stop.wait)
    events = generate(
        sites=[site],
        days=target.days,
        until=target.until,
        seed=target.seed,
        visitors_per_day=target.visitors_per_day,
    )
    total_s = target.days * 86_400.0
    try:
        for batch in batches(events):
            if stop.is_set():
                return
            tally.add(batch, api.send(batch))
            left_s = (target.until - datetime.fromisoformat(batch.last_timestamp)).total_seconds()
            progress.update(task, completed=max(total_s - left_s, 0.0), accepted=tally.accepted)
    finally:
        api.close()
    progress.update(task, completed=total_s)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[accepted]:,} events"),
        TimeElapsedColumn(),
        console=console,
    )


def _summarise(tallies: dict[str, Tally], took_s: float, console: Console) -> None:
    table = Table("site", "sent", "accepted", "refused")
    for slug, tally in tallies.items():
        refused = ", ".join(f"{count:,} ({name})" for name, count in tally.refused.most_common(3))
        table.add_row(slug, f"{tally.sent:,}", f"{tally.accepted:,}", refused or "0")
    console.print(table)
    total = sum(tally.accepted for tally in tallies.values())
    console.print(f"{total:,} events accepted in {took_s:.1f} s, {total / took_s:,.0f} a second.")


def _go_live(
    target: _Target, sites: Sequence[DemoSite], tallies: dict[str, Tally], console: Console
) -> None:
    api = Api(target.api_url, target.key)
    streams = [LiveTraffic(site, seed=target.seed, since=target.until) for site in sites]
    console.print("Sending live traffic; Ctrl-C ends it.")
    sent = 0
    try:
        with console.status("") as status:
            while True:
                now = datetime.now(UTC)
                for site, stream in zip(sites, streams, strict=True):
                    for batch in batches(stream.due(now)):
                        tallies[site.slug].add(batch, api.send(batch))
                        sent += batch.count
                status.update(f"{sent:,} live events sent")
                time.sleep(LIVE_TICK_S)
    except KeyboardInterrupt:
        console.print(f"{sent:,} live events sent.")
    finally:
        api.close()
