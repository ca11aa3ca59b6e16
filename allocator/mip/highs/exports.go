package highs

// pinned is the SHA-256 of the file that exports describes: build/highs.wasm of npm's
// highs 1.15.3, which is HiGHS 1.15.1.
const pinned = "528be4365bea1d4188988646b244263f50320df55782e14d6af5bce7cd45c840"

// exports are the functions of the file that are called here, by their name in C. Its
// own names are made short at each build, so they hold for the pinned file only: they
// stand in the assignWasmExports function of highs.js beside it, where a test reads them.
var exports = map[string]string{
	"Highs_create":               "F",
	"Highs_destroy":              "G",
	"Highs_version":              "H",
	"Highs_run":                  "N",
	"Highs_passMip":              "V",
	"Highs_setBoolOptionValue":   "ia",
	"Highs_setIntOptionValue":    "ja",
	"Highs_setDoubleOptionValue": "ka",
	"Highs_setStringOptionValue": "la",
	"Highs_getIntInfoValue":      "Aa",
	"Highs_getDoubleInfoValue":   "Ba",
	"Highs_getInt64InfoValue":    "Ca",
	"Highs_getSolution":          "Ea",
	"Highs_getModelStatus":       "Ga",
	"Highs_setSolution":          "Va",
	"free":                       "tc",
	"malloc":                     "uc",
	"__wasm_call_ctors":          "v",
}
