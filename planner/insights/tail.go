package insights

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/assay-planner/assay/stats"
	"github.com/assay-planner/assay/stats/bayes"
	"github.com/assay-planner/assay/stats/value"
)

// Tail is how far single ideas stand out, and what that means for the size of tests.
type Tail struct {
	// DF is the tail index: the degrees of freedom of a generalised Student t fitted to
	// true effects (bayes.FitStudentT), with the interval of its profile likelihood. Below
	// 3 the first users of a test are worth most; a normal has no end of them. One arm of
	// each experiment counts, the first by name, so that effects are independent.
	DF         float64        `json:"df"`
	Interval   stats.Interval `json:"interval"`
	Prior      bayes.StudentT `json:"prior"`
	NormalP    float64        `json:"normal_p"`    // p-value of "the tail is normal"
	Ideas      int            `json:"ideas"`       // experiments, one arm of each
	Users      float64        `json:"users"`       // of all these tests
	MedianTest float64        `json:"median_test"` // users of the median one
	Sigma      float64        `json:"sigma"`       // noise of one user (value.Production)
	// Fat and Normal are how as many users as were tested would be split best over ideas
	// of this kind, one to Most of them, under the fitted t, and under the normal that fits
	// best.
	Fat    Sizing `json:"fat"`
	Normal Sizing `json:"normal"`
	Most   int    `json:"most"` // tests that are searched: ten times as many as there were
	// Edge: the best split under the fitted t is the end of what is searched, so that more
	// tests may be better still, or fewer than one.
	Edge bool `json:"edge"`
	// NearLow to NearHigh tests bring 95% or more of what the best split does, under the
	// fitted t: a wide range says that the number hardly matters.
	NearLow  int `json:"near_low"`
	NearHigh int `json:"near_high"`
	// NormalLoss is the share of the best split's gain that is lost, under the fitted t, by
	// splitting as is best for a normal tail: a small one says that the tail hardly matters.
	NormalLoss float64 `json:"normal_loss"`
	// Splits are as many users over fewer or more tests than there were.
	Splits []Split `json:"splits"`
	// Survival is how the shares of lifts fall with their distance from Prior.Location:
	// empty where true lifts show no spread beyond noise.
	Survival []Survival `json:"survival"`
}

// Split is what the users of all tests would bring, split evenly over so many tests of
// ideas of this kind: the expected sum of lifts shipped, beyond what ships untested.
type Split struct {
	Times     float64 `json:"times"` // as many tests as there were
	UsersEach float64 `json:"users_each"`
	Fat       float64 `json:"fat"`    // under the fitted t
	Normal    float64 `json:"normal"` // under the fitted normal
}

// Sizing is the best equal split of users over tests of one kind of idea.
type Sizing struct {
	Tests     int     `json:"tests"`
	UsersEach float64 `json:"users_each"`
	Gain      float64 `json:"gain"`  // expected sum of lifts shipped, beyond what ships untested
	PCut      float64 `json:"p_cut"` // the one-sided p-value below which such a test should ship
}

func (l *learner) tail() (*Tail, error) {
	var es []stats.Estimate
	var users, noise []float64
	for _, t := range l.trials {
		a := t.arms[0]
		es = append(es, a.Estimate)
		n := a.of.ControlUsers + a.of.TreatmentUsers
		users, noise = append(users, n), append(noise, a.SE*math.Sqrt(n))
	}
	if len(es) < fewForTail {
		return nil, fmt.Errorf("%d experiments; %d are the fewest that tell a tail", len(es), fewForTail)
	}
	fit, err := bayes.FitStudentT(es, bayes.FitOptions{Level: l.o.Level})
	if err != nil {
		return nil, err
	}
	t := &Tail{DF: fit.Prior.DF, Interval: fit.DF, Prior: fit.Prior, NormalP: fit.NormalP, Ideas: len(es), MedianTest: median(users), Sigma: median(noise), Most: mostTimes * len(es)}
	for _, n := range users {
		t.Users += n
	}
	fat := value.Production{Prior: fit.Prior, Sigma: t.Sigma}
	if t.Fat, err = split(fat, t.Users, t.Most); err != nil {
		return nil, err
	}
	normal := value.Production{Prior: bayes.Single(fit.Normal.Prior), Sigma: t.Sigma}
	if t.Normal, err = split(normal, t.Users, t.Most); err != nil {
		return nil, err
	}
	t.choose(fat)
	t.Survival = survival(es, fit)
	for _, times := range []float64{0.1, 0.25, 0.5, 1, 2, 4, mostTimes} {
		tests := times * float64(len(es))
		f, errF := fat.At(t.Users / tests)
		n, errN := normal.At(t.Users / tests)
		if err := errors.Join(errF, errN); err != nil {
			return nil, err
		}
		t.Splits = append(t.Splits, Split{times, t.Users / tests, tests * f.Value, tests * n.Value})
	}
	return t, nil
}

const (
	fewForTail = 30
	mostTimes  = 10   // as many tests as there were
	near       = 0.95 // of the best split's gain
)

// choose says how much hangs on the number of tests, and on the tail.
func (t *Tail) choose(fat value.Production) {
	gain := func(tests float64) float64 {
		at, err := fat.At(t.Users / tests)
		if err != nil {
			return 0
		}
		return tests * at.Value
	}
	best := t.Fat.Tests
	t.Edge = best == t.Most || best == 1
	t.NearLow, t.NearHigh = best, best
	if !(t.Fat.Gain > 0) {
		return
	}
	t.NormalLoss = max(0, 1-gain(float64(t.Normal.Tests))/t.Fat.Gain)
	// The gain rises up to the best and falls from there.
	worse := func(tests int) bool { return gain(float64(tests)) < near*t.Fat.Gain }
	t.NearLow = 1 + sort.Search(best-1, func(i int) bool { return !worse(1 + i) })
	t.NearHigh = best + sort.Search(t.Most-best, func(i int) bool { return worse(best + 1 + i) })
}

// Meaning says in words what the index is, by its interval.
func (t Tail) Meaning() string {
	switch {
	case t.Interval.High < 3:
		return "That is fat: few ideas bring most, and the first users of a test are worth most."
	case t.Interval.Low > 3 && t.Interval.High < 1000:
		return "That is fatter than a normal, but thin enough that a test needs some users before it is worth its while."
	case t.Interval.High < 1000 || t.NormalP < 0.05:
		return "That is fatter than a normal; the interval holds 3, below which the first users of a test are worth most."
	}
	return "True lifts are as good as normal: no idea stands far out."
}

// Advice says in words whether the users of all tests would bring more in other tests.
func (t Tail) Advice() string {
	switch {
	case !(t.Fat.Gain > 0):
		return "No split brings anything: no test would change what is done untested."
	case t.NearLow <= t.Ideas && t.Ideas <= t.NearHigh:
		return "As many tests as there were are about as good as any number."
	case t.Fat.Tests > t.Ideas:
		return "More and smaller tests would bring more than there were."
	}
	return "Fewer and larger tests would bring more than there were."
}

func split(p value.Production, users float64, ideas int) (Sizing, error) {
	best, err := p.Portfolio(users, ideas)
	if err != nil {
		return Sizing{}, err
	}
	at, err := p.At(best.UsersEach)
	return Sizing{best.Tests, best.UsersEach, best.Value, at.PCut}, err
}

func median(all []float64) float64 {
	s := slices.Sorted(slices.Values(all))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
