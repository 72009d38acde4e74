#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What .github/workflows/release.yml does besides building and trying, for the tag that it runs for.
# ci/release.sh check            fails unless the tag's commit is on main, which the clone must have whole
# ci/release.sh draft FOLDER     a draft of a release with the files in it, if each is the one that this workflow has attested
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
	echo "release: $1" >&2
	exit 1
}

: "${GITHUB_REF_NAME:?it runs in a workflow on GitHub}" "${GITHUB_REPOSITORY:?}"
case "${1-}" in
check)
	git merge-base --is-ancestor HEAD origin/main ||
		fail "the commit of $GITHUB_REF_NAME is not on main: merge it, and push the tag again"
	;;
draft)
	folder=${2:?a folder}
	for file in "$folder"/*; do
		gh attestation verify "$file" --repo "$GITHUB_REPOSITORY" --source-ref "$GITHUB_REF" --deny-self-hosted-runners \
			--signer-workflow "$GITHUB_REPOSITORY/.github/workflows/release.yml" || fail "$file is not what was attested"
	done
	# Of a run that ended half-way. One that is published stays.
	if [[ $(gh release view "$GITHUB_REF_NAME" --repo "$GITHUB_REPOSITORY" --json isDraft --jq .isDraft 2>/dev/null) == true ]]; then
		gh release delete "$GITHUB_REF_NAME" --repo "$GITHUB_REPOSITORY" --yes
	fi
	gh release create "$GITHUB_REF_NAME" --repo "$GITHUB_REPOSITORY" --draft --verify-tag --title "$GITHUB_REF_NAME" "$folder"/*
	;;
*) fail "usage: ci/release.sh check | draft FOLDER" ;;
esac
