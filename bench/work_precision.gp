# Draws the points of work_precision: gnuplot -c work_precision.gp POINTS FIGURE
# FIGURE ends in .svg, .png or .pdf. For each problem the evaluations against the error of J, and
# against W2, both to the reference; the grey line is how far the reference at twice its step is off.
if (ARGC != 2) { print "gnuplot -c work_precision.gp POINTS FIGURE"; exit status 2 }
points = ARG1
figure = ARG2
length = strlen(figure)
ending = length > 4 ? figure[length - 3:length] : ''
if (ending eq '.svg') {
  set terminal svg size 1500,1120 font 'DejaVu Sans,11' background rgb 'white'
}
if (ending eq '.png') { set terminal pngcairo size 1500,1120 font 'DejaVu Sans,11' }
if (ending eq '.pdf') { set terminal pdfcairo size 40cm,30cm font 'DejaVu Sans,11' }
if (strstrt('.svg .png .pdf', ending) == 0 || length < 5) {
  print 'work_precision.gp: FIGURE must end in .svg, .png or .pdf'
  exit status 2
}

set datafile separator '\t'
set datafile columnheaders
set datafile missing NaN
stats points using (column('number')) nooutput
first = int(STATS_min)
last = int(STATS_max)
name_of(number) = system(sprintf( \
  "awk -F'\\t' '$1 == \"%d\" { print $2; exit }' '%s'", number, points))
# The evaluations of a method's runs, and nothing where the run did not end.
evaluations(number, method) = column('number') == number && strcol('kind') eq 'curve' \
  && strcol('method') eq method && strcol('outcome') eq 'finished' ? column('evaluations') : NaN
# Columns of awk: 1 number, 3 kind, 9 error_J, 11 error_W2.
floor_of(number, error) = system(sprintf( \
  "awk -F'\t' '$1 == \"%d\" && $3 == \"reference\" { print $%d }' '%s'", \
  number, error eq 'error_J' ? 9 : 11, points)) + 0

methods = 'euler rk4 dopri5 rkc auto'
set linetype 1 lc rgb '#cc79a7' lw 1.5 pt 13 ps .7
set linetype 2 lc rgb '#009e73' lw 1.5 pt 11 ps .7
set linetype 3 lc rgb '#d55e00' lw 1.5 pt 9 ps .7
set linetype 4 lc rgb '#0072b2' lw 1.5 pt 5 ps .5
set linetype 5 lc rgb '#000000' lw 1.5 pt 6 ps 1.1 dt 3
set logscale xy
set format x '10^{%L}'
set format y '10^{%L}'
set xlabel 'evaluations'
set grid
set key top right font ',9'

set output figure
set multiplot layout 3,4
do for [number = first:last] {
  name = name_of(number)
  if (strlen(name) == 0) { continue }
  do for [error in 'error_J error_W2'] {
    set title name.(error eq 'error_J' ? ': J, relative' : ': W2') noenhanced font ',10'
    resolved = floor_of(number, error)
    plot for [i = 1:words(methods)] points \
           using (evaluations(number, word(methods, i))):(column(error)) \
           with linespoints lt i title word(methods, i), \
         resolved > 0 ? resolved : NaN with lines lc rgb '#999999' dt 2 notitle
    unset key
  }
}
unset multiplot
