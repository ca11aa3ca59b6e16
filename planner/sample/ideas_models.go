package sample

// The grammar, first half: what the models learn and from what.

var rankingIdeas = []idea{
	{
		change: "architecture", cost: 2.5,
		title:  "replace the {a} by {b}",
		reason: "the {a} cannot express how a user's intent meets an ad",
		a:      []string{"feature-crossing layers", "user-history encoder", "final pooling layer", "shared trunk of the multi-task model", "ad tower of the ranker"},
		b:      []string{"a gated cross network", "a low-rank mixture of experts", "a two-layer transformer", "a target-attention network", "a wide residual tower"},
	},
	{
		change: "architecture", cost: 2,
		title:  "let the ranking model attend over the last {a} {b}",
		reason: "the model sees only averages of what a user did, and the order of events carries intent",
		a:      []string{"50", "100", "200", "500", "1,000", "2,000"},
		b:      []string{"ad impressions", "page views", "interactions with ads", "interactions with content", "scroll and pause events", "items viewed"},
	},
	{
		change: "loss",
		title:  "train the ranker with {a} on {b}",
		reason: "log loss on single impressions spends its capacity on pairs that never compete",
		a:      []string{"a pairwise loss", "a focal loss", "a listwise loss", "a label-smoothed loss", "a position-debiased loss", "an uncertainty-weighted loss"},
		b:      []string{"clicks", "conversions", "clicks and hides together", "revenue-weighted impressions", "first impressions of an ad", "sessions with a purchase"},
	},
	{
		change: "loss",
		title:  "add an auxiliary task that predicts {a}, at {b} of the total loss",
		reason: "{a} tell a good click from an accidental one",
		a:      []string{"long visits to the landing page", "hides within a day", "return visits within a week", "purchases within 7 days", "additions to the basket", "saves of the ad", "poor answers in ad surveys"},
		b:      []string{"5%", "10%", "20%", "30%", "50%"},
	},
	{
		change: "training data", cost: 1.5,
		title:  "train on {a} of logs, {b}",
		reason: "the present window of logs is a habit, not a choice",
		a:      []string{"30 days", "60 days", "90 days", "180 days", "12 months"},
		b:      []string{"recent days weighted double", "without holiday weeks", "with one in ten negatives kept", "with delayed conversions filled in", "exploration traffic weighted up", "repeat impressions thinned"},
	},
	{
		change: "hyperparameter", cost: 1.3,
		title:  "make the {a} embeddings {b}",
		reason: "the {a} table has grown since its size was last set",
		a:      []string{"advertiser", "campaign", "user-interest", "ad-creative", "landing-page", "product-category"},
		b:      []string{"a half larger", "twice as large", "three times as large", "half as large", "as large as their traffic earns"},
	},
	{
		change: "freshness", cost: 1.6,
		title:  "retrain the {a} every {b}",
		reason: "campaigns change during the day and the {a} learns of it only the day after",
		a:      []string{"click model", "conversion model", "hide model", "value model", "multi-task model"},
		b:      []string{"12 hours", "6 hours", "3 hours", "hour", "30 minutes"},
	},
	{
		change: "architecture", cost: 3,
		title:  "distil {a} into {b}",
		reason: "{a} ranks better than what we can afford to serve",
		a:      []string{"the ensemble of three rankers", "the monthly large model", "a teacher four times as wide", "the offline sequence model"},
		b:      []string{"a single tower", "a model half the size", "a model a quarter the size", "an 8-bit model", "a sparse model"},
	},
	{
		change: "architecture", cost: 1.8,
		title:  "re-rank the top {a} ads with {b}",
		reason: "ads are scored one by one, though they are seen side by side",
		a:      []string{"10", "20", "30", "50", "100", "200"},
		b:      []string{"a model of the whole slate", "a diversity term", "a model of ads that compete", "a second conversion model", "a session-level value model", "a graph of co-clicked ads"},
	},
	{
		change: "hyperparameter", cost: 0.8,
		title:  "warm the learning rate up over {a} and decay it {b}",
		reason: "the first hours of training still move the embeddings of rare ads too far",
		a:      []string{"1,000 steps", "5,000 steps", "10,000 steps", "half an epoch", "one epoch"},
		b:      []string{"by a cosine", "linearly", "in three steps", "by the inverse square root", "to a tenth"},
	},
}

var featureIdeas = []idea{
	{
		change: "new feature",
		title:  "add {a} over {b} as a feature",
		reason: "{a} say what a click does not",
		a:      []string{"landing-page visits", "hides of the advertiser", "return visits to the advertiser", "saves and shares of the ad", "refunds of the advertiser", "purchases in the category", "impressions without a pause"},
		b:      []string{"1 hour", "1 day", "7 days", "28 days", "90 days", "180 days"},
	},
	{
		change: "new feature", cost: 0.8,
		title:  "cross {a} with {b}",
		reason: "the effect of {b} depends on {a}, and the model has to learn it pair by pair",
		a:      []string{"hour of day", "device class", "connection speed", "days since sign-up", "depth of the session", "weekday"},
		b:      []string{"advertiser category", "ad format", "campaign objective", "price band", "age of the ad", "language of the creative"},
	},
	{
		change: "new feature", cost: 2.5,
		title:  "encode {a} with {b}",
		reason: "{a} enter the model only as an id, so that nothing is known of a new one",
		a:      []string{"ad texts", "landing-page texts", "product titles", "descriptions of advertisers", "comments under ads"},
		b:      []string{"a small language model", "a multilingual sentence encoder", "hashed n-grams", "topic clusters", "an encoder tuned on clicks"},
	},
	{
		change: "freshness", cost: 0.9,
		title:  "stream {a} into features within {b}",
		reason: "{a} reach the model a day late",
		a:      []string{"clicks", "hides", "purchases", "budget changes", "impression counts", "session events"},
		b:      []string{"1 minute", "5 minutes", "15 minutes", "1 hour", "3 hours"},
	},
	{
		change: "simplification", cost: 0.6,
		title:  "drop the {a} of features, judged by {b}",
		reason: "old features cost serving time that a better model could use",
		a:      []string{"weakest 10%", "weakest 20%", "weakest 30%", "costliest 10%", "costliest 20%"},
		b:      []string{"permutation importance", "gradient attribution", "gain per unit of serving cost", "coverage", "drift since last quarter"},
	},
	{
		change: "new feature", cost: 0.7,
		title:  "normalise {a} by {b}",
		reason: "raw {a} mostly measure {b}",
		a:      []string{"click rates of advertisers", "spend by category", "counts of repeat views", "visit lengths", "bid levels", "conversion counts"},
		b:      []string{"market", "device class", "hour of day", "ad format", "weekday", "age of the account"},
	},
	{
		change: "architecture", cost: 1.4,
		title:  "share {a} embeddings with {b}",
		reason: "{b} has seen far more of each user than the ads models have",
		a:      []string{"user-interest", "advertiser", "category", "landing-page", "product"},
		b:      []string{"the organic ranking model", "the notification model", "the recommendations model", "the audience model", "the integrity model"},
	},
	{
		change: "training data", cost: 0.8,
		title:  "fill missing {a} from {b}",
		reason: "missing {a} are read as zero, which is a value of its own",
		a:      []string{"product prices", "ad categories", "landing-page topics", "campaign objectives", "languages of creatives", "sizes of advertisers"},
		b:      []string{"similar ads", "other ads of the advertiser", "the landing page", "a small imputation model", "the median of the category"},
	},
}

var calibrationIdeas = []idea{
	{
		change: "calibration",
		title:  "calibrate {a} by {b}",
		reason: "a bid is multiplied by the prediction, so every bias of {a} is paid for",
		a:      []string{"click rates", "conversion rates", "predicted values", "hide rates", "view-through rates"},
		b:      []string{"isotonic regression", "Platt scaling per market", "a spline per ad format", "a small monotone network", "hourly bias correction", "shrinkage per advertiser"},
	},
	{
		change: "training data", cost: 1.5,
		title:  "correct {a} for {b}",
		reason: "{a} still carry the mark of {b}",
		a:      []string{"conversion labels", "click labels", "value labels", "hide labels"},
		b:      []string{"reporting delay", "attribution windows", "automated traffic", "position on the screen", "browsers that withhold signals", "events counted twice"},
	},
	{
		change: "calibration",
		title:  "shrink predictions for {a} toward {b}",
		reason: "a few lucky clicks make {a} look better than they are",
		a:      []string{"new advertisers", "small campaigns", "fresh creatives", "rare categories", "small markets"},
		b:      []string{"the mean of the category", "the mean of the market", "the mean of the format", "a hierarchical prior", "campaigns that look alike"},
	},
	{
		change: "freshness", cost: 0.7,
		title:  "refit the {a} calibration every {b}",
		reason: "the {a} calibration drifts between refits",
		a:      []string{"click", "conversion", "value", "hide", "long-visit"},
		b:      []string{"15 minutes", "30 minutes", "hour", "3 hours", "12 hours"},
	},
	{
		change: "exploration", cost: 1.2,
		title:  "explore {a} on {b} of requests",
		reason: "an ad that is never shown is never learned about",
		a:      []string{"by posterior sampling", "by upper confidence bounds", "with one random slot", "with noise on the scores", "among new campaigns only"},
		b:      []string{"0.5%", "1%", "2%", "3%", "5%"},
	},
	{
		change: "calibration", cost: 2,
		title:  "estimate the uncertainty of {a} by {b}",
		reason: "the auction treats a guess like a certainty",
		a:      []string{"click predictions", "conversion predictions", "value predictions", "hide predictions"},
		b:      []string{"a deep ensemble", "dropout at serving", "a Laplace approximation", "quantile heads", "bootstrapped heads"},
	},
}
