#!/usr/bin/env bash
# `make soak`: real servers are killed and connections broken while devices work; then what they were
# told is compared with what is stored. Ends with a line of counts, and fails when one is not 0.
#
#   FAULTS_SECONDS  how long the faults last (default: 60); everything is done some 30 s after that
#   FAULTS_SEED     which faults; printed, so that they can be had again (default: another each time)
#   FAULTS_DB       surreal: two servers on one SurrealDB server (default: one on the embedded store)

set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

prepare run
if [ "${FAULTS_DB:-}" = surreal ]; then
    scripts/surreal.sh
    RAPPORT_SURREAL=$(surreal_program)
    export RAPPORT_SURREAL
fi
test_faults
