#!/bin/sh
# Work against precision, whole: work_precision.sh BUILD FOLDER [SECONDS [SCIPY_SECONDS]].
# Of BUILD/bench/bench_work_precision in FOLDER: tables.md, points.tsv, figure.svg (needs gnuplot) and scipy.md (needs
# PYTHON, or python3, with NumPy and SciPy). SECONDS is what one run of ours may take (10), SCIPY_SECONDS what SciPy has
# for each problem and method (60).
set -eu
if [ $# -lt 2 ]; then
  echo "work_precision.sh BUILD FOLDER [SECONDS [SCIPY_SECONDS]]" >&2
  exit 2
fi
program=$1/bench/bench_work_precision
folder=$2
seconds=${3:-10}
scipy_seconds=${4:-60}
here=$(dirname "$0")
mkdir -p "$folder"
export OPENBLAS_NUM_THREADS=1
"$program" --points "$folder/points.tsv" --limit "$seconds" >"$folder/tables.md"
gnuplot -c "$here/work_precision.gp" "$folder/points.tsv" "$folder/figure.svg"
"${PYTHON:-python3}" "$here/peers/ode_solvers.py" "$program" --points "$folder/points.tsv" \
  --limit "$scipy_seconds" >"$folder/scipy.md"
