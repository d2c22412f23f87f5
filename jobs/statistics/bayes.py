"""Chance to beat control, chance to be best and expected loss; no draws are simulated.

Proportions: Beta(1, 1) prior and quadrature. Means and ratios: normal posterior with a flat
prior. Definitions: Stucchi (2015), "Bayesian A/B testing at VWO"; Miller (2015), "Formulas for
Bayesian A/B testing", whose integer sums these integrals replace (they take n terms).
"""

import math
from collections.abc import Sequence

from jobs.statistics.domain import defined
from jobs.statistics.estimates import Arm, Estimate, estimate, total_variance
from jobs.statistics.moments import Proportion
from jobs.statistics.posteriors import (
    BetaPosterior,
    NormalPosterior,
    Posterior,
    log_rate_slope,
)
from jobs.statistics.quadrature import integrate
from jobs.statistics.special import Array, mills_ratio, normal_cdf

Losses = tuple[float, float]

FAR = 1e100  # in standard errors: beyond any effect on a double


def beta_chance(*, control: Proportion, variant: Proportion) -> float:
    """P(variant's rate > control's) under Beta(1, 1) priors; 0.5 when nothing is known.

    The smaller of the two chances is integrated and the other is its complement, so that a tiny
    one keeps its digits.
    """
    a, b = BetaPosterior.of(control), BetaPosterior.of(variant)
    if b.mean <= a.mean:
        return _chance_above(b, [a])
    return 1 - _chance_above(a, [b])


def beta_losses(*, control: Proportion, variant: Proportion) -> Losses:
    """What choosing the variant, and what choosing control, is expected to cost, as a rate 0–1.

    E[max(a − b, 0)] = ∫ P(a > t)·P(b < t) dt, and the two losses differ by the posterior means.
    """
    a, b = BetaPosterior.of(control), BetaPosterior.of(variant)
    if b.mean >= a.mean:
        variant_loss = _rate_shortfall(b, a)
        return variant_loss, variant_loss + (b.mean - a.mean)
    control_loss = _rate_shortfall(a, b)
    return control_loss + (a.mean - b.mean), control_loss


@defined
def normal_chance(control: Estimate, variant: Estimate) -> float | None:
    """Φ(difference / √V); None when V is 0 or unknown."""
    total = total_variance(control, variant)
    if not total:
        return None
    return normal_cdf((variant.value - control.value) / math.sqrt(total))


@defined
def normal_losses(control: Estimate, variant: Estimate) -> Losses | None:
    """E[max(a − b, 0)] and E[max(b − a, 0)] for a normal difference, in the metric's unit.

    The unit normal loss s·(φ(z) − z·Φ(−z)), z = difference / s: Raiffa & Schlaifer (1961),
    "Applied Statistical Decision Theory". None when V is 0 or unknown.
    """
    total = total_variance(control, variant)
    if not total:
        return None
    gap, scale = variant.value - control.value, math.sqrt(total)
    smaller = scale * _unit_normal_loss(abs(gap) / scale)
    return (smaller, smaller + gap) if gap >= 0 else (smaller - gap, smaller)


def chance_to_be_best(*, arms: Sequence[Arm]) -> list[float | None]:
    """Each arm's posterior chance of being the highest, in the order of `arms`; they sum to 1.

    ∫ f_i(t) Π_{j≠i} F_j(t) dt. All are None when an arm's mean has no posterior (fewer than two
    visitors, a ratio over 0), or when two arms without variance share the highest value.
    TypeError when the arms are of different kinds.
    """
    if len({type(arm) for arm in arms}) > 1:
        raise TypeError("arms must all be of one kind")
    proportions = [arm for arm in arms if isinstance(arm, Proportion)]
    if proportions:
        posteriors = [BetaPosterior.of(arm) for arm in proportions]
        return [_chance_above(p, [q for q in posteriors if q is not p]) for p in posteriors]
    estimates = [e for arm in arms if (e := estimate(arm)) and e.variance is not None]
    if len(estimates) < len(arms):
        return [None] * len(arms)
    return _normal_chances_to_be_best(estimates)


def _normal_chances_to_be_best(estimates: Sequence[Estimate]) -> list[float | None]:
    """Arms without variance are points: only the highest of them can be best, or sets a floor."""
    spread = [e for e in estimates if e.variance]
    points = [e.value for e in estimates if not e.variance]
    floor = max(points, default=-math.inf)
    if points.count(floor) > 1:
        return [None] * len(estimates)
    above = math.prod(normal_cdf((floor - e.value) / _standard_error(e)) for e in spread)
    chances = iter(_normal_chance_above(one, spread, floor) for one in spread)
    return [
        next(chances) if e.variance else (above if e.value == floor else 0.0) for e in estimates
    ]


def _normal_chance_above(one: Estimate, arms: Sequence[Estimate], floor: float) -> float:
    """P(`one` is highest), on the axis of its own standard errors: no scale is too small for it."""
    scale = _standard_error(one)

    def seen(other: Estimate) -> NormalPosterior:
        gap, error = other.value - one.value, _standard_error(other)
        centre = FAR * (gap / error) if error / scale > FAR else gap / scale
        return NormalPosterior(
            centre=min(max(centre, -FAR * FAR), FAR * FAR),
            scale=min(max(error / scale, 1 / FAR), FAR),
        )

    rivals = [seen(other) for other in arms if other is not one]
    lowest = min((floor - one.value) / scale, FAR)
    return _chance_above(NormalPosterior(0.0, 1.0), rivals, lowest)


def _standard_error(estimate: Estimate) -> float:
    return math.sqrt(estimate.variance or 0.0)


def _chance_above(one: Posterior, others: Sequence[Posterior], floor: float = -math.inf) -> float:
    """P(one is above all others and above `floor`)."""

    def log_integrand(x: Array) -> Array:
        total = one.log_density(x)
        for other in others:
            total = total + other.log_cdf(x)
        return total

    return min(1.0, integrate(log_integrand, [p.feature for p in (one, *others)], floor))


def _rate_shortfall(chosen: BetaPosterior, other: BetaPosterior) -> float:
    """E[max(other − chosen, 0)] in rates: ∫ P(other > t)·P(chosen < t) dt on the logit axis."""

    def log_integrand(x: Array) -> Array:
        return other.log_sf(x) + chosen.log_cdf(x) + log_rate_slope(x)

    return integrate(log_integrand, [chosen.feature, other.feature])


def _unit_normal_loss(z: float) -> float:
    """φ(z) − z·Φ(−z) for z ≥ 0, without the cancellation of its two terms' underflow."""
    density = math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    return max(0.0, density * (1 - z * mills_ratio(z))) if density else 0.0
