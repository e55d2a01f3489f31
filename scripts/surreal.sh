#!/usr/bin/env bash
# `make surreal`: builds the SurrealDB server that tests and benchmarks of several app servers talk to.
# Cold about 30 minutes on two cores; nothing is done when it is there. The last line is its path.

set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

prepare run
program=$(surreal_program)
if [ -z "${RAPPORT_SURREAL:-}" ] && [ "$(cat "$program.lock-checksum" 2>/dev/null)" != "$(surreal_sources)" ]; then
    say "SurrealDB server: building it from the crate registry (cold about 30 minutes)"
    cargo build --locked --manifest-path scripts/surreal/Cargo.toml --target-dir "$CARGO_TARGET_DIR/surreal"
    surreal_sources >"$program.lock-checksum"
fi
[ -x "$program" ] || die "there is no SurrealDB server at $program"
printf '%s\n' "$program"
