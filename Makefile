# Everything a person does with the project. `make help` lists it.
SHELL := bash
GO ?= go
OUT ?= .bin
DATA ?= data

.PHONY: help run build console test unit verify lint generate contract migration bench chaos federation clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/ —/' | sort

build: ## build the console and .bin/hotline
	@app/console/build.sh
	@mkdir -p $(OUT)
	$(GO) build -o $(OUT)/hotline ./app/hotline

run: build ## a small nation in one process on http://127.0.0.1:8080, data kept in ./data
	$(OUT)/hotline demo --data $(DATA)

federation: build ## three processes with three databases found a region and play a case from city to city; KEEP=-keep leaves them up
	$(GO) run ./deploy/federation -hotline $(OUT)/hotline $(KEEP)

test: ## everything: set-up, static checks, unit tests and scenarios on SQLite and PostgreSQL, generated code is current
	@deploy/needs.sh
	@$(MAKE) --no-print-directory build lint unit verify contract console

console: build ## the console's type check, its unit tests, and people at work in a real browser before the real program
	@app/console/test.sh $(OUT)/hotline

unit: ## the Go tests alone
	$(GO) test ./...

lint: ## formatting and vet
	@bad=$$(git ls-files -- '*.go' | grep -vE '\.pb\.go$$' | xargs gofmt -l); [ -z "$$bad" ] || { echo "gofmt: $$bad"; exit 1; }
	$(GO) vet ./...
	cd deploy/bench/federation && $(GO) vet ./...

generate: ## protos, OpenAPI and ent, after a change to api/**.proto or ent/schema
	api/generate.sh
	cd ent && $(GO) generate .

verify: ## generated code is what generate makes
	@deploy/verify.sh

contract: ## the OpenAPI document is clean under Spectral and Redocly (npm packages by lock file)
	@api/lint/run.sh

migration: ## make migration NAME=what_changed: the next migration of both databases, after a change to ent/schema
	$(GO) run ./ent/store/diff $(NAME)

bench: ## measure intake, the whole way, lists and access, beside hand-written SQL; figures belong into deploy/bench/RESULTS.md
	$(GO) run ./deploy/bench

chaos: ## break a region while cities hand cases to each other, for HOTLINE_CHAOS_SECONDS (300); HOTLINE_CHAOS_SEED plays it again
	@seed=$${HOTLINE_CHAOS_SEED:-$$(date +%s)}; echo "HOTLINE_CHAOS_SEED=$$seed"; \
	HOTLINE_CHAOS_SEED=$$seed HOTLINE_CHAOS_SECONDS=$${HOTLINE_CHAOS_SECONDS:-300} $(GO) test ./federation -run '^TestChaos$$' -count=1 -v -timeout 0

clean: ## remove what make made, but not the data
	rm -rf $(OUT)
