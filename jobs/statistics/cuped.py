"""CUPED: the same comparison with less noise, by what was known of visitors beforehand."""

from collections.abc import Sequence

from jobs.statistics.estimates import ROUNDING
from jobs.statistics.moments import JointMoments, Mean


def cuped_theta(*, arms: Sequence[JointMoments]) -> float:
    """θ = Σ m_xy / Σ m2_x over the arms: one slope of the outcome y on the covariate x.

    Each arm's moments are about its own mean, so that θ is the slope of the regression of y on
    x and the arms, and an effect of the variant does not leak into it. 0 when x never varies,
    or by no more than rounding alone leaves.
    """
    spread = sum(arm.m2_x for arm in arms)
    noise = sum(arm.n * (ROUNDING * arm.mean_x) * (ROUNDING * arm.mean_x) for arm in arms)
    return sum(arm.m_xy for arm in arms) / spread if spread > noise else 0.0


def cuped(*, arms: Sequence[JointMoments]) -> list[Mean]:
    """Each arm's outcome adjusted by its covariate, ready for `compare`; in the order of `arms`.

    Deng, Xu, Kohavi & Walker (2013), WSDM, "Improving the sensitivity of online controlled
    experiments by utilizing pre-experiment data": y − θ(x − mean of x over all arms). In
    `arms` (see `PrePost`) x is the covariate from before the exposure and y the outcome; visitors
    without a past have x = 0. The overall mean of y is kept, so that a lift still makes sense.
    """
    theta = cuped_theta(arms=arms)
    total = sum(arm.n for arm in arms)
    centre = sum(arm.mean_x * (arm.n / total) for arm in arms) if total else 0.0
    return [_adjusted(arm, theta, centre) for arm in arms]


def _adjusted(arm: JointMoments, theta: float, centre: float) -> Mean:
    if arm.n == 0:
        return Mean(0, 0.0, 0.0)
    m2 = arm.m2_y - theta * (2 * arm.m_xy - theta * arm.m2_x)
    return Mean(arm.n, arm.mean_y - theta * (arm.mean_x - centre), max(0.0, m2))
