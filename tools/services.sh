#!/usr/bin/env bash
# Installs Redis where it is missing and we may install packages: the tests start
# servers of their own. PostgreSQL they take from the system or from npm.
set -euo pipefail

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_redis() {
	if command -v apt-get; then as_root apt-get update && as_root apt-get install -y --no-install-recommends redis-server
	elif command -v apk; then as_root apk add redis
	elif command -v dnf; then as_root dnf install -y redis
	elif command -v brew; then brew install redis
	else return 1
	fi
}

command -v redis-server >/dev/null && exit
echo 'No redis-server: installing it.' >&2
install_redis >/dev/null || true
if ! command -v redis-server >/dev/null; then
	echo 'The tests start Redis: install redis-server.' >&2
	exit 1
fi
