# Assay's build. `make run` and `make test` set up all that they need on a
# machine with Go, Node/npm, make and Debian's packages. `make help` lists all.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO    ?= go
ROOT  := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
DEMO  ?= $(ROOT)/dist/demo

# The ClickHouse library: yours, if ASSAY_CHDB names it, else the pinned npm package.
ifeq ($(ASSAY_CHDB),)
CHDB := $(ROOT)/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so
else
CHDB := $(ASSAY_CHDB)
endif

# The MIP solver, where the build embeds it. A build without it uses our own, which is slower.
HIGHS := $(ROOT)/allocator/mip/highs/wasm/highs.wasm

# No cgo: one static binary that loads the library when it needs it.
export CGO_ENABLED ?= 0

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(lastword $(MAKEFILE_LIST))

.PHONY: run
run: build ## plan the bundled sample and print tonight's plan
	@bin/assay demo --data "$(DEMO)"

.PHONY: build
build: setup ## build bin/assay
	@$(GO) build -ldflags "-s -w" -o bin/assay ./cmd/assay

.PHONY: setup
setup: bin/libchdb.so $(HIGHS) ## fetch the ClickHouse library and the HiGHS solver, by lock file and integrity hash

# A link, so that the binary finds the library beside itself: no second copy of 566 MB.
bin/libchdb.so: $(CHDB)
	@mkdir -p bin
	@lib="$(CHDB)"; if [ -d "$$lib" ]; then lib="$$lib/libchdb.so"; fi; ln -sfn "$$(realpath "$$lib")" $@

ifeq ($(ASSAY_CHDB),)
# npm counts a failed optional package as success, so the file itself is looked at.
$(CHDB): package.json package-lock.json
	@command -v npm >/dev/null || { echo "make: npm is missing: install Node.js 18 or later (Debian: apt-get install npm), or set ASSAY_CHDB to a libchdb.so you have" >&2; exit 1; }
	@echo "Fetching the ClickHouse library (178 MB, once) and the HiGHS solver (1 MB)…"
	@npm ci --no-audit --no-fund --loglevel=error --fetch-retries=5 --fetch-timeout=600000 || true
	@test -s "$@" || { rm -rf node_modules; printf '%s\n' \
	  "make: npm could not install the ClickHouse library (see above)." \
	  "  No network or a proxy?    set npm's proxy or registry (npm help config), then run make again." \
	  "  Not Linux x86-64 (glibc)? install the @chdb/lib package of your platform at the version in package.json." \
	  "  Library already here?     make $(or $(firstword $(MAKECMDGOALS)),run) ASSAY_CHDB=/path/to/libchdb.so" >&2; exit 1; }
	@touch "$@"

$(HIGHS): $(CHDB)
	@cp "$(ROOT)/node_modules/highs/build/highs.wasm" "$@"
else
# In a directory of its own: npm ci empties node_modules, where your library may be.
$(HIGHS): package.json package-lock.json
	@mkdir -p dist/npm && cp package.json package-lock.json dist/npm
	@if command -v npm >/dev/null && npm ci --prefix dist/npm --omit=optional --no-audit --no-fund --loglevel=error --fetch-retries=5; then \
	  cp dist/npm/node_modules/highs/build/highs.wasm "$@"; \
	else \
	  echo "make: building without the HiGHS solver, as npm could not fetch it; plans are made with our own" >&2; \
	fi
endif

# Only what the tests need to know; a caller's own choice of library comes first.
TEST_ENV := ASSAY_CHDB="$(CHDB)"

.PHONY: test
test: setup ## run the tests on a real ClickHouse
	@$(TEST_ENV) $(GO) test -timeout 20m ./...

# One package at a time: some of them measure.
.PHONY: test-long
test-long: setup ## run the packages that have slow tests with them (ASSAY_LONG=1)
	@$(TEST_ENV) ASSAY_LONG=1 $(GO) test -count=1 -p 1 -timeout 40m \
	  $$(grep -rlE 'ASSAY_LONG|assert\.Long\(' --include='*_test.go' cmd planner history stats allocator | xargs -n 1 dirname | sort -u | sed 's|^|./|')

.PHONY: race
race: setup ## run the tests but the heaviest under the race detector (needs a C compiler)
	@command -v gcc clang >/dev/null || { echo "make: the race detector needs a C compiler (Debian: apt-get install gcc libc6-dev)" >&2; exit 1; }
	@$(TEST_ENV) CGO_ENABLED=1 $(GO) test -race -short -timeout 50m ./...

.PHONY: lint
lint: vet staticcheck ## gofmt, go vet and staticcheck
	@bad=$$(gofmt -l cmd planner history stats allocator); test -z "$$bad" || { echo "gofmt these files:"; echo "$$bad"; exit 1; } >&2

.PHONY: vet
vet:
	@$(GO) vet ./...

.PHONY: staticcheck
staticcheck:
	@$(GO) tool staticcheck ./...

.PHONY: bench
bench: setup ## run the benchmarks; compare two runs with `go tool benchstat`
	@$(TEST_ENV) $(GO) test -run '^$$' -bench . -benchmem -timeout 40m ./...

.PHONY: bench-peers
bench-peers: ## time stats against statsmodels, R and its packages (Debian: see docs/benchmarks.md)
	@ASSAY_PEERS=1 $(GO) test -count=1 -v -run Peers -timeout 20m ./stats/internal/peers

.PHONY: bench-solvers
bench-solvers: setup ## time the allocation of portfolios against HiGHS and CBC (Debian: see docs/benchmarks.md)
	@ASSAY_PEERS=1 NODE_PATH="$(firstword $(wildcard $(ROOT)/node_modules $(ROOT)/dist/npm/node_modules))" $(GO) test -count=1 -v -timeout 1h ./allocator/internal/peers

.PHONY: notebooks
notebooks: build ## run the notebooks on what `assay export` writes (Debian: see notebooks/run.sh)
	@rm -rf dist/export dist/notebooks
	@bin/assay demo --data "$(DEMO)" >/dev/null
	@bin/assay export --data "$(DEMO)" --out dist/export
	@cp "$(DEMO)/sample/truth.csv" dist/export/
	@notebooks/run.sh dist/export dist/notebooks

.PHONY: browser
browser: setup ## look at the pages in headless Chromium (Debian: chromium)
	@command -v chromium >/dev/null || { echo "make: the browser tests need Chromium: apt-get install chromium" >&2; exit 1; }
	@$(TEST_ENV) ASSAY_BROWSER="$$(command -v chromium)" $(GO) test -count=1 -timeout 15m -run Browser ./planner/dashboard ./planner/server

.PHONY: clean
clean: ## remove what the build made; `rm -rf node_modules` removes the library too
	@rm -rf bin dist "$(HIGHS)"
