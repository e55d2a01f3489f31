#!/usr/bin/env bash
# `make run`: installs, builds and serves. The demo house is loaded when the store is empty. Every
# RAPPORT_* setting of the server can be given in the environment.

set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

prepare run
build_browser
build_server

export RAPPORT_SITE_ROOT=${RAPPORT_SITE_ROOT:-site}
say "Serving; Ctrl-C ends it"
# In place of this script, so that signals reach the server itself.
exec "$CARGO_TARGET_DIR/debug/rapport" serve --demo
