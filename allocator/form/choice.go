package form

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"github.com/assay-planner/assay/allocator/knapsack"
)

// WriteChoice writes the chosen item of each class, counted from 0, one per line;
// −1 for none.
func WriteChoice(w io.Writer, choice []int) error {
	out := bufio.NewWriter(w)
	var b []byte
	for _, k := range choice {
		b = append(strconv.AppendInt(b[:0], int64(k), 10), '\n')
		if _, err := out.Write(b); err != nil {
			return err
		}
	}
	return out.Flush()
}

// ReadChoice reads what [WriteChoice] writes, for a number of classes.
func ReadChoice(r io.Reader, classes int) ([]int, error) {
	l := newLexer(bufio.NewReader(r))
	var choice []int
	for c := range classes {
		k, err := l.count(knapsack.None, maxClasses, "the item of class %d", c)
		if err != nil {
			return nil, err
		}
		choice = append(choice, k)
	}
	return choice, l.end(fmt.Sprintf("the item of the last class, %d", classes-1))
}
