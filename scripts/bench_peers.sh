#!/usr/bin/env bash
# What the benchmarks measure themselves against: nginx with nchan, from Debian.

set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ -f /usr/lib/nginx/modules/ngx_nchan_module.so ] && exit
say "Installing nginx with nchan, to measure against (about half a minute)"
as_root apt-get update -qq
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nginx libnginx-mod-nchan >/dev/null
# The benchmark starts its own; the system's is not wanted.
pgrep -x nginx >/dev/null && as_root nginx -s stop
true
