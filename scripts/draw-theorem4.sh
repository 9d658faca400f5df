#!/bin/sh
# Draws the default run: draw-theorem4.sh MCKEAN PICTURE.png. Left: W2 and R over time; right: the law of the angles.
set -eu
mckean=$1
picture=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$mckean" run --records 60 --out "$work/all" --quiet >/dev/null
for t in 0.001 10 100 1000; do
  "$mckean" run --t-end "$t" --records 2 --out "$work/$t" --quiet >/dev/null
done

gnuplot <<EOF
set terminal pngcairo size 1200,460 font 'DejaVu Sans,11'
set output '$picture'
set multiplot layout 1,2
set datafile separator ','
set key bottom left
set logscale xy
set format y '10^{%L}'
set xlabel 't'
set title 'Distance to the target and risk'
plot '$work/all/metrics.csv' using (column('t')):(column('w2')) with lines lw 2 title 'W_2({/Symbol p}_t, uniform)', \
     '' using (column('t')):(column('risk')) with lines lw 2 title 'R({/Symbol p}_t)'
unset logscale
set format y '%g'
set key top center
set xrange [-pi:pi]
set yrange [0:0.42]
set xtics ('-{/Symbol p}' -pi, '-{/Symbol p}/2' -pi/2, '0' 0, '{/Symbol p}/2' pi/2, '{/Symbol p}' pi)
set xlabel 'angle of b_j'
set title 'Density of the particles'
bins = 180.0
width = 2*pi/bins
bin(x) = -pi + width*(floor((x + pi)/width) + 0.5)
m = $(sed -n 's/.*"width": *\([0-9]*\).*/\1/p' "$work/all/summary.json" | head -1).0
plot for [t in '0.001 10 100 1000'] '$work/'.t.'/particles.npy' binary skip=128 format='%3double' \
  using (bin(atan2(\$3, \$2))):(1/(m*width)) smooth frequency with lines lw 2 \
  title 't = '.(t eq '0.001' ? '0' : t)
EOF
