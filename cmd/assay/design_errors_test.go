package main

import (
	"strings"
	"testing"
)

func TestDesignMistakes(t *testing.T) {
	for _, c := range []struct{ line, message, step string }{
		{"", "which metric? mean, proportion, ratio or count", "usage: assay design METRIC"},
		{"mean median", "which metric?", "usage"},
		{"median", `"median" is no metric`, "use mean, proportion"},
		{"proportion", "a proportion needs --baseline", "assay design proportion --baseline 2% --mde 5%"},
		{"ratio --numerator 3", "a ratio needs --denominator, --numerator-sd and --denominator-sd", "as in: assay design ratio"},
		{"proportion --baseline 2 --mde 5%", "--baseline: 2: 2 is 200%: write 2% or 0.02", "--help"},
		{"proportion --baseline 2% --mde 2", "--mde: 2: 2 is +200%: write 2% for two percent", "--help"},
		{"proportion --baseline 2% --mde -3", "-3 is -300%: write -3% for three percent", "--help"},
		{"proportion --baseline 2% --mde 2%%", "--mde: 2%%: is not a number", "--help"},
		{"proportion --baseline 2% --mde NaN", "is not a number", "--help"},
		{"proportion --baseline 2% --mde 0", "no test finds an effect of 0", "--margin"},
		{"proportion --baseline 2% --mde-absolute 5%", "is a number, not a percentage", "--help"},
		{"proportion --baseline 0% --mde 5%", "--baseline: 0%: must lie strictly between 0 and 1", ""},
		{"proportion --baseline 60% --mde 90%", "--mde: 90%: puts the treatment outside the range of the metric", "2% or 0.02"},
		{"proportion --baseline 60% --mde-absolute 0.9", "--mde-absolute: 0.9: puts", "2% or 0.02"},
		{"proportion --baseline 2%", "nothing says how large an effect to find", "--weekly-users 2M"},
		{"proportion --baseline 2% --mde 5% --users 1000 --power 80%", "nothing is left to find", "--solve alpha"},
		{"proportion --baseline 2% --mde 5% --mde-absolute 0.01", "both give the effect", ""},
		{"proportion --baseline 2% --mde 5% --margin-absolute 0.01", "different units", "both relative, or both absolute"},
		{"proportion --baseline 2% --mde 5% --users 5 --total-users 10", "both give the users", ""},
		{"proportion --baseline 2% --mde 5% --sd 3", "--sd describes a mean, not a proportion", "a proportion takes --baseline"},
		{"mean --sd 4 --mde 2%", "--mean: not given: a relative --mde", "--mde-absolute"},
		{"mean --sd -4 --mde-absolute 2", "--sd: -4: a standard deviation is not below 0", ""},
		{"mean --sd 0 --mde-absolute 2", "--sd: 0: must be above 0", ""},
		{"mean --sd 4,5 --mde-absolute 2", "a decimal point is written as a point", ""},
		{"ratio --numerator 1 --denominator 0 --numerator-sd 1 --denominator-sd 1 --mde 2%", "--denominator: 0: must not be 0", ""},
		{"ratio --numerator 1 --denominator 2 --numerator-sd 1 --denominator-sd 1 --covariance 5 --mde 2%", "--covariance: 5: exceeds", ""},
		{"proportion --baseline 2% --mde 5% --alpha 5", "--alpha: 5: 5 is 500%: write 5% or 0.05", ""},
		{"proportion --baseline 2% --mde 5% --alpha 0", "--alpha: 0: must be above 0", ""},
		{"proportion --baseline 2% --mde 5% --power 4%", "--power: 4%: must exceed --alpha", "80% or 0.8"},
		{"proportion --baseline 2% --mde 5% --alpha 95%", "--alpha: 95%: must be below the power of 80%", "5% or 0.05"},
		{"mean --mean 1 --sd 4 --mde 0.000001%", "--mde: 0.000001%: no population is that large: raise --mde or lower --power", ""},
		{"mean --mean 1 --sd 4 --margin 1% --mde -2%", "--mde: -2%: lies where the treatment is worse by --margin or more", ""},
		{"mean --mean 1 --sd 4 --mde 5% --icc 0.1", "--cluster-size: not given: a cluster has", ""},
		{"proportion --baseline 2% --margin 0", "--margin: 0: a margin is above 0", "1%"},
		{"proportion --baseline 2% --mde 5% --growth 0.4", "--growth says nothing without traffic", "--weekly-users 2M"},
		{"proportion --baseline 2% --mde 5% --weekly-users 2M --growth 3", "--growth: 3: must lie between 0", "0.5 is usual"},
		{"proportion --baseline 2% --mde 5% --weekly-users 2M --weeks 1.5", "--weeks: 1.5: must be a whole number", ""},
		{"proportion --baseline 2% --mde 5% --weekly-users 2M --weeks 600", "--weeks: 600: at most 520", ""},
		{"proportion --baseline 2% --mde 5% --weekly-users 2M --share 0", "--share: 0: must be above 0", ""},
		{"proportion --baseline 2% --mde 5% --weekly-users 0", "--weekly-users: 0: must be at least 1", ""},
		{"proportion --baseline 2% --mde 5% --weekly-users 2M --reach r.csv", "both give the traffic", ""},
		{"proportion --baseline 2% --mde 5% --weekly-users 2M --population 1e5", "--population: 1e5: more users come than there are", "--share"},
		{"proportion --baseline 2% --mde 5% --futility obf", "plan looks: there are none", "--looks 4"},
		{"proportion --baseline 2% --mde 5% --looks 0", "--looks: 0: must be 1 to 100 looks", "25%,50%,100%"},
		{"proportion --baseline 2% --mde 5% --looks 50%,20%", "must rise from look to look", ""},
		{"proportion --baseline 2% --mde 5% --looks 50%,80%", "the last look is at 100%", ""},
		{"proportion --baseline 2% --mde 5% --looks soon", "--looks: soon: is not a number", "25%"},
		{"proportion --baseline 2% --mde 5% --looks 3.5", "--looks: 3.5: 3.5 is 350%", ""},
		{"proportion --baseline 2% --mde 5% --looks 20%,x,100%", "--looks: 20%,x,100%: \"x\": is not a number", ""},
		{"proportion --baseline 2% --mde 5% --allocation 1:2", "--allocation: 1:2: is not a number: write it as 0.5", ""},
		{"proportion --baseline 2% --mde 5% --power 100%", "--power: 100%: must lie strictly between 0 and 1", "below 100%"},
		{"proportion --baseline 2% --mde 5% --looks 3 --spending hsd", "--spending: hsd: is no spending function", "hsd:-4"},
		{"proportion --baseline 2% --mde 5% --looks 3 --futility kd:0", "--futility: kd:0: is no spending function", "kd:3"},
		{"proportion --baseline 2% --mde 5% --looks 3 --binding", "--binding: true: needs a one-sided test", "--sides one-sided"},
		{"proportion --baseline 2% --mde 5% --looks 3 --treatments 2 --correction dunnett", "--correction: dunnett: treatments with looks need --correction bonferroni or none", ""},
		{"proportion --baseline 2% --mde 5% --looks 3 --treatments 2 --goal any", "--goal: any: several arms together have no plan", ""},
		{"proportion --baseline 2% --mde 5% --looks 3 --continuous", "two ways to look", "costs fewer users"},
		{"proportion --baseline 2% --mde 5% --continuous --spending pocock", "--continuous has no plan", ""},
		{"proportion --baseline 2% --mde 5% --plot x.jpg", "--plot: x.jpg: a chart is written as .svg, .png or .pdf", ""},
		{"proportion --baseline 2% --mde 5% --sides three", "--sides: three: must be two-sided or one-sided", ""},
		{"proportion --baseline 2% --mde 5% --users 1 --reference t", "--users: 1: too few users or clusters for a t-test", "more users"},
		{"proportion --baseline 2% --mde 5% --treatments 60", "--treatments: 60: at most 50", ""},
		{"proportion --baseline 2% --mde 5% --cuped 1.2", "--cuped: 1.2: must lie strictly between −1 and 1", ""},
		{"mean --mean 1 --sd 4 --mde 5% --test stab", "--test: stabilised: only a Proportion and a Count", ""},
		{"proportion --baseline 2% --mde 5% --solve users --users 10", "--solve users: --users is given", ""},
		{"proportion --baseline 2% --solve users", "--solve users needs an effect", ""},
		{"proportion --baseline 2% --mde 5% --solve mde --users 10", "--solve mde: --mde is given", ""},
		{"proportion --baseline 2% --margin 5% --solve margin --users 10", "--solve margin: --margin is given", ""},
		{"proportion --baseline 2% --mde 5% --solve power --power 0.9 --users 10", "--solve power: --power is given", ""},
		{"proportion --baseline 2% --mde 5% --solve alpha --alpha 0.1 --users 10", "--solve alpha: --alpha is given", ""},
		{"proportion --baseline 2% --mde 5% --solve users --total-users 10", "--solve users: --total-users is given", "drop it"},
		{"proportion --baseline 2% --mde 5% --solve alpha --users 1e5 --looks 3", "--users: 1e5: too few users: no --alpha up to 0.4 gives the --power", "more users"},
		{"proportion --baseline 2% --mde 5% --solve alpha --users 1e4", "--users: 1e4: too few users: no --alpha", "more users"},
		{"mean --sd 4 --mde-absolute 1e-3 --population 1e7 --allocation 0.25", "--population: 1e7: all of its users do not have the power asked for", "raise --mde"},
		{"proportion --baseline 0.5 --mde 200", "--mde: 200: 200 is +20000%: write 200% for 200 percent", ""},
		{"proportion --baseline 200 --mde 2%", "--baseline: 200: must lie in 0% to 100%", ""},
		{"proportion --baseline 2% --mde 5% --share 5% --growth 0.4", "--growth says nothing without traffic", ""},
		{"proportion --baseline 2% --mde 5% --solve power", "--solve power needs the users", "--total-users"},
		{"proportion --baseline 2% --mde 5% --solve everything", "--solve: everything: must be users, mde, power, alpha or margin", ""},
		{"proportion --baseline 2% --mde 5% --unknown 3", "unknown flag: --unknown", "--help"},
	} {
		s := design(t, c.line)
		if s.code != exitUsage || !strings.Contains(s.err, c.message) || !strings.Contains(s.err, c.step) || s.out != "" {
			t.Errorf("assay design %s: want %q and %q, got %v", c.line, c.message, c.step, s)
		}
		if strings.Contains(s.err, "stats:") || strings.Contains(s.err, "Metric.") {
			t.Errorf("assay design %s names fields, not flags: %s", c.line, s.err)
		}
	}
}

func TestEveryFieldHasAFlag(t *testing.T) {
	c := (&app{}).design()
	for field, flag := range fieldFlags {
		if c.Flags().Lookup(flag) == nil {
			t.Errorf("%s: there is no --%s", field, flag)
		}
	}
}
