#!/usr/bin/env bash
# Installs what a benchmark measures itself against, from Debian.
#
#   scripts/bench_peers.sh nchan     nginx with nchan, for the fan-out
#   scripts/bench_peers.sh postfix   postfix with smtp-sink and smtp-source, for greetings

set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# install PACKAGE...
install() {
    say "Installing $*, to measure against (about half a minute)"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# The benchmarks start their own; the system's servers are not wanted.
case ${1:-nchan} in
nchan)
    [ -f /usr/lib/nginx/modules/ngx_nchan_module.so ] && exit
    install nginx libnginx-mod-nchan
    if pgrep -x nginx >/dev/null; then as_root nginx -s stop; fi
    ;;
postfix)
    [ -x /usr/sbin/smtp-sink ] && [ -x /usr/sbin/smtp-source ] && exit
    if command -v debconf-set-selections >/dev/null; then
        echo 'postfix postfix/main_mailer_type select No configuration' | as_root debconf-set-selections
    fi
    install postfix
    as_root postfix stop >/dev/null 2>&1 || true
    ;;
*) die "usage: scripts/bench_peers.sh nchan|postfix" ;;
esac
