package shrink

import "math"

// expParts holds 2^(j/128), for timesExp.
var expParts = func() (t [128]uint64) {
	for j := range t {
		t[j] = math.Float64bits(math.Exp2(float64(j) / 128))
	}
	return t
}()

// timesExp multiplies each of the numbers by e^x of its x ≤ 1, to 3e-16 of
// itself, 0 below −700. A fit of a million estimates takes two hundred million
// exponentials, which is most of its time; without a call for each, this is three
// times as fast as math.Exp:
//
//	x = (k/128) log 2 + r,  |r| ≤ log(2)/256:  e^x = 2^(k/128) (1 + r + … + r⁵/5!)
//
// Source: Tang (1989), "Table-driven implementation of the exponential function
// in IEEE floating-point arithmetic", ACM TOMS 15:144–157.
func timesExp(numbers, xs []float64) {
	const (
		round = 3 << 51 // adding it leaves an integer in the low bits
		high  = 0x1.62e42fefap-8
		low   = 0x1.cf79abc9e3b39p-47
	)
	numbers = numbers[:len(xs)]
	for i, x := range xs {
		if !(x > -700) {
			numbers[i] = 0
			continue
		}
		shifted := x*(128/math.Ln2) + round
		k := shifted - round
		bits := math.Float64bits(shifted)
		r := x - k*high - k*low
		p := r + r*r*(1./2+r*(1./6+r*(1./24+r*(1./120))))
		scale := math.Float64frombits(expParts[bits&127] + bits>>7<<52)
		numbers[i] *= scale + scale*p
	}
}
