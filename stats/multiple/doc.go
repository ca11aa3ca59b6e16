// Package multiple keeps many tests honest: which of them count as discoveries
// when all are looked at together, what level the next test of an endless stream
// gets, and how far the winners' estimates overstate what they will bring.
//
// [Adjust] and [QValues] take all p-values at once. [Online] takes them one at a
// time, as a programme of tests makes them: its level for the next test is known
// before the test starts, and its state can be stored and resumed. [WinnersCurse]
// corrects the total lift of what was launched.
//
//	q, err := multiple.Adjust(p, multiple.BH)      // reject where q ≤ 0.05: FDR ≤ 5%
//
//	stream, err := multiple.NewOnline(multiple.Options{Method: multiple.SAFFRON})
//	planned := stream.Level()                      // α of the next test
//	decision, err := stream.Next(0.0003)           // {Level, Reject}
//
// FWER is the probability of any false rejection; FDR the expected share of false
// ones among the rejections, with 0/0 = 0; mFDR the ratio of their expectations.
// What each procedure promises, and under which dependence of the p-values, stands
// at its name.
//
// The package does not make p-values, does not weight hypotheses and does not stop
// a test early: a p-value that was peeked at is none.
package multiple
