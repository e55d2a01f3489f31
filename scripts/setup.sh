#!/usr/bin/env bash
# Installs what is missing to build Rapport, and writes the environment for the other scripts.
#
#   scripts/setup.sh run     what `make run` needs
#   scripts/setup.sh test    the same, and what the browser tests need
#
# Idempotent: each tool is looked for first, and installed only when it is missing or of the wrong
# version. Nothing is fetched but packages, by name, from Debian, the crate registry, npm and PyPI, and,
# where rustup reaches it, the browser target of the toolchain that is there.
#
#   RAPPORT_TOOLCHAIN_ROUTE  rustup: the browser target must come from rustup
#                            debian: build everything with Debian's own Rust
#                            auto (default): the first of the two that works
#   RAPPORT_TARGET_DIR       build output (default: rapport/target in the user's cache folder)
#   RAPPORT_CHROMIUM         the browser for the tests (default: chromium on PATH)

set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

purpose=${1:-run}
case $purpose in run | test) ;; *) die "usage: scripts/setup.sh run|test" ;; esac
route=${RAPPORT_TOOLCHAIN_ROUTE:-auto}
case $route in auto | rustup | debian) ;; *) die "RAPPORT_TOOLCHAIN_ROUTE is $route; expected rustup, debian or auto" ;; esac

browser_target=wasm32-unknown-unknown
binaryen_version=132.0.0
target_dir=${RAPPORT_TARGET_DIR:-$cache/target}
binaryen=$cache/binaryen
readers=$cache/readers
cargo_bin=${CARGO_HOME:-$HOME/.cargo}/bin
export PATH="$binaryen/node_modules/.bin:$cargo_bin:$PATH"
# A flag from outside would rebuild every dependency; ours stands in .cargo/config.toml.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS
# Left over from a shell that sourced env.sh; the route is chosen afresh below.
if [ "${RUSTUP_TOOLCHAIN:-}" = web ]; then unset RUSTUP_TOOLCHAIN; fi

mkdir -p "$cache"
exec 9>"$cache/setup.lock"
if ! flock --nonblock 9; then
    say "Another setup is running; waiting for it"
    flock 9
fi

# ---- Debian packages ----------------------------------------------------------------------------

# Bindings to the database's C++ are generated with libclang, which needs its own C headers too.
has_libclang() {
    [ -n "${LIBCLANG_PATH:-}" ] && return
    compgen -G '/usr/lib/llvm-*/lib/libclang*.so*' >/dev/null &&
        compgen -G '/usr/lib/llvm-*/lib/clang/*/include/stddef.h' >/dev/null
}

# has_font FILE: a file name pattern.
has_font() { [ -n "$(find /usr/share/fonts -name "$1" -print -quit 2>/dev/null)" ]; }

missing_packages() {
    if ! command -v c++ >/dev/null || ! command -v make >/dev/null; then echo build-essential; fi
    has_libclang || echo libclang-dev clang
    command -v node >/dev/null || echo nodejs
    command -v npm >/dev/null || echo npm
    if [ "$purpose" = test ]; then
        python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3 python3-venv
        [ -n "$(find_chromium)" ] || echo chromium
        # Faces that the style sheets name, and one with Chinese.
        has_font 'NotoS*CJK*' || echo fonts-noto-cjk
        has_font 'NotoSans-Regular*' || echo fonts-noto-core
        has_font 'P052-Roman*' || echo fonts-urw-base35
    fi
}

apt_updated=no
apt_install() {
    command -v apt-get >/dev/null ||
        die "these Debian packages, or what they contain, are missing here, and there is no apt-get: $*"
    if [ "$apt_updated" = no ]; then
        as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null
        apt_updated=yes
    fi
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@" </dev/null
}

install_packages() {
    local missing
    read -r -a missing <<<"$(missing_packages | tr '\n' ' ')"
    if [ "${#missing[@]}" -gt 0 ]; then
        say "Debian packages: installing ${missing[*]} (about a minute)"
        apt_install "${missing[@]}"
    fi
    if [ "$purpose" = test ] && [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
        die "the browser tests need Node 20 or later; here is $(node --version)"
    fi
}

# ---- Rust and the browser target ----------------------------------------------------------------

# rust_at_least VERSION: whether the active compiler is at least that.
rust_at_least() {
    local active
    active=$(rustc -V 2>/dev/null | cut -d ' ' -f 2) && [ -n "$active" ] &&
        [ "$(printf '%s\n' "$1" "${active%%-*}" | sort -V | head -n 1)" = "$1" ]
}

oldest_rust() { sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml; }

has_browser_target() {
    compgen -G "$(rustc --print target-libdir --target $browser_target 2>/dev/null)/libstd-*.rlib" >/dev/null
}

# Whether Debian's Rust was taken last time.
was_debian() { grep -qx 'route=debian' "$cache/env.sh" 2>/dev/null; }

# Succeeds when rustup's active toolchain can build both parts.
route_rustup() {
    rust_at_least "$(oldest_rust)" || return
    has_browser_target && return
    command -v rustup >/dev/null || return
    # It could not be had last time: not asked for again at every start, unless it is insisted on.
    if [ "$route" = auto ] && was_debian; then return 1; fi
    say "Browser target: asking rustup for it (about half a minute, where it can be reached)"
    timeout 300 rustup target add $browser_target </dev/null && has_browser_target
}

# Debian's Rust for browsers, with the standard library for the browser built from its own source.
route_debian() {
    local packages=(rustc-web cargo-web rust-web-clippy rust-web-src lld-19)
    if ! dpkg-query -W -f '${db:Status-Abbrev}\n' "${packages[@]}" 2>/dev/null | grep -c '^ii' | grep -qx "${#packages[@]}"; then
        say "Rust: installing Debian's (about 2 minutes): ${packages[*]}"
        apt_install "${packages[@]}"
    fi
    if command -v rustup >/dev/null; then
        grep -q '^web\b' <<<"$(rustup toolchain list)" || rustup toolchain link web /usr
        export RUSTUP_TOOLCHAIN=web
    fi
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-19
    rust_at_least "$(oldest_rust)" || die "Debian's Rust here is $(rustc -V); $(oldest_rust) or later is needed"
    build_browser_std
}

# A security update of the compiler makes the built library useless, so it is stamped with it.
build_browser_std() {
    local into=/usr/lib/rustlib/$browser_target/lib scratch=$cache/std
    if has_browser_target && [ "$(cat "$into/.built-with" 2>/dev/null)" = "$(rustc -V)" ]; then return; fi
    say "Browser target: building Rust's standard library for it (about 45 seconds)"
    rm -rf "$scratch"
    mkdir -p "$scratch/src"
    printf '[package]\nname = "scratch"\nversion = "0.0.0"\nedition = "2021"\n\n[lib]\ncrate-type = ["cdylib"]\n' \
        >"$scratch/Cargo.toml"
    printf '#[unsafe(no_mangle)]\npub extern "C" fn scratch(n: usize) -> usize {\n    println!("{n}");\n    vec![0u8; n].len()\n}\n' \
        >"$scratch/src/lib.rs"
    (
        cd "$scratch"
        # The one step that needs the compiler's unstable switches.
        CARGO_TARGET_DIR=$scratch/target RUSTC_BOOTSTRAP=1 \
            cargo build -Zbuild-std=std,panic_abort --target $browser_target --release </dev/null
    )
    as_root mkdir -p "$into"
    as_root find "$into" -name '*.rlib' -delete
    find "$scratch/target/$browser_target/release/deps" -name '*.rlib' ! -name 'libscratch*' -print0 |
        as_root xargs -0 cp -t "$into"
    rustc -V | as_root tee "$into/.built-with" >/dev/null
    rm -rf "$scratch"
    has_browser_target || die "the standard library for the browser was built, but the compiler does not find it"
}

# Formatting comes from rustup's own toolchain: Debian's Rust has no rustfmt of its age.
format_toolchain=
choose_route() {
    if command -v rustup >/dev/null; then
        format_toolchain=${RUSTUP_TOOLCHAIN:-$(rustup default 2>/dev/null | cut -d ' ' -f 1)}
    fi
    if [ "$route" != debian ] && route_rustup; then
        route=rustup
    elif [ "$route" != rustup ]; then
        if [ "$route" = auto ] && ! was_debian; then
            say "Browser target: not to be had from rustup; taking Debian's Rust"
        fi
        route_debian
        route=debian
    else
        die "rustup has no browser target here, or Rust is older than $(oldest_rust)" \
            "leave RAPPORT_TOOLCHAIN_ROUTE unset to build with Debian's Rust instead"
    fi
    say "Rust: route $route, $(rustc -V)"
}

# ---- Build tools --------------------------------------------------------------------------------

# cargo_install CRATE VERSION [FLAG...]: unoptimised, because building them takes longer than they
# ever run, and in one folder, for they share crates. From outside the clone, whose settings are for Rapport alone.
cargo_install() {
    local crate=$1 version=$2
    shift 2
    (
        cd "$cache"
        CARGO_PROFILE_DEV_DEBUG=0 cargo install "$crate" --version "$version" --debug --force \
            --target-dir "$cache/tools" "$@" </dev/null
    )
}

install_cargo_leptos() {
    local version
    # 0.3.11's lock file needs Rust 1.96. Apart from that either will do.
    case $(cargo-leptos --version 2>/dev/null) in *' 0.3.10' | *' 0.3.11') return ;; esac
    if rust_at_least 1.96; then version=0.3.11; else version=0.3.10; fi
    say "cargo-leptos $version: installing (about 7 minutes)"
    cargo_install cargo-leptos "$version" --locked
}

# The program must be of exactly the library's version.
install_wasm_bindgen() {
    local version
    version=$(awk '$0 == "name = \"wasm-bindgen\"" { getline; gsub(/[^0-9.]/, ""); print; exit }' Cargo.lock)
    [ "$(wasm-bindgen --version 2>/dev/null)" = "wasm-bindgen $version" ] && return
    say "wasm-bindgen $version: installing (about 2 minutes)"
    # Its lock file can name a version that a registry no longer has; any compatible one will do.
    cargo_install wasm-bindgen-cli "$version" --locked ||
        cargo_install wasm-bindgen-cli "$version"
}

# From npm, and first on PATH: Debian's own binaryen is so old that it breaks the module in silence.
install_wasm_opt() {
    case $("$binaryen/node_modules/.bin/wasm-opt" --version 2>/dev/null) in
        "wasm-opt version ${binaryen_version%%.*}"*) return ;;
    esac
    say "wasm-opt ${binaryen_version%%.*}: installing (some seconds)"
    mkdir -p "$binaryen"
    npm install --prefix "$binaryen" --no-audit --no-fund --loglevel=error "binaryen@$binaryen_version" </dev/null
}

install_test_packages() {
    local lock
    lock=$(sha256sum end2end/package-lock.json | cut -d ' ' -f 1)
    [ "$(cat end2end/node_modules/.lock-checksum 2>/dev/null)" = "$lock" ] && return
    say "Browser tests: installing npm packages (some seconds)"
    (
        cd end2end
        # The browser is Debian's.
        PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error </dev/null
    )
    printf '%s\n' "$lock" >end2end/node_modules/.lock-checksum
}

# What letters are read with that knows nothing of Rapport.
install_readers() {
    local wanted='dkimpy==1.1.8 pynacl==1.6.2'
    [ "$(cat "$readers/.installed" 2>/dev/null)" = "$wanted" ] && "$readers/bin/python" -c 'import dkim, nacl' 2>/dev/null && return
    say "Python packages, to read letters with: installing $wanted (some seconds)"
    rm -rf "$readers"
    python3 -m venv "$readers"
    # shellcheck disable=SC2086 # a list of words
    "$readers/bin/pip" install --quiet --disable-pip-version-check $wanted </dev/null
    printf '%s\n' "$wanted" >"$readers/.installed"
}

# ---- The environment ----------------------------------------------------------------------------

# find_clang: the C++ compiler that came with libclang; nothing where there is none.
find_clang() { compgen -c 'clang++' | LC_ALL=C sort -u | head -n 1 || true; }

write_env() {
    local clang
    {
        echo '# Written by scripts/setup.sh at every run; sourced by the scripts beside it.'
        printf 'export CARGO_TARGET_DIR=%q\n' "$target_dir"
        # shellcheck disable=SC2016 # $PATH is for the reader of the file
        printf 'export PATH=%q:%q:$PATH\n' "$binaryen/node_modules/.bin" "$cargo_bin"
        printf 'route=%q\n' "$route"
        printf 'format_toolchain=%q\n' "$format_toolchain"
        # The database's C++ is a quarter of a cold build, and takes GCC half as long again.
        clang=$(find_clang)
        if [ -n "$clang" ]; then printf 'export CXX=%q\n' "$clang"; fi
        if [ "$purpose" = test ]; then
            printf 'export RAPPORT_CHROMIUM=%q\n' "$(find_chromium)"
            printf 'export RAPPORT_PYTHON=%q\n' "$readers/bin/python"
        fi
        if [ "$route" = debian ]; then
            if [ -n "${RUSTUP_TOOLCHAIN:-}" ]; then printf 'export RUSTUP_TOOLCHAIN=%q\n' "$RUSTUP_TOOLCHAIN"; fi
            printf 'export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=%q\n' \
                "$CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER"
        fi
        echo 'unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS'
    } >"$cache/env.sh.new"
    mv "$cache/env.sh.new" "$cache/env.sh"
}

install_packages
choose_route
install_cargo_leptos
install_wasm_bindgen
rm -rf "$cache/tools"
install_wasm_opt
if [ "$purpose" = test ]; then
    install_test_packages
    install_readers
fi
write_env
