package bayes

import (
	"math"

	"github.com/assay-planner/assay/stats/internal/solve"
)

// maximise finds the highest point: Newton steps from the best of a grid of starts.
func (l *studentLikelihood) maximise() point {
	thin := l.thinned
	var best point
	best.value = math.Inf(-1)
	for _, df := range []float64{1.2, 2, 4, 12, 100} {
		for _, scale := range []float64{1, 0.3, 0.03} {
			start := thin.climb([3]float64{0, math.Log(scale), math.Log(df)}, [3]bool{true, true, false}, 1e-2)
			if start.value > best.value {
				best = start
			}
		}
	}
	all := [3]bool{true, true, true}
	return l.climb(thin.climb(best.at, all, 1e-2).at, all, 1e-10)
}

// climb takes damped Newton steps in the free parameters until the next one
// promises a gain below enough. Each raises the likelihood: a step that does not is
// tried again, shorter and closer to the gradient.
//
// Source: Nocedal & Wright (2006), Numerical Optimization, 2nd ed., §4.1 and §10.3.
func (l *studentLikelihood) climb(x [3]float64, free [3]bool, enough float64) point {
	now := l.evaluate(l.clamp(x))
	damping := 1e-3
	for range 60 {
		step := now.newton(l.inside(now, free), damping)
		next := l.clamp(add(now.at, step))
		if next == now.at || dot(now.gradient, sub(next, now.at)) < enough {
			break
		}
		tried := l.evaluate(next)
		if tried.value > now.value {
			now, damping = tried, damping/10
		} else if damping *= 10; damping > 1e8 {
			break
		}
	}
	return now
}

// inside frees no parameter whose gradient presses it against its bound.
func (l *studentLikelihood) inside(p point, free [3]bool) [3]bool {
	for i := range free {
		if p.at[i] <= l.low[i] && p.gradient[i] <= 0 || p.at[i] >= l.high[i] && p.gradient[i] >= 0 {
			free[i] = false
		}
	}
	return free
}

func (l *studentLikelihood) clamp(x [3]float64) [3]float64 {
	for i := range x {
		x[i] = min(max(x[i], l.low[i]), l.high[i])
	}
	return x
}

// newton solves (−H + damping·diag|H|) step = gradient among the free parameters,
// with more damping where −H is not positive definite. The logs move by 2 at most.
func (p point) newton(free [3]bool, damping float64) (step [3]float64) {
	for range 40 {
		var a [3][3]float64
		for i := range 3 {
			for j := range 3 {
				if free[i] && free[j] {
					a[i][j] = -p.hessian[i][j]
				}
			}
			if free[i] {
				a[i][i] += damping*math.Abs(p.hessian[i][i]) + 1e-300
			} else {
				a[i][i] = 1
			}
		}
		if root, ok := cholesky(a); ok {
			var g [3]float64
			for i := range g {
				if free[i] {
					g[i] = p.gradient[i]
				}
			}
			step = root.solve(g)
			break
		}
		damping = max(10*damping, 1e-3)
	}
	for i := 1; i < 3; i++ {
		step[i] = min(max(step[i], -2), 2)
	}
	return step
}

// standardErrors are the roots of the diagonal of (−H)⁻¹ among the free parameters,
// 0 for the others and where the information is not positive definite.
func (p point) standardErrors(free [3]bool) (se [3]float64) {
	var a [3][3]float64
	for i := range 3 {
		a[i][i] = 1
		for j := range 3 {
			if free[i] && free[j] {
				a[i][j] = -p.hessian[i][j]
			}
		}
	}
	root, ok := cholesky(a)
	if !ok {
		return se
	}
	for i := range se {
		if free[i] {
			var unit [3]float64
			unit[i] = 1
			se[i] = math.Sqrt(root.solve(unit)[i])
		}
	}
	return se
}

// edge finds where between the maximum and end the profile likelihood of log ν has
// fallen by drop, to 1e-4; end itself, if it never does.
func (l *studentLikelihood) edge(best point, end, drop float64) float64 {
	warm := best.at
	fallen := func(logDF float64) float64 {
		if logDF == best.at[2] {
			return -drop
		}
		warm[2] = logDF
		p := l.climb(warm, [3]bool{true, true, false}, 1e-6)
		warm = p.at
		return best.value - p.value - drop
	}
	near, step := best.at[2], math.Copysign(l.firstStep(best), end-best.at[2])
	for {
		far := near + step
		if math.Abs(far-best.at[2]) >= math.Abs(end-best.at[2]) {
			if fallen(end) <= 0 {
				return end
			}
			return solve.Root(near, end, 1e-4, fallen)
		}
		if fallen(far) > 0 {
			return solve.Root(near, far, 1e-4, fallen)
		}
		near, step = far, 2*step
	}
}

// firstStep is two standard errors of log ν, where they are known.
func (l *studentLikelihood) firstStep(best point) float64 {
	se := best.standardErrors([3]bool{true, true, true})[2]
	if !(se > 0) {
		return 0.5
	}
	return min(max(2*se, 0.01), 1)
}
