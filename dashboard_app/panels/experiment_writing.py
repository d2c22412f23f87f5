"""Storing what people change of an experiment."""

from collections.abc import Callable
from typing import Any

from dashboard_app.data import Data
from sql.experiment_definitions import Definition, ExperimentError
from sql.experiments import create_experiment, experiment_by_key, update_experiment
from sql.sites import Site


async def write_definition(
    data: Data,
    site: Site,
    edited: dict[str, Any] | None,
    definition_of: Callable[[Definition | None], Definition],
) -> str:
    """Defines an experiment, or changes the one that was loaded as `edited`; answers its key.

    `definition_of` makes the definition, from the one that stands. Raises ExperimentError, also
    when the key is taken or somebody else changed the experiment since it was loaded.
    """
    if not edited:
        definition = definition_of(None)
        if await data.fresh(create_experiment, site, definition) is None:
            taken = f"There is an experiment {definition.key!r} on this site already"
            raise ExperimentError("key", taken)
        return definition.key
    old = await data.fresh(experiment_by_key, site, edited["key"])
    meanwhile = "Somebody changed the experiment meanwhile; open this form again"
    if old is None or old.revision != edited["revision"]:
        raise ExperimentError("key", meanwhile)
    changed = await data.fresh(update_experiment, site, old, definition_of(old.definition))
    if changed is None:
        raise ExperimentError("key", meanwhile)
    return changed.definition.key
