package sample

// surface is a place where ads are shown.
type surface struct {
	name  string
	team  string
	share float64 // of all ideas
	size  float64 // users of a typical test, relative to others
	scale float64 // of true effects: a mature surface has little left to gain
	money float64 // how much more users differ in what they spend
}

var surfaces = []surface{
	{"feed", "feed-ads", 0.28, 1.8, 0.80, 1.00},
	{"search", "search-ads", 0.22, 1.2, 0.75, 1.10},
	{"stories", "stories-ads", 0.16, 1.0, 1.15, 0.90},
	{"marketplace", "marketplace-ads", 0.16, 0.7, 1.40, 1.20},
	{"video", "video-ads", 0.18, 0.9, 1.05, 1.05},
}

// component is a part of the ads system. Training and serving are medians;
// both are log-normal with the given spread, which makes the demand for
// machines heavy-tailed: few candidates need most of the hours.
type component struct {
	name   string
	team   string  // that owns it across surfaces; "" when the surface's team does
	share  float64 // of all ideas
	scale  float64 // of true effects
	train  float64 // GPU-hours to train once
	serve  float64 // GPU-hours per week and million users
	spread float64 // σ of the logarithm of both
	pool   string
	ideas  []idea
}

var components = []component{
	{"ranking", "", 0.28, 1.20, 1600, 110, 0.9, "h100", rankingIdeas},
	{"features", "", 0.20, 0.85, 700, 25, 0.9, "a100", featureIdeas},
	{"retrieval", "candidates", 0.16, 1.00, 900, 70, 0.9, "h100", retrievalIdeas},
	{"calibration", "", 0.10, 0.65, 90, 6, 0.8, "a100", calibrationIdeas},
	{"auction", "auction", 0.12, 0.95, 40, 4, 0.8, "l4", auctionIdeas},
	{"creative", "creative", 0.14, 1.10, 220, 30, 1.0, "l4", creativeIdeas},
}

// writer is a source of ideas. In units of the scale of its idea, a true
// effect is mean + spread·t, with t from Student's distribution.
type writer struct {
	generator    string  // "" is a person
	mean, spread float64 // of true effects
	inflation    float64 // of its claims
	insight      float64 // correlation of claim and truth, on normal scores
	honest       bool    // claims are the middle and 80% interval of what it knows
}

// people, then a producer of many sound but small ideas, then one that
// promises the earth.
var writers = []writer{
	{"", -0.06, 1.00, 1.8, 0.30, false},
	{"lattice", -0.13, 0.62, 1.0, 0.30, true},
	{"beacon", -0.25, 0.90, 5.0, 0.20, false},
}

// metric is a quantity with the scale of its true effects for scale-1 ideas.
type metric struct {
	name  string
	words string
	y, d  int     // the quantities whose sums it divides; d < 0: users
	scale float64 // of true relative lifts
	base  float64 // control mean, or control ratio
	down  bool
	aim   float64 // share of ideas that are meant to move it
}

// Quantities that are summed over users.
const (
	impressions = iota
	clicks
	conversions
	revenue // in USD
	hides
	minutes
	quantities
	users = -1
)

var metrics = []metric{
	{"rpm", "revenue per thousand impressions", revenue, impressions, 0.0048, 9.0, false, 0.55},
	{"ctr", "click-through rate", clicks, impressions, 0.0030, 0.012, false, 0.25},
	{"cvr", "conversion rate", conversions, clicks, 0.0040, 0.035, false, 0.20},
	{"hide_rate", "ad hide rate", hides, impressions, 0.0090, 0.0009, true, 0},
	{"session_minutes", "session length", minutes, users, 0.0007, 46, false, 0},
}

// effectCorrelation is that of the metrics' true effects: what earns more per
// impression is clicked and bought more, and hidden a little more.
var effectCorrelation = [][]float64{
	{1, 0.45, 0.40, 0.20, -0.20},
	{0.45, 1, -0.10, -0.10, 0.10},
	{0.40, -0.10, 1, -0.10, 0.05},
	{0.20, -0.10, -0.10, 1, -0.45},
	{-0.20, 0.10, 0.05, -0.45, 1},
}

// spreadOf is how much larger or smaller the true effects of a kind of change
// are. Kinds that are not listed have 1.
var spreadOf = map[string]float64{
	"architecture":   1.20,
	"loss":           1.10,
	"new feature":    1.00,
	"hyperparameter": 0.70,
	"simplification": 0.60,
	"freshness":      0.85,
}
