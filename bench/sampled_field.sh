#!/bin/sh
# Time of the sampled velocity against m, n and d: sampled_field.sh BUILD FOLDER [OPTION ...].
# Of BUILD/bench/bench_sampled_field in FOLDER: sampled_field.json, points.tsv, tables.md (rates and exponents; both need
# PYTHON, or python3) and figure.svg (needs gnuplot). The options are those of the program: --threads T, --seconds S,
# --benchmark_filter=REGEX and so on.
set -eu
if [ $# -lt 2 ]; then
  echo "sampled_field.sh BUILD FOLDER [OPTION ...]" >&2
  exit 2
fi
program=$1/bench/bench_sampled_field
folder=$2
shift 2
here=$(dirname "$0")
mkdir -p "$folder"
# OpenBLAS is to choose for itself, and where it does not know the processor the program does.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
"$program" --benchmark_out="$folder/sampled_field.json" --benchmark_out_format=json "$@"
"${PYTHON:-python3}" "$here/sampled_field_points.py" "$folder/sampled_field.json" "$folder/points.tsv" >"$folder/tables.md"
gnuplot -c "$here/sampled_field.gp" "$folder/points.tsv" "$folder/figure.svg"
