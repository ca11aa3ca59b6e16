package sample

// The grammar, second half: which ads are considered, at what price, and how
// they look.

var retrievalIdeas = []idea{
	{
		change: "candidate source", cost: 1.2,
		title:  "retrieve {a} more candidates from {b}",
		reason: "the ranker can only choose among what retrieval brings it",
		a:      []string{"100", "200", "500", "1,000", "2,000"},
		b:      []string{"a two-tower index", "a graph of co-purchases", "advertisers visited of late", "look-alike audiences", "rising categories", "fresh campaigns", "the catalogue of the same merchant"},
	},
	{
		change: "training data", cost: 1.4,
		title:  "mine hard negatives from {a} for {b}",
		reason: "random negatives are too easy for {b} to learn from",
		a:      []string{"skipped ads", "ads that lost the auction", "ads of the same category", "hides of the same session", "the top ads of the day before"},
		b:      []string{"the two-tower model", "the user tower", "the ad tower", "the first-stage ranker", "the tower for new ads"},
	},
	{
		change: "freshness", cost: 0.9,
		title:  "rebuild the {a} index every {b}",
		reason: "new ads wait for the next {a} index before anyone can see them",
		a:      []string{"nearest-neighbour", "keyword", "audience", "product-catalogue", "geographic"},
		b:      []string{"12 hours", "6 hours", "2 hours", "hour", "30 minutes", "15 minutes"},
	},
	{
		change: "architecture",
		title:  "cut the first stage by {a} with {b}",
		reason: "the first stage ranks many ads that can never win",
		a:      []string{"10%", "20%", "30%", "40%", "50%"},
		b:      []string{"a distilled ranker", "a filter on remaining budget", "the predicted rank of the bid", "a light conversion model", "an early-exit threshold", "relevance buckets"},
	},
	{
		change: "policy rule", cost: 0.3,
		title:  "reserve {b} of candidates for {a}",
		reason: "{a} are crowded out before the ranker sees them",
		a:      []string{"new advertisers", "local advertisers", "small budgets", "seasonal campaigns", "categories new to the user", "rich-media creatives"},
		b:      []string{"2%", "5%", "8%", "10%", "15%"},
	},
	{
		change: "candidate source", cost: 1.5,
		title:  "expand {a} by {b}",
		reason: "{a} as declared miss most of what would fit",
		a:      []string{"user interests", "targeting keywords", "product categories", "audience seeds", "advertiser topics"},
		b:      []string{"neighbours in co-clicks", "a language model", "a knowledge graph", "neighbours in the embedding", "sequences of purchases"},
	},
	{
		change: "simplification", cost: 0.5,
		title:  "compress {a} vectors to {b}",
		reason: "memory limits how many ads the index can hold",
		a:      []string{"ad", "user", "product", "page", "audience"},
		b:      []string{"8 bits", "4 bits", "binary codes", "32-byte product codes", "64-byte product codes"},
	},
}

var auctionIdeas = []idea{
	{
		change: "pricing",
		title:  "set reserve prices by {a} and update them every {b}",
		reason: "one reserve price for all is too high for some auctions and too low for most",
		a:      []string{"category", "market", "ad format", "hour of day", "predicted value", "depth of the auction"},
		b:      []string{"hour", "6 hours", "day", "3 days", "week"},
	},
	{
		change: "policy rule",
		title:  "take {b} off the score of {a}",
		reason: "{a} cost attention that nobody is charged for",
		a:      []string{"ads likely to be hidden", "repeat impressions", "ads with slow landing pages", "ads with unclear text", "near-duplicate ads", "ads of crowded categories"},
		b:      []string{"5%", "10%", "15%", "20%", "30%"},
	},
	{
		change: "pricing", cost: 1.5,
		title:  "pace budgets by {a} within {b}",
		reason: "budgets are spent early, on auctions that are not the best of the day",
		a:      []string{"predicted traffic", "marginal return", "forecast conversion rates", "pressure in the auction", "hours that remain"},
		b:      []string{"the hour", "blocks of 4 hours", "half a day", "the day", "the week"},
	},
	{
		change: "pricing", cost: 2,
		title:  "shade bids by {a} for {b}",
		reason: "{b} pay more than they need to, and bid less for it the week after",
		a:      []string{"the predicted second price", "a learned win-rate curve", "the depth of the market", "the density of rivals"},
		b:      []string{"value campaigns", "conversion campaigns", "catalogue campaigns", "app campaigns", "small budgets", "returning visitors"},
	},
	{
		change: "policy rule",
		title:  "blend {a} into the score at {b}",
		reason: "the auction maximises the next event and ignores {a}",
		a:      []string{"long-term user value", "retention of advertisers", "quality of sellers", "predicted satisfaction", "incremental conversions", "continuation of the session"},
		b:      []string{"2%", "5%", "10%", "15%", "20%"},
	},
	{
		change: "policy rule", cost: 0.5,
		title:  "limit {a} to {b}",
		reason: "the fifth view of the same thing sells nothing and tires the user",
		a:      []string{"ads of one advertiser", "ads of one category", "views of one creative", "views without a click", "ads for visited pages"},
		b:      []string{"1 per session", "2 per session", "2 per day", "4 per day", "6 per week", "10 per week"},
	},
}

var creativeIdeas = []idea{
	{
		change: "creative format", cost: 1.5,
		title:  "choose {a} by {b}",
		reason: "advertisers upload several {a} and we show them in turn",
		a:      []string{"thumbnails", "headlines", "button labels", "aspect ratios", "product cards", "background colours"},
		b:      []string{"a contextual bandit", "predicted click rate", "predicted conversions", "device and language", "likeness to past clicks", "a bandit per advertiser"},
	},
	{
		change: "creative format", cost: 3,
		title:  "generate {a} {b}",
		reason: "small advertisers write one text and never test another",
		a:      []string{"headline variants", "short captions", "button labels", "product descriptions", "translated headlines"},
		b:      []string{"with a language model", "from templates of the category", "from the landing page", "from reviews of the product", "after the best tenth of past ads"},
	},
	{
		change: "creative format", cost: 0.5,
		title:  "show {a} on {b}",
		reason: "users leave the ad to look for {a}",
		a:      []string{"star ratings", "delivery times", "price drops", "stock levels", "return policies", "nearby shops"},
		b:      []string{"product cards", "catalogue ads", "single-image ads", "carousel ads", "ads for visited pages"},
	},
	{
		change: "policy rule", cost: 0.4,
		title:  "retire a creative for a user after {a} without {b}",
		reason: "a creative that was ignored often will be ignored again",
		a:      []string{"3 views", "5 views", "8 views", "12 views", "20 views"},
		b:      []string{"a click", "a pause", "a save", "a visit to the landing page", "any interaction"},
	},
	{
		change: "new feature", cost: 2,
		title:  "score {a} of creatives with {b}",
		reason: "{a} decides whether an ad is understood at all",
		a:      []string{"image quality", "legibility", "visibility of the brand", "visual clutter", "focus on the product"},
		b:      []string{"a vision model", "a small distilled vision model", "ratings by people", "labels from hides", "labels from pauses"},
	},
	{
		change: "creative format", cost: 0.8,
		title:  "order carousel cards by {a}, anew {b}",
		reason: "most users see only the first two cards",
		a:      []string{"predicted clicks", "predicted conversions", "price", "recency of views", "likeness to the first card"},
		b:      []string{"for every request", "for every session", "every hour", "every day"},
	},
}
