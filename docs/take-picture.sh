#!/bin/sh
# Draw the top of a published page as a PNG, at the width of a desk screen.
set -eu
page=$(realpath "$1")
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
chromium --headless --no-sandbox --disable-gpu --disable-background-networking --no-first-run \
    --hide-scrollbars --user-data-dir="$profile" --window-size=1180,1250 --screenshot="$2" "file://$page" 2>/dev/null
