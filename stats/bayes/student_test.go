package bayes

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/internal/assert"
	"github.com/assay-planner/assay/stats/internal/quad"
)

// references are integrals in 30-digit arithmetic (mpmath 1.3.0, tanh-sinh between
// break points at both modes) of the posterior under a t of location 0, scale 1 and
// df degrees of freedom, after an estimate with standard error se: the log of the
// marginal density, the posterior mean and SD, and the
// probability above a point one SD higher. Where se is 1e-9 the SD is right to 1e-10 only,
// which is within the rounding of the mean that the test allows for.
var references = []struct{ df, estimate, se, logMarginal, mean, sd, point, above float64 }{
	{1.05, 0, 1, -1.5541020467607422, 0, 0.72493391454433849, 0.72493391454433849, 0.14633282430123242},
	{1.05, 1, 0.001, -1.8212349317628196, 0.99999900000053599, 0.00099999998780363583, 1.0009989999883396, 0.15865525393151598},
	{1.05, 2.5, 1, -2.7613587997519901, 1.7444057817109333, 1.0014916247727866, 2.7458974064837199, 0.16426713663625681},
	{1.05, 12, 3, -5.9107724599417965, 9.8437422399559515, 3.5062837262318326, 13.350025966187784, 0.15506734211714417},
	{1.05, 30, 5, -7.9618148327954001, 28.108875686634903, 5.1946377064123592, 33.303513393047262, 0.15825321374287997},
	{1.05, 1e6, 1e-9, -29.407246275415572, 1000000.0, 1.0000000000286558e-9, 1000000.000000001, 0.15865525392452309},
	{1.05, 1e6, 1, -29.407246275412446, 999999.99999795, 1.000000000001025, 1000000.99999795, 0.15865525393145705},
	{1.05, 1e6, 3e5, -19.085980639638143, 37.859446038100086, 5746.2580017560208, 5784.1174477941208, 9.4272042298118048e-5},
	{1.05, 7, 1e9, -21.64220437044687, 2.1740296527367084e-9, 17623.157057595345, 17623.157057597519, 1.1194695382639697e-5},
	{1.05, 0.5, 1e-9, -1.3543730026669122, 0.5, 1.0000000000059422e-9, 0.500000001, 0.15865525393001922},
	{1.31, 0, 1, -1.5018193146808684, 0, 0.72564881469323464, 0.72564881469323464, 0.14762268789784541},
	{1.31, 1, 0.001, -1.7523188523199335, 0.99999900000068329, 0.0009999999328992646, 1.0009989999335826, 0.15865525393150753},
	{1.31, 2.5, 1, -2.7318266305391671, 1.7092460358884934, 0.98514501623629768, 2.6943910521247911, 0.16369974804077323},
	{1.31, 12, 3, -6.1876968512009075, 9.4748791731535582, 3.5997729350859885, 13.074652108239547, 0.15553112129414835},
	{1.31, 30, 5, -8.5236532965561798, 27.846773705442928, 5.2269656453166195, 33.073739350759548, 0.15815130765138446},
	{1.31, 1e6, 1e-9, -32.699127783282002, 1000000.0, 1.0000000000286558e-9, 1000000.000000001, 0.15865525392452308},
	{1.31, 1e6, 1, -32.699127783278179, 999999.99999769, 1.000000000001155, 1000000.99999769, 0.15865525393145705},
	{1.31, 1e6, 3e5, -19.086029572897825, 1.5214397332759952, 1119.7634604836544, 1121.2849002169304, 3.8849710659211253e-5},
	{1.31, 7, 1e9, -21.642204370152937, 1.6993700417855095e-11, 1558.0986773195765, 1558.0986773195935, 2.2875912365288137e-5},
	{1.31, 0.5, 1e-9, -1.2989105179399854, 0.5, 1.0000000000059422e-9, 0.500000001, 0.15865525393001922},
	{3, 0, 1, -1.3720531885395052, 0, 0.72276941384887663, 0.72276941384887663, 0.15191447082338201},
	{3, 1, 0.001, -1.5762527445278528, 0.999999000001, 0.00099999974999940625, 1.0009989997509994, 0.15865525393147218},
	{3, 2.5, 1, -2.7099307054252485, 1.5553171905873776, 0.90672496291744053, 2.4620421535048182, 0.16038090190761309},
	{3, 12, 3, -7.6762536872656155, 6.5699853086331146, 3.9269752067877537, 10.496960515420868, 0.17410385671012476},
	{3, 30, 5, -12.077883378383645, 25.948877884324289, 5.5391750746840686, 31.488052959008358, 0.15629354993860704},
	{3, 1e6, 1e-9, -54.065706504188353, 1000000.0, 1.0000000000476389e-9, 1000000.000000001, 0.15865525390561837},
	{3, 1e6, 1, -54.065706504140387, 999999.999996, 1.0000000000020045, 1000000.999996, 0.15865525393145585},
	{3, 1e6, 3e5, -19.086031842230047, 3.3334680892883942e-5, 1.7323318521557869, 1.7323651868366798, 0.090819236857779264},
	{3, 7, 1e9, -21.642204370151084, 2.0999999941957336e-17, 1.7320508051752236, 1.7320508051752236, 0.090845057128053071},
	{3, 0.5, 1e-9, -1.1609742649705826, 0.5, 1.0000000000059422e-9, 0.500000001, 0.15865525393001922},
	{8, 0, 1, -1.3052600365474783, 0, 0.71569259307518414, 0.71569259307518414, 0.15546626863207112},
	{8, 1, 0.001, -1.4801321614933494, 0.99999900000106173, 0.00099999961111108899, 1.0009989996121728, 0.15865525393145423},
	{8, 2.5, 1, -2.7589724251654371, 1.3952722560248218, 0.80853027801340472, 2.2038025340382265, 0.15748969110115759},
	{8, 12, 3, -8.9375872205205762, 2.1318285902609419, 1.8794439950621595, 4.0112725853231014, 0.13557774603142259},
	{8, 30, 5, -19.086016421374824, 7.187851409582017, 8.1465844883764973, 15.334435897958514, 0.19397681684635679},
	{8, 1e6, 1e-9, -115.9322166963434, 1000000.0, 1.0000000000476389e-9, 1000000.000000001, 0.15865525390561836},
	{8, 1e6, 1, -115.9322166962984, 999999.999991, 1.0000000000521389, 1000000.9999910001, 0.158655253905619},
	{8, 1e6, 3e5, -19.086031842323669, 1.481481481504039e-5, 1.154700538435561, 1.154715353250376, 0.14076846005086829},
	{8, 7, 1e9, -21.642204370151084, 9.333333333333222e-18, 1.1547005383792515, 1.1547005383792515, 0.14076846005537004},
	{8, 0.5, 1e-9, -1.0885810761506224, 0.5, 1.0000000000059422e-9, 0.500000001, 0.15865525393001922},
	{30, 0, 1, -1.2759922620338038, 0, 0.70985784121086433, 0.70985784121086433, 0.1576937298249813},
	{30, 1, 0.001, -1.435512546877463, 0.99999900000102809, 0.00099999953225833638, 1.0009989995332864, 0.15865525393145412},
	{30, 2.5, 1, -2.8062114751203062, 1.2921385677602566, 0.73710874239980036, 2.029247310160057, 0.1578302664429246},
	{30, 12, 3, -9.2093045558099882, 1.3317326782548006, 1.0549995768338035, 2.3867322550886041, 0.15422392286198931},
	{30, 30, 5, -19.792680681859427, 1.2974835698813904, 1.1013537867077647, 2.3988373565891551, 0.15306676155126982},
	{30, 1e6, 1e-9, -376.4895382070109, 1000000.0, 1.0000000000476389e-9, 1000000.000000001, 0.15865525390561836},
	{30, 1e6, 1, -376.4895382065149, 999999.999969, 1.0000000000631389, 1000000.9999690001, 0.15865525390562061},
	{30, 1e6, 3e5, -19.086031842338381, 1.1904761904664394e-5, 1.0350983390145582, 1.0351102437764629, 0.15444758757168836},
	{30, 7, 1e9, -21.642204370151084, 7.5000000000002205e-18, 1.0350983390135313, 1.0350983390135313, 0.15444758757174392},
	{30, 0.5, 1e-9, -1.0559017690066196, 0.5, 1.0000000000059422e-9, 0.500000001, 0.15865525393001922},
	{1000, 0, 1, -1.2658246858193982, 0, 0.70719498742744043, 0.70719498742744043, 0.15862505102780178},
	{1000, 1, 0.001, -1.4194384488725657, 0.99999900000100099, 0.000999999500999373, 1.0009989995020004, 0.15865525393145693},
	{1000, 2.5, 1, -2.8273246323098631, 1.2512884630489121, 0.70802349005211289, 1.959311953101025, 0.15862515261086904},
	{1000, 12, 3, -9.2685764579115458, 1.2034052793296287, 0.95126810139537543, 2.1546733807250042, 0.15855639096971745},
	{1000, 30, 5, -19.854013004435409, 1.157431584292891, 0.98337069976557851, 2.1408022840584695, 0.15854222070722276},
	{1000, 7, 1e9, -21.642204370151084, 7.014028056111197e-18, 1.0010015025043829, 1.0010015025043829, 0.15853411716086198},
	{1000, 0.5, 1e-9, -1.0442978951442883, 0.5, 1.0000000000059422e-9, 0.500000001, 0.15865525393001922},
}

// TestStudentTAgainstHighPrecision: the bound that the documentation states, 1e-12.
func TestStudentTAgainstHighPrecision(t *testing.T) {
	for _, r := range references {
		prior := StudentT{Scale: 1, DF: r.df}
		post := prior.Posterior(r.estimate, r.se)
		what := func(of string) string { return fmt.Sprintf("df %g, estimate %g ± %g: %s", r.df, r.estimate, r.se, of) }
		assert.Near(t, what("log marginal"), prior.LogMarginal(r.estimate, r.se), r.logMarginal, 1e-12*max(1, math.Abs(r.logMarginal)))
		ulps := 4e-16 * math.Abs(r.estimate) // what a mean can be told to
		assert.Near(t, what("mean"), post.Mean(), r.mean, 1e-12*min(math.Abs(r.mean), r.sd)+ulps)
		assert.Near(t, what("SD"), post.SD()/r.sd, 1, 1e-12+ulps/r.sd)
		assert.Near(t, what("tail"), post.ProbAbove(r.point), r.above, 1e-12+ulps/r.sd)
	}
}

func TestStudentTTails(t *testing.T) {
	// Closed forms: 1 degree of freedom is Cauchy's, 2 has P(T > z) = ½ − z/(2√(2+z²)).
	for _, z := range []float64{0, 1e-9, 0.3, 1, 5, 300, 1e9, 1e40} {
		cauchy, two := math.Atan2(1, z)/math.Pi, 1/(math.Sqrt(2+z*z)*(math.Sqrt(2+z*z)+z))
		assert.Near(t, "1 degree of freedom", StudentT{Scale: 1, DF: 1}.ProbAbove(z)/cauchy, 1, 1e-13)
		assert.Near(t, "2 degrees of freedom", StudentT{Scale: 1, DF: 2}.ProbAbove(z)/two, 1, 1e-13)
		assert.Near(t, "density", math.Exp(StudentT{Scale: 1, DF: 1}.LogDensity(z))*math.Pi*(1+z*z), 1, 1e-13)
	}
	// Many degrees of freedom, in 30 to 40-digit arithmetic (mpmath): the tail and the
	// log density.
	for _, r := range []struct{ df, z, above, log float64 }{
		{60, 5, 2.6440121053371387e-6, -11.546459182214932},
		{199, 3, 0.0015224133625530863, -5.3435203070071798},
		{201, 30, 1.835041910703357e-76, -172.68777440419239},
		{300, 4.2, 1.7615308068138695e-5, -9.5187686663015948},
		{1000, 0, 0.5, -0.91918853316300613},
		{1000, 5, 3.3836281823243152e-7, -13.277841134643942},
		{1000, 30, 7.6873437220217411e-142, -322.16705856244659},
		{100000, 6, 9.8996472780088128e-10, -18.915881778202555},
		{1e+06, 0.5, 0.30853759373618569, -1.0439388925796597},
		{1e+06, 8, 6.2275317166012598e-16, -32.917946825869286},
		{1e+06, 30, 6.0100471168317189e-198, -450.7170099988726},
	} {
		prior := StudentT{Scale: 1, DF: r.df}
		assert.Near(t, fmt.Sprintf("df %g: P(T > %g)", r.df, r.z), prior.ProbAbove(r.z)/r.above, 1, 1e-13*max(1, -math.Log(r.above)/100))
		assert.Near(t, fmt.Sprintf("df %g: log density at %g", r.df, r.z), prior.LogDensity(r.z)/r.log, 1, 1e-14)
	}
	// The normal limit differs by terms of order z⁴/ν.
	assert.Near(t, "normal limit", StudentT{Scale: 1, DF: 1e6}.CDF(1.3), stats.Normal{SD: 1}.CDF(1.3), 1e-6)
	assert.Near(t, "normal limit", StudentT{Scale: 1, DF: 1e6}.LogDensity(1.3), Single(stats.Normal{SD: 1}).LogDensity(1.3), 1e-6)
	rapid.Check(t, func(t *rapid.T) {
		prior := StudentT{rapid.Float64Range(-3, 3).Draw(t, "location"), rapid.Float64Range(0.01, 9).Draw(t, "scale"), rapid.Float64Range(0.6, 300).Draw(t, "df")}
		q := rapid.Float64Range(1e-12, 1-1e-12).Draw(t, "q")
		x := prior.Quantile(q)
		got, want := prior.CDF(x), q
		if q > 0.5 {
			got, want = prior.ProbAbove(x), 1-q
		}
		if math.Abs(got/want-1) > 1e-12 {
			t.Fatalf("the tail at the quantile is %g, want %g", got, want)
		}
		if total := prior.CDF(x) + prior.ProbAbove(x); math.Abs(total-1) > 1e-14 {
			t.Fatalf("tails sum to %g", total)
		}
	})
}

func TestStudentTMoments(t *testing.T) {
	for df, want := range map[float64][2]float64{0.9: {math.NaN(), math.NaN()}, 1.5: {0.1, math.Inf(1)}, 2: {0.1, math.Inf(1)}, 4: {0.1, 2 * math.Sqrt2}} {
		prior := StudentT{Location: 0.1, Scale: 2, DF: df}
		if m, sd := prior.Mean(), prior.SD(); m != want[0] && !math.IsNaN(want[0]) || sd != want[1] && !(math.Abs(sd-want[1]) < 1e-14) && !math.IsNaN(want[1]) {
			t.Errorf("df %g: mean %g, SD %g", df, m, sd)
		}
	}
	if m := (StudentT{Scale: 1, DF: 0.9}).Mean(); !math.IsNaN(m) {
		t.Errorf("mean %g without one", m)
	}
}

// TestStudentTLimits: what an estimate of no noise, of nothing but noise and of a
// near-normal prior say.
func TestStudentTLimits(t *testing.T) {
	prior := StudentT{Location: 0.2, Scale: 1, DF: 3}
	exactly := prior.Posterior(1.5, 0)
	if exactly.Mean() != 1.5 || exactly.SD() != 0 {
		t.Errorf("after an exact estimate: mean %g, SD %g", exactly.Mean(), exactly.SD())
	}
	nothing := prior.Posterior(1e9, math.Inf(1))
	assert.Near(t, "mean", nothing.Mean(), 0.2, 1e-12)
	assert.Near(t, "SD", nothing.SD(), math.Sqrt(3), 1e-9)
	assert.Near(t, "tail", nothing.ProbAbove(8)/prior.ProbAbove(8), 1, 1e-12)
	normal := Single(stats.Normal{Mean: 0.2, SD: 1}).Posterior(1.5, 0.7)
	near := StudentT{Location: 0.2, Scale: 1, DF: 1e6}.Posterior(1.5, 0.7)
	assert.Near(t, "mean", near.Mean(), normal.Mean(), 2e-6)
	assert.Near(t, "SD", near.SD(), normal.SD(), 2e-6)
}

// TestPosteriorsAreBayes: posterior × marginal = prior × likelihood, at any point;
// and a marginal density integrates to 1.
func TestPosteriorsAreBayes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var prior Prior = StudentT{rapid.Float64Range(-3, 3).Draw(t, "location"), math.Exp(rapid.Float64Range(-4, 4).Draw(t, "log scale")), rapid.Float64Range(0.6, 300).Draw(t, "df")}
		if rapid.Bool().Draw(t, "mixture") {
			prior = Mixture{Weights: []float64{1, 2, 0}, Components: []stats.Normal{{Mean: 0.1, SD: 0.5}, {Mean: -0.4, SD: rapid.Float64Range(0.01, 5).Draw(t, "sd")}, {Mean: 7}}}
		}
		estimate, se := rapid.Float64Range(-50, 50).Draw(t, "estimate"), math.Exp(rapid.Float64Range(-3, 6).Draw(t, "log se"))
		post := prior.Posterior(estimate, se)
		x := post.Mean() + rapid.Float64Range(-4, 4).Draw(t, "z")*post.SD()
		left := post.LogDensity(x) + prior.LogMarginal(estimate, se)
		right := prior.LogDensity(x) + logNormal(x-estimate, se)
		if math.Abs(left-right) > 1e-10*max(1, math.Abs(right)) {
			t.Fatalf("log posterior + log marginal = %.15g, log prior + log likelihood = %.15g", left, right)
		}
		if m, n := post.Mean(), prior.PosteriorMean(estimate, se); math.Abs(m-n) > 1e-12*(math.Abs(m)+post.SD()) {
			t.Fatalf("posterior mean %.15g, quickly %.15g", m, n)
		}
	})
	prior := StudentT{Scale: 1, DF: 3}
	// Twice the upper half, in x = sinh u; beyond sinh 14 lies 1e-17.
	half, bound := quad.Integrate(0, 14, 1e-12, func(u float64) float64 {
		return math.Exp(prior.LogMarginal(math.Sinh(u), 0.7)) * math.Cosh(u)
	})
	assert.Near(t, "the marginal's integral", 2*half, 1, 1e-11+bound)
}

// TestSplitIsTheIntegral holds Split against its definition, E[δ; δ̂ > cut], as an
// integral over the estimates, and its parts against the mean.
func TestSplitIsTheIntegral(t *testing.T) {
	for _, c := range []struct {
		prior   Prior
		cut, se float64
	}{
		{StudentT{-0.2, 1, 3}, 0.7, 2}, {StudentT{0.1, 1, 8}, -1, 0.3}, {StudentT{-0.2, 1, 40}, 2, 5}, {StudentT{-0.2, 1, 5000}, 1, 1},
		{Mixture{[]float64{3, 1}, []stats.Normal{{}, {Mean: -0.1, SD: 1}}}, 0.4, 0.5},
	} {
		above, below := c.prior.Split(c.cut, c.se)
		direct, _ := quad.Integrate(math.Asinh(c.cut), 20, 1e-13, func(u float64) float64 {
			y := math.Sinh(u)
			return c.prior.PosteriorMean(y, c.se) * math.Exp(c.prior.LogMarginal(y, c.se)) * math.Cosh(u)
		})
		assert.Near(t, "E[δ; δ̂ > cut]", above, direct, 1e-10)
		assert.Near(t, "both parts", above+below, c.prior.Mean(), 1e-14)
	}
	// One degree of freedom above having no mean, against the closed form of E[δ⁺].
	for _, df := range []float64{1.05, 1.31, 2, 30, 2000} {
		z := 0.2
		want := -0.2*upperTail(df, z) + (df+z*z)/(df-1)*math.Exp(StudentT{0, 1, df}.LogDensity(z))
		got, _ := StudentT{-0.2, 1, df}.Split(0, 0)
		assert.Near(t, "E[δ⁺]", got/want, 1, 2e-12)
	}
}

// TestTwoModes: under many degrees of freedom an estimate far out is either noise or
// a rare effect, with nothing between; where both are as likely both count. Prior
// times likelihood over the marginal integrates to 1.
func TestTwoModes(t *testing.T) {
	prior, estimate, se := StudentT{0, 1, 1000}, 795.495925198452, 10.0
	p := prior.precisions(estimate, se)
	if modes := p.modes(); len(modes) != 2 {
		t.Fatalf("modes at %v, want two", modes)
	}
	marginal, total := prior.LogMarginal(estimate, se), 0.0
	for x := -60.0; x < 900; x += 2 {
		part, _ := quad.Integrate(x, x+2, 1e-14, func(x float64) float64 {
			return math.Exp(prior.LogDensity(x) + logNormal(x-estimate, se) - marginal)
		})
		total += part
	}
	assert.Near(t, "integral of the posterior", total, 1, 2e-12)
	if post := prior.Posterior(estimate, se); !(post.CDF(100) > 0.1 && post.ProbAbove(400) > 0.1) {
		t.Errorf("P(δ ≤ 100) = %g, P(δ > 400) = %g", post.CDF(100), post.ProbAbove(400))
	}
}

// TestStudentTPosteriorMeans: values recomputed from the model, to 5 decimals.
func TestStudentTPosteriorMeans(t *testing.T) {
	for df, want := range map[float64][5]float64{
		3:    {.26311, .53787, 1.17164, 3.02983, 7.48524},
		1.31: {.26645, .55212, 1.25863, 3.36118, 7.70174},
	} {
		for i, x := range []float64{0.5, 1, 2, 4, 8} {
			assert.Near(t, "posterior mean", StudentT{Scale: 1, DF: df}.Posterior(x, 1).Mean(), want[i], 6e-6)
		}
	}
}

// Tail probabilities of a posterior in 40-digit arithmetic (mpmath): to 1e-12 of
// themselves or 1e-16, as the documentation says; the least are lost.
func TestStudentPosteriorTails(t *testing.T) {
	far, near := StudentT{Scale: 1, DF: 3}.Posterior(20, 1), StudentT{Scale: 1, DF: 1.5}.Posterior(6, 1)
	for _, c := range []struct{ got, want float64 }{
		{far.CDF(14), 4.13273360014269e-9}, {far.CDF(0), 4.830964581020678e-85},
		{near.CDF(0), 4.706040835376376e-8}, {near.CDF(1), 8.979734479597861e-6}, {near.ProbAbove(11), 5.542116908435721e-8},
	} {
		assert.Near(t, fmt.Sprintf("tail %g", c.want), c.got, c.want, 1e-16)
	}
}
