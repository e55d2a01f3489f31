#!/usr/bin/env bash
# `make test`: everything that must hold before a change lands. Stops at the first stage that fails.

set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

times=()
current='setup'
trap 'if [ $? -ne 0 ]; then printf "rapport: failed in stage: %s\n" "$current" >&2; fi' EXIT

# stage HEADLINE ABOUT COMMAND...
stage() {
    current=$1
    local about=$2 began=$SECONDS
    shift 2
    printf '\n'
    say "$current ($about)"
    "$@"
    times+=("$(printf '%4d s  %s' $((SECONDS - began)) "$current")")
}

# What the stages after it run; the benches too, which none of them does.
lint_server() {
    linted cargo build --locked --no-default-features --features ssr --all-targets
}

# at_once AHEAD BEHIND: two functions at a time. What the one behind has to say it says at the end.
at_once() {
    local log behind
    log=$(mktemp)
    "$2" >"$log" 2>&1 &
    behind=$!
    "$1" || {
        kill "$behind"
        return 1
    }
    if kill -0 "$behind" 2>/dev/null; then say "Waiting for: $2"; fi
    wait "$behind" || {
        cat "$log"
        return 1
    }
    cat "$log"
    rm "$log"
}

# Takes what the server leaves: each keeps a single core busy for minutes on end, the one with the database, the
# other with its optimiser.
lint_browser() {
    renice -n 10 "$BASHPID" >/dev/null
    linted build_browser
}

lint_both() {
    at_once lint_server lint_browser
    node scripts/sizes.mjs site/pkg/rapport.wasm site/pkg/rapport.js site/pkg/rapport.css
}

test_rust() {
    # Two servers on one store are tested in any case; over a SurrealDB server only where there is one,
    # because building it takes half an hour.
    RAPPORT_SURREAL=$(surreal_program)
    if [ -x "$RAPPORT_SURREAL" ]; then
        export RAPPORT_SURREAL
    else
        unset RAPPORT_SURREAL
        # shellcheck disable=SC2016 # a command for the reader
        say 'Several servers over a SurrealDB server: not tested here; `make surreal` builds one, then `make test` does'
    fi
    if cargo nextest --version >/dev/null 2>&1; then
        linted cargo nextest run --no-default-features --features ssr
    else
        linted cargo test --no-default-features --features ssr
    fi
}

break_servers() { linted test_faults; }
break_senders() { linted test_sender; }

# Mostly they wait for servers to die and to come back.
test_broken() { at_once break_servers break_senders; }

test_as_person() {
    linted build_server
    # The same server with a clock that can be moved.
    linted cargo build --no-default-features --features ssr --example house_under_test
    (
        cd end2end
        npm run --silent check
        npm test --silent
    )
}

stage 'Setup' 'nothing to do on a warm machine; some 10 minutes of tools on a cold one' prepare test
stage 'Formatting' 'a second' format_source --check
stage 'Server and browser part, built and linted' 'cold about 45 minutes, after a change some minutes' lint_both
stage 'Unit, property and server tests' 'about two minutes' test_rust
stage 'Fault tests' 'about two minutes' test_broken
stage 'Browser tests' 'about 8 minutes' test_as_person

printf '\n'
say "All stages passed in $SECONDS s"
printf '%s\n' "${times[@]}"
