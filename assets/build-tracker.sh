#!/bin/sh
# Minifies tracker.src.js into tracker.js and notes at its end which source it was made from.
# Needs terser 5 on the PATH; only for who changes the tracker, the result is in the repository.
set -eu
cd "$(dirname "$0")"
source_hash=$(sha256sum tracker.src.js | cut -c 1-8)
terser tracker.src.js --compress passes=3 --mangle --toplevel --ecma 2020 >tracker.js
printf '//%s\n' "$source_hash" >>tracker.js
echo "tracker.js: $(gzip -9 <tracker.js | wc -c) bytes gzipped"
