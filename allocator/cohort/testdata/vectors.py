#!/usr/bin/env python3
"""Writes vectors.csv: buckets by an implementation that shares nothing with Go's.

XXH64 as its specification describes it (xxHash fast digest algorithm 0.2.0,
section "XXH64 algorithm"), in plain Python. It first checks itself against values
that the specification's own test program and xxhsum print. To run it:

    python3 vectors.py > vectors.csv

The same by hand, with Debian's xxhash:

    h=$(printf %s 'feed-all/ranking:user-1' | xxhsum -H1 | cut -c1-8)
    echo $(( 0x$h * 10000 >> 32 ))
"""

P1, P2, P3, P4, P5 = (
    0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9,
    0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5,
)
M = (1 << 64) - 1


def rotl(x, r):
    return ((x << r) | (x >> (64 - r))) & M


def lane(acc, word):
    return rotl((acc + word * P2) & M, 31) * P1 & M


def xxh64(data, seed=0):
    at = 0

    def take(n):
        nonlocal at
        at += n
        return int.from_bytes(data[at - n:at], "little")

    if len(data) >= 32:
        acc = [(seed + P1 + P2) & M, (seed + P2) & M, seed, (seed - P1) & M]
        while len(data) - at >= 32:
            acc = [lane(a, take(8)) for a in acc]
        h = sum(rotl(a, r) for a, r in zip(acc, (1, 7, 12, 18))) & M
        for a in acc:
            h = ((h ^ lane(0, a)) * P1 + P4) & M
    else:
        h = (seed + P5) & M
    h = (h + len(data)) & M
    while len(data) - at >= 8:
        h = (rotl(h ^ lane(0, take(8)), 27) * P1 + P4) & M
    if len(data) - at >= 4:
        h = (rotl(h ^ (take(4) * P1 & M), 23) * P2 + P3) & M
    while at < len(data):
        h = rotl(h ^ (take(1) * P5 & M), 11) * P1 & M
    h = (h ^ (h >> 33)) * P2 & M
    h = (h ^ (h >> 29)) * P3 & M
    return h ^ (h >> 32)


assert xxh64(b"") == 0xEF46DB3751D8E999
assert xxh64(b"a") == 0xD24EC4F1A98C6E5B
assert xxh64(b"abc") == 0x44BC2CF5AD770999
assert xxh64(b"Nobody inspects the spammish repetition") == 0xFBCEA83C8A378BF1

LAYERS = [("feed-all/ranking", 10_000), ("feed-all/retrieval", 10_000), ("s", 1000),
          ("search-all/any#2", 1 << 20), ("läyer", 1), ("x" * 200, 9973)]
UNITS = ["user-1", "user-2", "0", "1", "42", "0042", " 42", "", "é", "e\u0301", "用户",
         "a:b", "550e8400-e29b-41d4-a716-446655440000", "ana@example.com",
         "18446744073709551615", "u" * 31, "u" * 79, "u" * 300]

# Where salt and colon end, and the unit begins, within a word and a stripe of XXH64.
LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
SPLITS = [(LETTERS[::-1][:k], 10_000, LETTERS[:n]) for k in range(1, 65) for n in (k % 7, 7 + k % 11, 17 + k % 41)]

if __name__ == "__main__":
    print("salt,buckets,unit,xxh64,bucket")
    for salt, buckets, unit in [(*layer, unit) for layer in LAYERS for unit in UNITS] + SPLITS:
        h = xxh64(f"{salt}:{unit}".encode())
        print(f"{salt},{buckets},{unit},{h:016x},{(h >> 32) * buckets >> 32}")
