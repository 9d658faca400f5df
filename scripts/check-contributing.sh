#!/bin/sh
# Makes the changes of CONTRIBUTING.md's worked examples in a copy of this tree, builds it, and runs what is new.
# Usage: scripts/check-contributing.sh [FOLDER]   (default: build/contributing)
#        scripts/check-contributing.sh --apply    (no copy: whether they all still apply, to two files each at most)
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)

# A hunk is text to find and text to put there: no line numbers to keep up. A new file is the text behind +.
apply() {
  python3 - "$root" "$1" <<'PYTHON'
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
page = (root / "CONTRIBUTING.md").read_text()
sources = {}
examples = re.findall(r"<!-- example: (.*?) -->\n```diff\n(.*?)```", page, re.S)
for example, diff in examples:
    changed = []
    for old_name, name, hunks in re.findall(r"^--- (\S+)\n\+\+\+ b/(\S+)\n(.*?)(?=^--- |\Z)", diff, re.S | re.M):
        path = root / name
        is_new = old_name == "/dev/null"
        if is_new and path.exists():
            sys.exit(f"{example}: {name} is there already")
        source = "" if is_new else sources.get(name) or path.read_text()
        for hunk in hunks.split("@@\n")[1:]:
            lines = hunk.splitlines(keepends=True)
            old = "".join(line[1:] for line in lines if line[0] in " -")
            new = "".join(line[1:] for line in lines if line[0] in " +")
            if is_new:
                source = new
                continue
            if source.count(old) != 1:
                sys.exit(f"{example}: {name}: this is there {source.count(old)} times:\n{old}")
            source = source.replace(old, new)
        sources[name] = source
        if not is_new and not name.startswith("tests/"):
            changed.append(name)
    if not 1 <= len(changed) <= 2:
        sys.exit(f"{example}: changes {', '.join(changed)}: two files are the most")
    print(f"{example}: changes {' and '.join(changed)}")
names = [example for example, diff in examples]
if names != ["activation", "integrator", "law", "distance", "results"]:
    sys.exit(f"CONTRIBUTING.md: its examples are {names}")
if sys.argv[2]:
    for name, source in sources.items():
        path = pathlib.Path(sys.argv[2]) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
PYTHON
}

if [ "${1:-}" = --apply ]; then
  apply ""
  exit
fi
copy=${1:-$root/build/contributing}
mkdir -p "$copy"
git -C "$root" ls-files -z | (cd "$root" && xargs -0 tar cf -) | tar xf - -C "$copy"
apply "$copy"

tests='cpu_sampled_field_test properties_orders_test unit_law_test properties_transport_certificate_test
  cli_folder_test cli_results_test'
cmake --preset cpu -S "$copy" -B "$copy/build" -DMCKEAN_TESTS=ON
# shellcheck disable=SC2086
cmake --build "$copy/build" -j "${JOBS:-$(nproc)}" --target mckean $tests
# shellcheck disable=SC2086
ctest --test-dir "$copy/build" --output-on-failure -R "^($(echo $tests | tr ' ' '|'))\\."
mckean=$copy/build/mckean
for name in arctan ralston signs nearest; do
  "$mckean" help run | grep -q "$name" || { echo "mckean help run does not know $name"; exit 1; }
done
"$mckean" run --law signs --dim 3 --samples 50 --width 20 --teacher-width 2 --activation arctan \
  --integrator ralston --t-end 1 --seed 1 --w2 nearest --out "$copy/build/run" --force
grep -q objective "$copy/build/run/records.json"
echo "All five examples of CONTRIBUTING.md build, pass their tests and run."
