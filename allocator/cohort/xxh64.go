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

// xxh64 returns XXH64 with seed 0 of salt, colon and unit, read where they lie. A
// library would need them in one piece, and joining them takes longer than hashing.
//
// Source: Collet, xxHash fast digest algorithm, specification 0.2.0, "XXH64
// algorithm", steps 1 to 7; the names are those of the text.
func xxh64(salt, unit string) uint64 {
	n, at := len(salt)+1+len(unit), 0
	acc := prime5
	if n >= 32 {
		var seed, zero uint64 // variables, since the sums of constants would not fit
		acc1, acc2, acc3, acc4 := seed+prime1, seed+prime2, seed, zero-prime1
		acc1 += prime2
		for ; at+32 <= n; at += 32 {
			acc1 = round(acc1, word(salt, unit, at))
			acc2 = round(acc2, word(salt, unit, at+8))
			acc3 = round(acc3, word(salt, unit, at+16))
			acc4 = round(acc4, word(salt, unit, at+24))
		}
		acc = bits.RotateLeft64(acc1, 1) + bits.RotateLeft64(acc2, 7) + bits.RotateLeft64(acc3, 12) + bits.RotateLeft64(acc4, 18)
		for _, a := range [4]uint64{acc1, acc2, acc3, acc4} {
			acc = (acc^round(0, a))*prime1 + prime4
		}
	}
	acc += uint64(n)
	for ; at+8 <= len(salt); at += 8 {
		acc = step(acc, read8(salt[at:]))
	}
	if at <= len(salt) && at+8 <= n {
		acc = step(acc, across(salt, unit, at))
		at += 8
	}
	for ; at+8 <= n; at += 8 {
		acc = step(acc, read8(unit[at-len(salt)-1:]))
	}
	rest, left := tail(salt, unit, at), n-at
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

func round(acc, lane uint64) uint64 {
	return bits.RotateLeft64(acc+lane*prime2, 31) * prime1
}

func step(acc, lane uint64) uint64 {
	return bits.RotateLeft64(acc^round(0, lane), 27)*prime1 + prime4
}

// word reads eight bytes, little-endian, at a place of the joined text.
func word(salt, unit string, at int) uint64 {
	switch over := at + 8 - len(salt); { // bytes of the word that lie beyond the salt
	case over <= 0:
		return read8(salt[at:])
	case over > 8:
		return read8(unit[over-9:])
	}
	return across(salt, unit, at)
}

// tail reads the bytes from a place on to the end, at most seven of them.
func tail(salt, unit string, at int) uint64 {
	if from := at - len(salt) - 1; from >= 0 {
		return few(unit[from:])
	}
	return across(salt, unit, at)
}

// across reads up to eight bytes from a place in the salt or on the colon, zeros where
// the text has ended.
func across(salt, unit string, at int) uint64 {
	k := len(salt) - at
	return last(salt, k) | ':'<<(8*k) | few(unit)<<(8*k+8)
}

// few reads the first eight bytes of a text, or all of a shorter one.
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

// last reads the last k bytes of a text, k < 8.
func last(s string, k int) uint64 {
	if len(s) >= 8 {
		return read8(s[len(s)-8:]) >> (64 - 8*k)
	}
	return few(s[len(s)-k:])
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
