#!/usr/bin/env bash
# `make screenshots`: takes the pictures of the README anew, from the really started demo house.

set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

prepare test
build_browser
build_server
(
    cd end2end
    npm test --silent -- --no-deps screens.spec.ts
)
mkdir -p docs/screens
for picture in floor-portrait board-landscape desk-landscape card-landscape board-landscape-dark \
    requests-landscape briefing-landscape timeline-landscape names-landscape; do
    cp "end2end/screenshots/$picture.png" docs/screens/
done
say "docs/screens/ is up to date; everything else is in end2end/screenshots/"
