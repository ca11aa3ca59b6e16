package meta

// few is how many studies say something about τ². Where τ² is far above the sampling
// variances, the interval that takes τ² as known holds the mean with probability
// P(|t| < 1.96) on k − 1 degrees of freedom instead of 0.95: 0.81 with 3 studies,
// 0.86 with 4, 0.88 with 5.
const few = 5

// warn says what makes the result doubtful, in units of the standardised studies.
//
// Source: Röver, Knapp & Friede (2015), "Hartung-Knapp-Sidik-Jonkman approach and its
// modification for random-effects meta-analysis with few studies", BMC Medical
// Research Methodology 15:99, for Knapp–Hartung's standard error below the normal one.
func (r *Result) warn(s studies) {
	switch {
	case r.Method == EE:
	case r.K == 1:
		r.Warnings = append(r.Warnings, "one study says nothing about differences between studies: τ² = 0 is assumed")
	case r.K < few && r.DF == 0:
		r.Warnings = append(r.Warnings, "fewer than 5 studies: intervals take τ² as known, which it is not, and are too narrow; see KnappHartung")
	case r.K < few:
		r.Warnings = append(r.Warnings, "fewer than 5 studies: τ², I² and Prediction are hardly known")
	}
	// Σ wᵢ(yᵢ − μ)² is k − 1 if the variances are right, and by definition for PM.
	if df := float64(r.DF); r.DF > 0 && s.at(r.Tau2).q < df*(1-1e-9) {
		r.Warnings = append(r.Warnings, "the estimates differ by less than their standard errors explain: Knapp–Hartung's standard error is below the normal test's")
	}
}
