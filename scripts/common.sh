# shellcheck shell=bash
# What every script here shares. Sourced, never run; leaves the caller in the root of the clone.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

# Everything that is built or installed for Rapport lies here, outside the clone, so that a fresh
# clone on the same machine starts warm.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/rapport

bold='' plain=''
if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; fi

# say TEXT: one step, in one line.
say() { printf '%s==> %s%s\n' "$bold" "$*" "$plain"; }

# die TEXT...: the reason, one line each, and the end.
die() {
    printf 'rapport: %s\n' "$@" >&2
    exit 1
}

# prepare run|test: installs what is missing, then takes over its environment.
prepare() {
    scripts/setup.sh "$1"
    # shellcheck source=/dev/null
    . "$cache/env.sh"
}

# released: what follows is built as it leaves the house, by the system's own C++ compiler.
released() { unset CXX; }

# format_source [FLAG...]: cargo fmt of the toolchain that has one.
format_source() {
    # shellcheck disable=SC2154 # from env.sh
    if [ -n "$format_toolchain" ]; then
        RUSTUP_TOOLCHAIN=$format_toolchain cargo fmt "$@"
    else
        cargo fmt "$@"
    fi
}

# as_root COMMAND...: through sudo where we are not root. Where nobody is looking it must not ask.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        if [ -z "${CI:-}" ] && [ -t 2 ]; then sudo "$@"; else sudo -n "$@"; fi
    else
        die "this needs root, and there is no sudo here: $*"
    fi
}

# find_chromium: path of the browser for the tests; nothing where there is none.
find_chromium() {
    if [ -n "${RAPPORT_CHROMIUM:-}" ]; then
        printf '%s\n' "$RAPPORT_CHROMIUM"
        return
    fi
    command -v chromium || command -v google-chrome-stable || command -v google-chrome || true
}

# browser_sources: a checksum over all that the browser part is made from. The path of the clone
# belongs to it, because the addresses of the server functions are derived from it.
browser_sources() {
    {
        pwd
        rustc -V
        wasm-bindgen --version
        wasm-opt --version
        find src style public locales Cargo.toml Cargo.lock build.rs .cargo/config.toml -type f -print0 |
            LC_ALL=C sort -z | xargs -0 sha256sum
    } | sha256sum | cut -d ' ' -f 1
}

# build_browser: the browser part, in release, into site/. Nothing is done when nothing has changed; under
# `linted`, only when what lies there was linted too. The stamp is written last and is lost with every other
# build into site/, so it never lies.
build_browser() {
    local sources stamp
    sources=$(browser_sources)
    stamp=$(cat site/.sources 2>/dev/null || true)
    if [ -z "${CLIPPY_ARGS:-}" ]; then stamp=${stamp% linted}; else sources="$sources linted"; fi
    if [ "$stamp" = "$sources" ] && [ -f site/pkg/rapport.wasm ]; then
        say "Browser part: unchanged"
        return
    fi
    say "Browser part: release build into site/ (cold about 6 minutes, after a change about three)"
    cargo leptos build --release --frontend-only
    local file
    for file in js wasm css; do
        [ -s "site/pkg/rapport.$file" ] || die "the build ended without site/pkg/rapport.$file"
    done
    printf '%s\n' "$sources" >site/.sources
}

# linted COMMAND...: builds of our own crate by clippy, with its warnings as errors. Clippy is a compiler:
# what it lints is also built, and all crates below are those of every other build. `cargo clippy` would
# look through each of them once more, ten minutes and more on a cold machine.
linted() {
    RUSTC_WORKSPACE_WRAPPER=$(command -v clippy-driver) \
        CLIPPY_ARGS='-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__' "$@"
}

# build_server: the one build of the server that `make run`, the tests and the benches share.
build_server() {
    say "Server: development build (cold about 30 minutes, two thirds of it the database; after a change seconds)"
    cargo build --no-default-features --features ssr --bin rapport
}

# surreal_program: path of the SurrealDB server for the tests, which may not have been built.
surreal_program() { printf '%s\n' "${RAPPORT_SURREAL:-$CARGO_TARGET_DIR/surreal/debug/surreal}"; }

# surreal_sources: a checksum over all that it is built from.
surreal_sources() {
    { rustc -V && cat scripts/surreal/Cargo.toml scripts/surreal/Cargo.lock scripts/surreal/main.rs; } |
        sha256sum | cut -d ' ' -f 1
}

# test_faults: the fault test, on the binary that the other server tests have built.
test_faults() { cargo test --no-default-features --features ssr --test faults -- --ignored --nocapture; }

# test_sender [NAME]: servers are killed while they send greetings, and strangers read the letters; or one of
# the two.
test_sender() { cargo test --no-default-features --features ssr --test greetings -- --ignored --nocapture "$@"; }
