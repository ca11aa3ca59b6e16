package stats

import "math"

// MeanTest is a two-arm test of a mean with known standard deviations, decided
// by z = (ȳₜ − ȳ_c)/SE. Its methods solve for users, power or MDE.
type MeanTest struct {
	Mean        float64 // control mean in the metric's unit; needed only for relative numbers
	SD          float64 // standard deviation between users of control, above 0
	TreatmentSD float64 // of treatment; zero means the same as SD
	MDE         float64 // effect to detect, not 0; below 0 for a decrease
	Relative    bool    // MDE is a fraction of |Mean| instead of the metric's unit
	Alpha       float64 // type I error, both sides together; zero means 0.05
	Power       float64 // 1 − type II error; zero means 0.80
	Ratio       float64 // treatment users per control user; zero means 1
	Sides       Sides   // zero means TwoSided
	// Strict counts, for a two-sided test, also the significant results of the
	// wrong sign as power, as statsmodels and pwr do. By default they do not
	// count, as in R's power.prop.test: a test that says the opposite of the
	// truth has not detected it. The difference is below 1e-5 from power 0.8 on.
	Strict bool
}

// SampleSize returns the users needed to detect MDE with the given power:
//
//	n_c = (z + z_power)² (s_c² + sₜ²/k) / MDE²      nₜ = k n_c
//
// with k = Ratio and z = z₁₋α/₂ (two-sided) or z₁₋α (one-sided); if Strict, z_power
// is replaced so that both tails add up to the power.
//
// Source: Chow, Shao & Wang (2008), Sample Size Calculations in Clinical
// Research, 2nd ed., §3.2.1.
func (t MeanTest) SampleSize() (Sizing, error) {
	l, t, err := t.prepare()
	if err = first(err, l.solvable()); err != nil {
		return Sizing{}, err
	}
	mde, err := t.absoluteMDE()
	if err != nil {
		return Sizing{}, err
	}
	root := l.shift(1) / math.Abs(mde) * t.unitSE()
	return t.describe(root*root, mde, l)
}

// PowerAt returns the power to detect MDE with the given users in control (and Ratio
// times as many in treatment); users need not be whole:
//
//	power = Φ(|MDE|/SE − z) [+ Φ(−|MDE|/SE − z) if Strict]      SE² = (s_c² + sₜ²/k)/n_c
//
// The field Power is not used.
func (t MeanTest) PowerAt(control float64) (Sizing, error) {
	l, t, err := t.prepare()
	if err = first(err, checkPositive("control", control)); err != nil {
		return Sizing{}, err
	}
	mde, err := t.absoluteMDE()
	if err != nil {
		return Sizing{}, err
	}
	return t.describe(control, mde, l)
}

// MDEAt returns the smallest increase that the given users in control (and
// Ratio times as many in treatment) detect with the given power:
//
//	MDE = (z + z_power) SE      SE² = (s_c² + sₜ²/k)/n_c
//
// The field MDE is not used.
func (t MeanTest) MDEAt(control float64) (Sizing, error) {
	l, t, err := t.prepare()
	if err = first(err, l.solvable(), checkPositive("control", control)); err != nil {
		return Sizing{}, err
	}
	return t.describe(control, l.shift(1)*t.unitSE()/math.Sqrt(control), l)
}

// prepare checks the fields and fills in their defaults.
func (t MeanTest) prepare() (level, MeanTest, error) {
	t.TreatmentSD, t.Ratio = orDefault(t.TreatmentSD, t.SD), orDefault(t.Ratio, 1)
	l, err := newLevel(t.Alpha, t.Power, t.Sides, t.Strict)
	return l, t, first(err, checkFinite("Mean", t.Mean), checkPositive("SD", t.SD),
		checkPositive("TreatmentSD", t.TreatmentSD), checkPositive("Ratio", t.Ratio))
}

func (t MeanTest) absoluteMDE() (float64, error) {
	err := first(checkFinite("MDE", t.MDE), check(t.MDE != 0, "MDE", t.MDE, "must not be 0"))
	if !t.Relative {
		return t.MDE, err
	}
	return t.MDE * math.Abs(t.Mean), first(err,
		check(t.Mean != 0, "Mean", t.Mean, "a relative MDE needs a control mean other than 0"))
}

// unitSE is the standard error of the difference with one user in control.
func (t MeanTest) unitSE() float64 { return math.Hypot(t.SD, t.TreatmentSD/math.Sqrt(t.Ratio)) }

func (t MeanTest) describe(control, mde float64, l level) (Sizing, error) {
	p, err := sized(control, t.Ratio)
	if err != nil {
		return Sizing{}, err
	}
	p.MDE, p.SE = mde, t.unitSE()/math.Sqrt(control)
	p.Power = l.at(math.Abs(mde)/p.SE, 1)
	if t.Mean != 0 {
		p.RelativeMDE, p.RelativeSE = mde/math.Abs(t.Mean), p.SE/math.Abs(t.Mean)
	}
	return p, nil
}
