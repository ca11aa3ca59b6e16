package stats

import "math"

// ProportionTest is a two-arm test of a rate, such as the share of users who
// convert, decided by the z-test with pooled variance. Its methods solve for
// users, power or MDE.
type ProportionTest struct {
	Baseline float64 // control rate p_c, a fraction in (0, 1)
	MDE      float64 // effect to detect, not 0; below 0 for a decrease
	Relative bool    // MDE is a fraction of Baseline instead of percentage points as a fraction
	Alpha    float64 // type I error, both sides together; zero means 0.05
	Power    float64 // 1 − type II error; zero means 0.80
	Ratio    float64 // treatment users per control user; zero means 1
	Sides    Sides   // zero means TwoSided
	// Strict counts, for a two-sided test, also the significant results of the
	// wrong sign as power, as statsmodels does. By default they do not count, as
	// in R's power.prop.test.
	Strict bool
}

// SampleSize returns the users needed to detect MDE with the given power:
//
//	n_c = (z σ₀ + z_power σ₁)² / (pₜ − p_c)²      nₜ = k n_c
//	σ₀² = p̄q̄(1 + 1/k),  p̄ = (p_c + k pₜ)/(1 + k)      σ₁² = p_c q_c + pₜ qₜ/k
//
// with k = Ratio, q = 1 − p and z = z₁₋α/₂ (two-sided) or z₁₋α (one-sided): the
// variance is pooled under the null hypothesis and separate under the
// alternative. If Strict, z_power is replaced so that both tails add up to the
// power.
//
// Source: Fleiss, Levin & Paik (2003), Statistical Methods for Rates and
// Proportions, 3rd ed., §4.2 and §4.4, without the continuity correction; R's
// power.prop.test for k = 1.
func (t ProportionTest) SampleSize() (Sizing, error) {
	l, t, err := t.prepare()
	if err = first(err, l.solvable()); err != nil {
		return Sizing{}, err
	}
	mde, err := t.absoluteMDE()
	if err != nil {
		return Sizing{}, err
	}
	null, alternative := t.unitSEs(mde)
	shift := l.shift(null / alternative)
	if err := check(shift > 0, "Power", l.power, "is reached without any user at this MDE"); err != nil {
		return Sizing{}, err
	}
	root := shift * alternative / math.Abs(mde)
	return t.describe(root*root, mde, l)
}

// PowerAt returns the power to detect MDE with the given users in control (and Ratio
// times as many in treatment); users need not be whole:
//
//	power = Φ((|pₜ − p_c| √n_c − z σ₀)/σ₁) [+ Φ((−|pₜ − p_c| √n_c − z σ₀)/σ₁) if Strict]
//
// with σ₀ and σ₁ as in SampleSize. The field Power is not used.
func (t ProportionTest) PowerAt(control float64) (Sizing, error) {
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
// Ratio times as many in treatment) detect with the given power: the root of
// PowerAt(control).Power in MDE, found to the last bit. The field MDE is not used. It
// is an error if even a rate of 1 in treatment would not be detected.
func (t ProportionTest) MDEAt(control float64) (Sizing, error) {
	l, t, err := t.prepare()
	if err = first(err, l.solvable(), checkPositive("control", control)); err != nil {
		return Sizing{}, err
	}
	tooSmall := func(mde float64) bool { return t.power(control, mde, l) < l.power }
	most := (1 - t.Baseline) * (1 - 1e-9)
	if err := check(!tooSmall(most), "control", control, "too few users: no increase has the power asked for"); err != nil {
		return Sizing{}, err
	}
	return t.describe(control, bisect(0, most, tooSmall), l)
}

// prepare checks the fields and fills in their defaults.
func (t ProportionTest) prepare() (level, ProportionTest, error) {
	t.Ratio = orDefault(t.Ratio, 1)
	l, err := newLevel(t.Alpha, t.Power, t.Sides, t.Strict)
	return l, t, first(err, checkFraction("Baseline", t.Baseline), checkPositive("Ratio", t.Ratio))
}

func (t ProportionTest) absoluteMDE() (float64, error) {
	mde := t.MDE
	if t.Relative {
		mde *= t.Baseline
	}
	treated := t.Baseline + mde
	return mde, first(checkFinite("MDE", t.MDE), check(mde != 0, "MDE", t.MDE, "must not be 0"),
		check(treated > 0 && treated < 1, "MDE", t.MDE, "puts the treatment's rate outside (0, 1)"))
}

// unitSEs are σ₀ and σ₁, the standard errors of the difference with one user in
// control under the null hypothesis and under the alternative.
func (t ProportionTest) unitSEs(mde float64) (null, alternative float64) {
	treated := t.Baseline + mde
	pooled := (t.Baseline + t.Ratio*treated) / (1 + t.Ratio)
	null = math.Sqrt(pooled * (1 - pooled) * (1 + 1/t.Ratio))
	return null, math.Sqrt(t.Baseline*(1-t.Baseline) + treated*(1-treated)/t.Ratio)
}

func (t ProportionTest) power(control, mde float64, l level) float64 {
	null, alternative := t.unitSEs(mde)
	return l.at(math.Abs(mde)*math.Sqrt(control)/alternative, null/alternative)
}

func (t ProportionTest) describe(control, mde float64, l level) (Sizing, error) {
	p, err := sized(control, t.Ratio)
	if err != nil {
		return Sizing{}, err
	}
	_, alternative := t.unitSEs(mde)
	p.MDE, p.RelativeMDE = mde, mde/t.Baseline
	p.SE = alternative / math.Sqrt(control)
	p.RelativeSE = p.SE / t.Baseline
	p.Power = t.power(control, mde, l)
	return p, nil
}
