# Every target first installs what it needs and is missing (scripts/setup.sh).

NAME ?= fanout
.DEFAULT_GOAL := help
.PHONY: help run test watch dist bench soak surreal fmt clippy screenshots clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build and serve the demo house on http://127.0.0.1:3000
	@scripts/run.sh

test: ## Formatting, lints, all tests, and the browser tests
	@scripts/test.sh

watch: ## Serve, and rebuild and reload at every change
	@scripts/watch.sh

dist: ## The production build, in dist/
	@scripts/dist.sh

bench: ## Run a benchmark (NAME=fanout, tap, day, storm, greetings, planning or cards) on the production build
	@ulimit -n $$(ulimit -Hn) && scripts/cargo.sh bench --no-default-features --features ssr --bench $(NAME)

soak: ## Break servers and connections for SECONDS=60, by SEED=7, on DB=surreal; or kill senders: KILLS=200
	@FAULTS_SECONDS='$(SECONDS)' FAULTS_SEED='$(SEED)' FAULTS_DB='$(DB)' GREETINGS_KILLS='$(KILLS)' scripts/soak.sh

surreal: ## Build the SurrealDB server that several app servers are tested with (30 minutes)
	@scripts/surreal.sh

fmt: ## Format the source
	@scripts/cargo.sh fmt

clippy: ## Lint the server and the browser part
	@scripts/cargo.sh clippy --no-default-features --features ssr --all-targets -- -D warnings
	@scripts/cargo.sh clippy --no-default-features --features hydrate --lib --target wasm32-unknown-unknown -- -D warnings

screenshots: ## Take the pictures of the README anew
	@scripts/screenshots.sh

clean: ## Remove what was built in this clone (data/ and the shared cache stay)
	rm -rf site dist end2end/node_modules end2end/test-results end2end/screenshots end2end/logs
