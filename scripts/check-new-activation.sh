#!/bin/sh
# Adds the activation of CONTRIBUTING.md to a copy of this tree, as it says there, and builds and runs it.
# Usage: scripts/check-new-activation.sh [FOLDER]   (default: build/new-activation)
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
copy=${1:-$root/build/new-activation}

mkdir -p "$copy"
git -C "$root" ls-files -z | (cd "$root" && xargs -0 tar cf -) | tar xf - -C "$copy"

# Each hunk is text to find and text to put there: no line numbers to keep up.
python3 - "$root/CONTRIBUTING.md" "$copy" <<'EOF'
import pathlib
import re
import sys

text = pathlib.Path(sys.argv[1]).read_text()
block = re.search(r"<!-- activation -->\n```diff\n(.*?)```", text, re.S).group(1)
for part in block.split("--- a/")[1:]:
    name, _, hunks = part.partition("\n")
    path = pathlib.Path(sys.argv[2]) / name
    source = path.read_text()
    for hunk in hunks.split("@@\n")[1:]:
        lines = hunk.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line[0] in " -")
        new = "".join(line[1:] for line in lines if line[0] in " +")
        if source.count(old) != 1:
            sys.exit(f"{name}: this is there {source.count(old)} times:\n{old}")
        source = source.replace(old, new)
    path.write_text(source)
EOF

cmake --preset cpu -S "$copy" -B "$copy/build" -DMCKEAN_TESTS=ON
cmake --build "$copy/build" -j "$(nproc)" --target mckean cpu_sampled_field_test
ctest --test-dir "$copy/build" --output-on-failure -R 'cpu_sampled_field_test'
"$copy/build/mckean" help run | grep arctan
"$copy/build/mckean" run --law gaussian --dim 3 --samples 50 --width 20 --teacher-width 2 \
  --activation arctan --t-end 1 --seed 1
echo "An activation takes one file and its reference (and the tables of README.md, printed anew)."
