#!/usr/bin/env bash
# `make watch`: rebuilds and reloads at every change. The browser part is a development build here, so
# the next `make run` builds it in release again.

set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

prepare run
export RAPPORT_SITE_ROOT=${RAPPORT_SITE_ROOT:-site}
exec cargo leptos watch -- serve --demo
