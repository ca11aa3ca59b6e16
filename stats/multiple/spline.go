package multiple

// splineEnd is the value at λ = 0.95 of the natural cubic smoothing spline with 3
// degrees of freedom through the π₀(λ): minimal Σ (π₀(λₖ) − f(λₖ))² + c ∫ f″², with
// c such that the trace of the smoother is 3.
//
// The λ never change, so the value is one weighted sum. The weights are the last
// row of (I + cQR⁻¹Qᵀ)⁻¹ (Green & Silverman, 1994, Nonparametric Regression and
// Generalized Linear Models, §2.3), in 40-digit arithmetic; c = 125.76… spacings³.
// R's smooth.spline, which qvalue calls, looks for the same c but stops early: its
// weights are off by up to 5e-5.
func splineEnd(pi0 [lambdas]float64) (end float64) {
	for k, w := range splineWeights {
		end += w * pi0[k]
	}
	return end
}

var splineWeights = [lambdas]float64{
	-0.0024931382208653893, -0.0065284335580971187, -0.010535252422946586, -0.014436548459468549,
	-0.018071642694579535, -0.021165414806099262, -0.023299762795830783, -0.023889556547286932,
	-0.022166441729901374, -0.017175168254057905, -0.0077885578145879367, 0.0072513135149453192,
	0.029256809306817987, 0.059473401999023771, 0.098903042672934819, 0.14806256193180318,
	0.20666945491715721, 0.2732513572360623, 0.34468197572497679,
}
