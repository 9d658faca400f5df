# Draws the points of bench_sampled_field: gnuplot -c sampled_field.gp POINTS FIGURE
# FIGURE ends in .svg, .png or .pdf. Rows are relu and tanh; columns the time of one evaluation against m, against n, and
# against d. In the first two each line is a dimension, solid in float and dashed in double; grey lines are linear.
if (ARGC != 2) { print "gnuplot -c sampled_field.gp POINTS FIGURE"; exit status 2 }
points = ARG1
figure = ARG2
length = strlen(figure)
ending = length > 4 ? figure[length - 3:length] : ''
if (ending eq '.svg') {
  set terminal svg size 1500,900 font 'DejaVu Sans,11' background rgb 'white'
}
if (ending eq '.png') { set terminal pngcairo size 1500,900 font 'DejaVu Sans,11' }
if (ending eq '.pdf') { set terminal pdfcairo size 40cm,24cm font 'DejaVu Sans,11' }
if (strstrt('.svg .png .pdf', ending) == 0 || length < 5) {
  print 'sampled_field.gp: FIGURE must end in .svg, .png or .pdf'
  exit status 2
}

set datafile separator '\t'
set datafile columnheaders
set datafile missing NaN
dims = '1 2 3 10 32 100 300 1000 3000'
colour(i) = word('#000000 #0072b2 #56b4e9 #009e73 #e69f00 #d55e00 #cc79a7 #8b5a2b #777777', i)
# The seconds of the points of one line.
seconds(loops, real, grows, d) = strcol('loops') eq loops && strcol('real') eq real \
  && strcol('grows') eq grows && column('d') == d ? column('seconds') : NaN
# At the size that both families have.
seconds_in_d(loops, real) = strcol('loops') eq loops && strcol('real') eq real \
  && strcol('grows') eq 'm' && column('m') == 1e4 ? column('seconds') : NaN

set logscale xy
set format x '10^{%L}'
set format y '10^{%L}'
set ylabel 's'
set grid
set key bottom right font ',8' maxrows 9
set yrange [1e-5:20]

set output figure
set multiplot layout 2,3
do for [loops in 'relu tanh'] {
  do for [grows in 'm n'] {
    set title loops.(grows eq 'm' ? ', n = 1000' : ', m = 10^4') font ',10'
    set xlabel grows
    set xrange [grows eq 'm' ? 7e2 : 70 : grows eq 'm' ? 1.5e7 : 1.5e5]
    plot for [i = 1:words(dims)] points \
           using (column(grows)):(seconds(loops, 'float', grows, word(dims, i) + 0)) \
           with linespoints lc rgb colour(i) pt 7 ps .4 title 'd = '.word(dims, i), \
         for [i = 1:words(dims)] points \
           using (column(grows)):(seconds(loops, 'double', grows, word(dims, i) + 0)) \
           with lines lc rgb colour(i) dt 2 notitle, \
         for [k = -9:-3] 10.**k*x*(grows eq 'm' ? .1 : 1) with lines lc rgb '#dddddd' notitle
  }
  set title loops.', m = 10^4, n = 1000' font ',10'
  set xlabel 'd'
  set xrange [.7:5e3]
  plot for [real in 'float double'] points using (column('d')):(seconds_in_d(loops, real)) \
         with linespoints lc rgb (real eq 'float' ? '#0072b2' : '#d55e00') pt 7 ps .5 title real, \
       for [real in (loops eq 'relu' ? 'float double' : '')] points \
         using (column('d')):(seconds_in_d(loops.'-arranged', real)) \
         with points lc rgb (real eq 'float' ? '#0072b2' : '#d55e00') pt 4 title real.', arranged'
}
unset multiplot
