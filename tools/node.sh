#!/usr/bin/env bash
# Installs Node.js and npm where npm is missing and we may install packages: the
# tests call MCP servers that come from npm.
set -euo pipefail

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_npm() {
	if command -v apt-get; then as_root apt-get update && as_root apt-get install -y --no-install-recommends nodejs npm
	elif command -v apk; then as_root apk add nodejs npm
	elif command -v dnf; then as_root dnf install -y nodejs npm
	elif command -v brew; then brew install node
	else return 1
	fi
}

command -v npm >/dev/null && exit
echo 'No npm: installing it with Node.js.' >&2
install_npm >/dev/null || true
if ! command -v npm >/dev/null; then
	echo 'The tests call MCP servers that come from npm: install Node.js with npm.' >&2
	exit 1
fi
