// Package form reads allocation problems, and choices for them, in the text forms in
// which they are published, and nights as JSON.
//
//	file, err := form.Read(r, form.Unknown) // plain or gzip; the form is recognised
//	for _, p := range file.Problems { … }   // *knapsack.Problem
//	if file.Night != nil { … }              // *allocator.Problem, from JSON
//
// The forms are those of the multiple-choice instances of the literature ([MMKP]: every
// class must have an item), of the OR-Library's multidimensional knapsacks ([MKnap]:
// several problems in a file, an item is taken or not), and of the generator of
// experiment portfolios ([Portfolio]: with conflicts, quotas and minimum shares).
// docs/allocate.md describes them. An *[Error] says in which line what is wrong.
package form
