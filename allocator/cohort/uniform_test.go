package cohort

import (
	"fmt"
	"math"
	"os"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// unlikely is the two-sided level of every test of chance here. The ids are fixed, so a
// test that passes passes always; the level says how far from chance they may be.
const unlikely = 1e-6

// ids are families as people have them: how regular they are is what a poor hash shows.
var families = map[string]func(i int) string{
	"numbers": func(i int) string { return fmt.Sprint(i) },
	"padded":  func(i int) string { return fmt.Sprintf("user-%010d", i) },
	"uuid":    func(i int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", i, i) },
	"steps":   func(i int) string { return fmt.Sprint(uint64(i) * 1_000_003 << 20) },
}

// count is how many ids of each family are tried: 10⁷ if time is no matter.
func count() int {
	switch {
	case os.Getenv("ASSAY_LONG") != "":
		return 10_000_000
	case testing.Short():
		return 200_000
	}
	return 1_000_000
}

// even fails unless the counts could come from equal chances: Pearson's χ² = Σ (n − e)²/e
// on cells − 1 degrees of freedom, in either tail, since too even is no chance either.
func even(t *testing.T, what string, counts []int, total int) {
	t.Helper()
	plausible(t, what, evenness(counts, total), len(counts)-1)
}

func evenness(counts []int, total int) float64 {
	expected := float64(total) / float64(len(counts))
	sum := 0.0
	for _, n := range counts {
		sum += (float64(n) - expected) * (float64(n) - expected) / expected
	}
	return sum
}

// independent fails unless rows and columns of the table could be independent: Pearson's
// χ² with expected counts from the margins, on (r − 1)(c − 1) degrees of freedom.
func independent(t *testing.T, what string, cells [][]int) {
	t.Helper()
	rows, columns, total := make([]float64, len(cells)), make([]float64, len(cells[0])), 0.0
	for i, row := range cells {
		for j, n := range row {
			rows[i] += float64(n)
			columns[j] += float64(n)
			total += float64(n)
		}
	}
	sum := 0.0
	for i, row := range cells {
		for j, n := range row {
			e := rows[i] * columns[j] / total
			sum += (float64(n) - e) * (float64(n) - e) / e
		}
	}
	plausible(t, what, sum, (len(rows)-1)*(len(columns)-1))
}

func plausible(t *testing.T, what string, chi2 float64, df int) {
	t.Helper()
	if p := twoSided(chi2, df); !(p > unlikely) {
		t.Errorf("%s: χ² is %.0f on %d degrees of freedom, p = %.2g", what, chi2, df, p)
	}
}

func twoSided(chi2 float64, df int) float64 {
	d := distuv.ChiSquared{K: float64(df)}
	return 2 * math.Min(d.CDF(chi2), d.Survival(chi2))
}

func table(rows, columns int) [][]int {
	cells := make([][]int, rows)
	for i := range cells {
		cells[i] = make([]int, columns)
	}
	return cells
}

// Buckets of a layer are equally likely; layers are independent, those whose salts
// differ in one character too; and so are the arms of two experiments, and an arm in
// one layer and the bucket in another.
func TestUniformAndIndependent(t *testing.T) {
	const buckets, coarse = 10_000, 100
	layers := []Layer{{"feed-1", buckets}, {"feed-2", buckets}, {"feed-all/ranking", buckets}, {"search-all/any", buckets}}
	arm := func(bucket int) int { // of an experiment on buckets 2000 to 5999
		if bucket < 4000 {
			return 0
		}
		return 1
	}
	for name, id := range families {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			total := count()
			uniform := table(len(layers), buckets)
			pairs := table(coarse*3, coarse) // each layer against the first
			arms, armBucket, armsOfOne := table(2, 2), table(2, coarse), make([]int, 2)
			for i := range total {
				unit := id(i)
				var at [4]int
				for k, l := range layers {
					at[k] = l.Bucket(unit)
					uniform[k][at[k]]++
				}
				for k := 1; k < len(at); k++ {
					pairs[(k-1)*coarse+at[0]*coarse/buckets][at[k]*coarse/buckets]++
				}
				if in := at[2] >= 2000 && at[2] < 6000; in {
					armsOfOne[arm(at[2])]++
					armBucket[arm(at[2])][at[3]*coarse/buckets]++
					if at[3] >= 2000 && at[3] < 6000 {
						arms[arm(at[2])][arm(at[3])]++
					}
				}
			}
			for k, l := range layers {
				even(t, "buckets of "+l.Salt, uniform[k], total)
			}
			for k := 1; k < len(layers); k++ {
				independent(t, layers[0].Salt+" and "+layers[k].Salt, pairs[(k-1)*coarse:k*coarse])
			}
			even(t, "arms of an experiment", armsOfOne, armsOfOne[0]+armsOfOne[1])
			independent(t, "arm in one layer, bucket in another", armBucket)
			independent(t, "arms of experiments in two layers", arms)
		})
	}
}

// The test is only worth something if it can fail: a sum of the bytes is no hash.
func TestChiSquareCanFail(t *testing.T) {
	counts := make([]int, 100)
	for i := range 100_000 {
		sum := 0
		for _, c := range []byte(fmt.Sprint(i)) {
			sum += int(c)
		}
		counts[sum%100]++
	}
	if p := twoSided(evenness(counts, 100_000), 99); p > unlikely {
		t.Errorf("sums of digits pass for uniform: p = %g", p)
	}
}
