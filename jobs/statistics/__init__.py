"""The statistics of experiments and trends: pure functions of sufficient statistics.

Nothing here reads a database or simulates. A statistic that is not defined on the data is None,
never NaN or infinity; impossible input is a ValueError that names it. `compare` gives every
statistic of one variant against control, `verdict` what to conclude from them.
"""

from jobs.statistics.bayes import chance_to_be_best
from jobs.statistics.comparison import Comparison, compare
from jobs.statistics.cuped import cuped, cuped_theta
from jobs.statistics.domain import Interval
from jobs.statistics.estimates import Arm, Estimate, estimate
from jobs.statistics.moments import JointMoments, Mean, PrePost, Proportion, Ratio
from jobs.statistics.multiplicity import benjamini_hochberg, holm
from jobs.statistics.power import (
    achieved_power,
    days_needed,
    minimum_detectable_lift,
    sample_size,
)
from jobs.statistics.proportions import katz_log_interval, newcombe, pooled_z_p_value, wilson
from jobs.statistics.sequential import sequential_interval, sequential_p_value
from jobs.statistics.srm import srm, srm_alarm
from jobs.statistics.trend import Trend, mann_kendall_p_value, theil_sen_slope, trend
from jobs.statistics.verdict import GoalResult, GoalVerdict, Outcome, Role, Verdict, verdict

__all__ = [
    "Arm",
    "Comparison",
    "Estimate",
    "GoalResult",
    "GoalVerdict",
    "Interval",
    "JointMoments",
    "Mean",
    "Outcome",
    "PrePost",
    "Proportion",
    "Ratio",
    "Role",
    "Trend",
    "Verdict",
    "achieved_power",
    "benjamini_hochberg",
    "chance_to_be_best",
    "compare",
    "cuped",
    "cuped_theta",
    "days_needed",
    "estimate",
    "holm",
    "katz_log_interval",
    "mann_kendall_p_value",
    "minimum_detectable_lift",
    "newcombe",
    "pooled_z_p_value",
    "sample_size",
    "sequential_interval",
    "sequential_p_value",
    "srm",
    "srm_alarm",
    "theil_sen_slope",
    "trend",
    "verdict",
    "wilson",
]
