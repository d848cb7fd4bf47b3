#!/usr/bin/env bash
# Prints how much of each room the tests reach, and fails below a bound:
#   tools/cover.sh 90 schedule store
# Statements count as reached whichever package's test reached them, so that a
# ledger in ordinauttest counts for the engine. Rooms for tests are left out.
set -euo pipefail
go=${GO:-go} bound=$1 rooms=${*:2}
profile=$(mktemp)
trap 'rm -f "$profile"' EXIT

packages=$("$go" list $(printf './internal/%s/... ' $rooms) | grep -v 'test$' | paste -sd,)
"$go" test -coverpkg="$packages" -coverprofile="$profile" ./internal/... ./ordinauttest/... |
	sed -e '/no test files/d' -e '/^\t/d' -e 's/\tcoverage:.*//'

awk -v bound="$bound" -v rooms="$rooms" '
	NR > 1 {statements[$1] = $2; if ($3 > 0) reached[$1] = 1}
	END {
		for (block in statements) {
			split(block, part, "/internal/")
			split(part[2], room, "/")
			all[room[1]] += statements[block]
			if (block in reached) hit[room[1]] += statements[block]
		}
		printf "\n%-12s %10s %10s %9s\n", "room", "statements", "reached", "coverage"
		n = split(rooms, names, " ")
		for (i = 1; i <= n; i++) {
			r = names[i]
			percent = all[r] ? 100 * hit[r] / all[r] : 0
			printf "%-12s %10d %10d %8.1f%%%s\n", r, all[r], hit[r], percent, percent < bound ? "  too little" : ""
			if (percent < bound) short = 1
		}
		if (short) printf "At least one room is below %d %%.\n", bound
		exit short
	}' "$profile"
