-- What it takes to adjust a ratio for its users' values before exposure: Σxd. NaN:
-- not known. Older rows of a plain mean have d = 1 for every user.
ALTER TABLE outcomes ADD COLUMN IF NOT EXISTS sum_xd Float64 DEFAULT if(sum_d = n AND sum_dd = n, sum_x, nan) AFTER sum_xy;
