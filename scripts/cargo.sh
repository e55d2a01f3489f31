#!/usr/bin/env bash
# cargo with the environment of the build: scripts/cargo.sh SUBCOMMAND [ARGUMENT...]

set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

prepare run
if [ "${1:-}" = bench ]; then released; fi
if [ "${1:-}" = fmt ]; then
    format_source "${@:2}"
else
    cargo "$@"
fi
