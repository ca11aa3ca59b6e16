"""The tasks of peers_test.go in statsmodels and scipy.

Prints one line a task: name, seconds a run (the fastest of five batches), answer.
"""
import time

import numpy as np
from scipy import stats
from statsmodels.stats import multitest, power, proportion


def measure(name, run):
    answer = run()
    once = time.perf_counter()
    run()
    batch = max(1, int(0.1 / max(1e-9, time.perf_counter() - once)))
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(batch):
            run()
        seconds.append((time.perf_counter() - start) / batch)
    print(name, "statsmodels", repr(float(min(seconds))), repr(float(answer)), sep="\t", flush=True)


p = (np.arange(1, 10_001) / 10_001) ** 2
t_test, z_test = power.TTestIndPower(), power.NormalIndPower()

measure("t-test: users", lambda: t_test.solve_power(effect_size=0.03, alpha=0.05, power=0.8, ratio=1))
measure("t-test: MDE", lambda: t_test.solve_power(nobs1=20_000, alpha=0.05, power=0.9, ratio=1))
measure("z-test: users", lambda: z_test.solve_power(effect_size=0.03, alpha=0.05, power=0.8, ratio=1))
measure("proportions: power", lambda: proportion.power_proportions_2indep(
    0.01, 0.1, 5000, ratio=1, alpha=0.05).power)
measure("proportions: Newcombe interval", lambda: proportion.confint_proportions_2indep(
    123, 5000, 98, 5100, compare="diff", method="newcomb")[0])
measure("Benjamini-Hochberg, 10,000", lambda: multitest.multipletests(p, method="fdr_bh")[1][99])
measure("Welch from sums", lambda: stats.ttest_ind_from_stats(
    1.02, 2.0, 50_000, 1.0, 2.1, 52_000, equal_var=False).pvalue)
