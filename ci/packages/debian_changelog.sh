#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The newest entry as Debian writes it, from CHANGELOG.md, at the time of the last commit. debian_changelog.sh PROJECT
set -eu
cd "$1"

fail() {
	echo "debian_changelog: $1" >&2
	exit 1
}

entry=$(awk -v version="$VERSION" '
	/^## / { inside = $2 == version; next }
	inside && /^\* / { printf "%s%s", text, (text ? "\n" : ""); text = substr($0, 3); next }
	inside && NF { sub(/^ +/, ""); text = text " " $0 }
	END { print text }' CHANGELOG.md | tr -d '`')
[ -n "$entry" ] || fail "CHANGELOG.md has nothing about $VERSION"
seconds=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)} || fail "there is no commit whose date it could have: set SOURCE_DATE_EPOCH"
date=$(LC_ALL=C date --utc --rfc-email --date="@$seconds") || fail "'$seconds' is no date"

echo "obs-background-matting ($PACKAGE_VERSION) unstable; urgency=medium"
echo "$entry" | while read -r line; do
	echo
	echo "$line" | fold -s -w 74 | sed '1s/^/  * /; 2,$s/^/    /; s/ $//'
done
printf '\n -- %s  %s\n' "$CONTACT" "$date"
