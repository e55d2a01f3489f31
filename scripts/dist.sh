#!/usr/bin/env bash
# `make dist`: the production build, one folder dist/ that runs on any machine with the same or a newer
# C library.

set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

prepare run
build_browser
released
say "Server: production build (cold about 40 minutes, most of it the database)"
cargo build --locked --release --no-default-features --features ssr --bin rapport

rm -rf dist
mkdir dist
cp "$CARGO_TARGET_DIR/release/rapport" README.md LICENSE rapport.example.toml dist/
strip dist/rapport
cp -r site dist/site
rm dist/site/.sources
# What README.md refers to.
mkdir -p dist/demo dist/docs
cp demo/README.md dist/demo/
cp -r docs/screens docs/promises.md dist/docs/
say "dist/ is ready: $(du -sh dist | cut -f 1). Copy it to the server; README.md, \"In production\", says how it is run"
