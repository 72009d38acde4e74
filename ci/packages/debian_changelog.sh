#!/bin/sh
# The newest entry as Debian writes it, from CHANGELOG.md, at the time of the last commit. debian_changelog.sh PROJECT
set -eu
cd "$1"
echo "obs-background-matting ($VERSION) unstable; urgency=medium"
awk -v version="$VERSION" '
	/^## / { inside = $2 == version; next }
	inside && /^\* / { printf "%s%s", text, (text ? "\n" : ""); text = substr($0, 3); next }
	inside && NF { sub(/^ +/, ""); text = text " " $0 }
	END { print text }' CHANGELOG.md | tr -d '`' | while read -r line; do
	echo
	echo "$line" | fold -s -w 74 | sed '1s/^/  * /; 2,$s/^/    /; s/ $//'
done
printf '\n -- %s  %s\n' "$CONTACT" "$(LC_ALL=C date --utc --rfc-email --date="@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}")"
