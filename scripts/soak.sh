#!/usr/bin/env bash
# `make soak`: real servers are killed and connections broken while devices work; then what they were
# told is compared with what is stored. Ends with a line of counts, and fails when one is not 0.
#
#   FAULTS_SECONDS   how long the faults last (default: 60); everything is done some 30 s after that
#   FAULTS_SEED      which faults; printed, so that they can be had again (default: another each time)
#   FAULTS_DB        surreal: two servers on one SurrealDB server (default: one on the embedded store)
#   GREETINGS_KILLS  instead of all that, kill servers so often while they send greetings; then what the
#                    relay took is joined with the outbox

set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

prepare run
if [ "${FAULTS_DB:-}" = surreal ]; then
    scripts/surreal.sh
    RAPPORT_SURREAL=$(surreal_program)
    export RAPPORT_SURREAL
fi
if [ -n "${GREETINGS_KILLS:-}" ]; then
    export GREETINGS_SEED=${FAULTS_SEED:-}
    test_sender each_greeting_leaves_once
else
    test_faults
fi
