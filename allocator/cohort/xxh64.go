package cohort

import "math/bits"

// The five primes of XXH64.
const (
	prime1 uint64 = 0x9E3779B185EBCA87
	prime2 uint64 = 0xC2B2AE3D27D4EB4F
	prime3 uint64 = 0x165667B19E3779F9
	prime4 uint64 = 0x85EBCA77C2B2AE63
	prime5 uint64 = 0x27D4EB2F165667C5
)

// salted is XXH64 with seed 0 of texts that all begin with salt and colon: what can be
// worked out of those before the unit is known. A library would need salt, colon and
// unit in one piece, and joining them takes longer than hashing.
//
// XXH64 takes stripes of 32 bytes into four lanes, then words of 8, then what is left.
// Salt and colon are so many whole stripes, up to three whole words, and a rest of up
// to seven bytes, that the first bytes of the unit make a word of.
//
// Source: Collet, xxHash fast digest algorithm, specification 0.2.0, "XXH64
// algorithm", steps 1 to 7; the names are those of the text.
type salted struct {
	prefix  int       // bytes of salt and colon
	stripes int       // bytes of them in whole stripes
	lanes   [4]uint64 // after the stripes, and after the whole words where they begin another
	base    uint64    // the accumulator after the stripes, if no other follows
	words   [3]uint64 // the whole words, ready for a step
	whole   int       // how many
	rest    uint64
	bits    int // of the rest
}

func saltedWith(salt string) (s salted) {
	var seed uint64 // a variable, since the sums of constants would not fit
	s.prefix, s.lanes, s.base = len(salt)+1, [4]uint64{seed + prime1 + prime2, seed + prime2, seed, seed - prime1}, prime5
	for ; len(salt) >= 8; salt = salt[8:] {
		s.take(read8(salt))
	}
	s.rest, s.bits = few(salt)|':'<<(8*len(salt)), 8*len(salt)+8
	if s.bits == 64 {
		s.take(s.rest)
		s.rest, s.bits = 0, 0
	}
	return s
}

// take takes in a whole word; the fourth ends a stripe.
func (s *salted) take(word uint64) {
	s.lanes[s.whole] = round(s.lanes[s.whole], word)
	if s.whole == 3 {
		s.whole, s.stripes, s.base = 0, s.stripes+32, merged(&s.lanes)
		return
	}
	s.words[s.whole] = round(0, word)
	s.whole++
}

// hash returns XXH64 of salt, colon and unit.
func (s *salted) hash(unit string) uint64 {
	n := s.prefix + len(unit)
	first := s.rest | few(unit)<<s.bits // where the two meet
	at := 8 - s.bits/8                  // the bytes of the unit that it holds
	acc := s.base
	if n-s.stripes >= 32 {
		lanes := s.lanes
		lanes[s.whole] = round(lanes[s.whole], first)
		for i := s.whole + 1; i < 4; i++ {
			lanes[i] = round(lanes[i], read8(unit[at:]))
			at += 8
		}
		for ; at+32 <= len(unit); at += 32 {
			for i := range lanes {
				lanes[i] = round(lanes[i], read8(unit[at+8*i:]))
			}
		}
		acc = merged(&lanes) + uint64(n)
	} else {
		acc += uint64(n)
		switch s.whole {
		case 3:
			acc = step(step(step(acc, s.words[0]), s.words[1]), s.words[2])
		case 2:
			acc = step(step(acc, s.words[0]), s.words[1])
		case 1:
			acc = step(acc, s.words[0])
		}
		if at > len(unit) {
			return finish(acc, first, s.bits/8+len(unit))
		}
		acc = step(acc, round(0, first))
	}
	for ; at+8 <= len(unit); at += 8 {
		acc = step(acc, round(0, read8(unit[at:])))
	}
	return finish(acc, few(unit[at:]), len(unit)-at)
}

// finish takes in the last bytes, fewer than eight, and mixes.
func finish(acc, rest uint64, left int) uint64 {
	if left >= 4 {
		acc = bits.RotateLeft64(acc^rest&0xFFFFFFFF*prime1, 23)*prime2 + prime3
		rest, left = rest>>32, left-4
	}
	for ; left > 0; left-- {
		acc = bits.RotateLeft64(acc^rest&0xFF*prime5, 11) * prime1
		rest >>= 8
	}
	acc = (acc ^ acc>>33) * prime2
	acc = (acc ^ acc>>29) * prime3
	return acc ^ acc>>32
}

func merged(lanes *[4]uint64) uint64 {
	acc := bits.RotateLeft64(lanes[0], 1) + bits.RotateLeft64(lanes[1], 7) + bits.RotateLeft64(lanes[2], 12) + bits.RotateLeft64(lanes[3], 18)
	for _, lane := range lanes {
		acc = (acc^round(0, lane))*prime1 + prime4
	}
	return acc
}

func round(acc, lane uint64) uint64 {
	return bits.RotateLeft64(acc+lane*prime2, 31) * prime1
}

func step(acc, rounded uint64) uint64 {
	return bits.RotateLeft64(acc^rounded, 27)*prime1 + prime4
}

// few reads the first eight bytes of a text, little-endian, or all of a shorter one.
func few(s string) uint64 {
	n := len(s)
	switch {
	case n >= 8:
		return read8(s)
	case n >= 4: // two halves that may overlap, and then agree
		return read4(s) | read4(s[n-4:])<<(8*(n-4))
	case n > 0:
		return uint64(s[0]) | uint64(s[n/2])<<(8*(n/2)) | uint64(s[n-1])<<(8*(n-1))
	}
	return 0
}

func read4(s string) uint64 {
	_ = s[3]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}

// read8 is written so that the compiler makes one load of it.
func read8(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
