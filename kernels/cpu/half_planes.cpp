#include "kernels/cpu/half_planes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/cpu/scratch.hpp"
#include "kernels/cpu/tiles.hpp"
#include "mckean/formula/compensated_sum.hpp"

namespace mckean::cpu {
namespace {

using Slot = HalfPlanes::Slot;

/// Particles whose sums over slots are added up separately, at most so many parts of them.
constexpr std::size_t most_parts = 64;

/// Whether the products of v stay in the range of double.
bool is_in_range(PlaneVector v) {
  const double size = std::max(std::fabs(v.x), std::fabs(v.y));
  return size > 0x1p-300 && size < 0x1p300;
}

/// v over a power of two where its products could leave the range of double.
PlaneVector in_range(PlaneVector v) {
  if (is_in_range(v) || (v.x == 0 && v.y == 0)) return v;
  const int exponent = std::ilogb(std::max(std::fabs(v.x), std::fabs(v.y)));
  return {std::scalbn(v.x, -exponent), std::scalbn(v.y, -exponent)};
}

/// The sign of u.x v.y - u.y v.x, exactly.
int cross_sign(PlaneVector u, PlaneVector v) {
  const double p = u.x * v.y, q = u.y * v.x;
  if (p != q) return p > q ? 1 : -1;
  const double lost = std::fma(u.x, v.y, -p) - std::fma(u.y, v.x, -q);
  return (lost > 0) - (lost < 0);
}

/// Angles in [0, pi) before those in [pi, 2 pi).
bool in_lower_half(PlaneVector v) { return v.y < 0 || (v.y == 0 && v.x < 0); }

/// Whether u comes before v by its angle in [0, 2 pi).
bool is_before(PlaneVector u, PlaneVector v) {
  const bool below_u = in_lower_half(u), below_v = in_lower_half(v);
  return below_u != below_v ? below_v : cross_sign(u, v) > 0;
}

/// A function of the angle in [0, 2 pi) that grows from 0 to 4 and has an error below 2^-50.
double pseudo_angle(PlaneVector v) {
  const double t = v.y / (std::fabs(v.x) + std::fabs(v.y));
  if (v.x < 0) return 2 - t;
  return v.y < 0 ? 4 + t : t;
}

/// A sum in two doubles, and of how many terms.
struct PrefixSum {
  CompensatedSum x, y;
  std::uint64_t count = 0;

  void add(PlaneVector v) {
    x.add(v.x);
    y.add(v.y);
  }
};

/// Sums over slots: of a_j b_j, and how many particles.
struct SlotSum {
  double x = 0, y = 0;
  std::uint64_t count = 0;
};

/// What lies before each slot, and in all.
struct Prefix {
  std::vector<double> high_x, low_x, high_y, low_y;
  std::vector<std::uint64_t> count;

  explicit Prefix(const std::vector<SlotSum>& slots)
      : high_x(slots.size() + 1),
        low_x(slots.size() + 1),
        high_y(slots.size() + 1),
        low_y(slots.size() + 1),
        count(slots.size() + 1) {
    PrefixSum sum;
    for (std::size_t k = 0; k <= slots.size(); ++k) {
      high_x[k] = sum.x.high();
      low_x[k] = sum.x.low();
      high_y[k] = sum.y.high();
      low_y[k] = sum.y.low();
      count[k] = sum.count;
      if (k == slots.size()) break;
      sum.add({slots[k].x, slots[k].y});
      sum.count += slots[k].count;
    }
  }
  /// The sum over slots begin..end-1; 0 where no particle is there.
  SlotSum between(std::size_t begin, std::size_t end) const {
    const std::uint64_t found = count[end] - count[begin];
    if (found == 0) return {};
    return {(high_x[end] - high_x[begin]) + (low_x[end] - low_x[begin]),
            (high_y[end] - high_y[begin]) + (low_y[end] - low_y[begin]), found};
  }
};

PlaneVector direction(const Particles<const double, Space::host>& w, std::size_t j) {
  return {w.b(0)[j], w.d > 1 ? w.b(1)[j] : 0.0};
}

/// Sums over slots in parts of the particles, whose number depends on sizes alone.
std::vector<SlotSum> sum_slots(const Particles<const double, Space::host>& w, const Slot* slots,
                               std::size_t count, int threads) {
  const std::size_t parts = std::clamp<std::size_t>(4 * w.m / count, 1, most_parts);
  const std::size_t size = divide_up(w.m, parts);
  std::vector<SlotSum> sums(parts * count);
  for_each_tile(w.m, size, threads, [&](std::size_t begin, std::size_t end) {
    SlotSum* const own = sums.data() + begin / size * count;
    const double* const a = w.a().data();
    for (std::size_t j = begin; j < end; ++j) {
      const PlaneVector b = direction(w, j);
      SlotSum& sum = own[slots[j]];
      sum.x += a[j] * b.x;
      sum.y += a[j] * b.y;
      ++sum.count;
    }
  });
  for_each_tile(count, element_tile, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t q = 1; q < parts; ++q) {
      for (std::size_t k = begin; k < end; ++k) {
        sums[k].x += sums[q * count + k].x;
        sums[k].y += sums[q * count + k].y;
        sums[k].count += sums[q * count + k].count;
      }
    }
  });
  sums.resize(count);
  return sums;
}

}  // namespace

template <class Real>
HalfPlanes::HalfPlanes(const Samples<Real, Space::host>& samples) : samples_(samples.n) {
  MCKEAN_EXPECT(samples.d >= 1 && samples.d <= 2 && samples.n < most_samples);
  const Real* x = samples.x.data();
  for (std::size_t i = 0; i < samples.n; ++i, x += samples.d) {
    samples_[i].x = {static_cast<double>(x[0]), samples.d > 1 ? static_cast<double>(x[1]) : 0.0};
  }
  find_normals();
  make_grid();
}

void HalfPlanes::find_normals() {
  // Of normal 2 i to sample i the left side is seen, of 2 i + 1 the right one: b . x > 0 between
  // (x.y, -x.x) and (-x.y, x.x).
  std::vector<PlaneVector> all(2 * samples_.size());
  std::vector<Slot> order;
  order.reserve(all.size());
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    const PlaneVector x = in_range(samples_[i].x);
    if (x.x == 0 && x.y == 0) continue;
    all[2 * i] = {x.y, -x.x};
    all[2 * i + 1] = {-x.y, x.x};
    order.push_back(static_cast<Slot>(2 * i));
    order.push_back(static_cast<Slot>(2 * i + 1));
  }
  std::sort(order.begin(), order.end(), [&](Slot p, Slot q) { return is_before(all[p], all[q]); });
  for (Sample& sample : samples_) sample.enter = sample.leave = 0;
  for (const Slot p : order) {
    if (normals_.empty() || is_before(normals_.back(), all[p])) normals_.push_back(all[p]);
    const auto slot = static_cast<Slot>(2 * (normals_.size() - 1));
    (p % 2 == 0 ? samples_[p / 2].enter : samples_[p / 2].leave) = slot;
  }
}

void HalfPlanes::make_grid() {
  std::size_t buckets = 4;
  while (buckets < 4 * normals_.size()) buckets *= 2;
  grid_.assign(buckets + 1, 0);
  angles_.reserve(normals_.size() + 2);
  angles_.push_back(-1);
  for (const PlaneVector& normal : normals_) {
    angles_.push_back(pseudo_angle(normal));
    ++grid_[bucket_of(angles_.back()) + 1];
  }
  angles_.push_back(5);
  std::partial_sum(grid_.begin(), grid_.end(), grid_.begin());
}

std::size_t HalfPlanes::bucket_of(double angle) const {
  const std::size_t buckets = grid_.size() - 1;
  return std::min(static_cast<std::size_t>(angle * static_cast<double>(buckets / 4)), buckets - 1);
}

HalfPlanes::Slot HalfPlanes::slot_of(PlaneVector b) const {
  const auto nowhere = static_cast<Slot>(2 * normals_.size());
  const auto between = [nowhere](std::size_t k) {
    return k == 0 ? nowhere - 1 : static_cast<Slot>(2 * k - 1);
  };
  if (!std::isfinite(b.x) || !std::isfinite(b.y)) return nowhere;
  if (!is_in_range(b)) {
    b = in_range(b);
    if (b.x == 0 && b.y == 0) return nowhere;
  }
  if (normals_.empty()) return nowhere;
  // angles_[k] is that of normal k - 1: k normals come before b. Their order is that of the angles
  // where these differ by more than their errors.
  constexpr double sure = 0x1p-48;
  const double angle = pseudo_angle(b);
  std::size_t k = grid_[bucket_of(angle)];
  while (angles_[k + 1] < angle) ++k;
  if (angle - angles_[k] > sure && angles_[k + 1] - angle > sure) return between(k);
  while (k > 0 && is_before(b, normals_[k - 1])) --k;
  while (k < normals_.size() && !is_before(b, normals_[k])) ++k;
  const bool along = k > 0 && !is_before(normals_[k - 1], b);
  return along ? static_cast<Slot>(2 * k - 2) : between(k);
}

void HalfPlanes::locate(const Particles<const double, Space::host>& w, int threads,
                        Slot* slots) const {
  for_each_long_tile(w.m, element_tile, threads,
                     [&](std::size_t begin, std::size_t end, EarlyEnd&) {
                       for (std::size_t j = begin; j < end; ++j)
                         slots[j] = slot_of(direction(w, j));
                     });
}

void HalfPlanes::predict(const PiecewiseLinear& linear,
                         const Particles<const double, Space::host>& w,
                         const NetworkOutput<Space::host>& output, const Slot* slots, int threads,
                         double* f) const {
  const std::vector<SlotSum> sums = sum_slots(w, slots, this->slots(), threads);
  const std::size_t circle = this->slots() - 1;
  // What stands in the last slot has no direction: 0, or not a number, which all of f becomes.
  const double strange = 0 * (sums.back().x + sums.back().y);
  const Prefix prefix({sums.begin(), sums.end() - 1});
  const SlotSum all = prefix.between(0, circle);
  const double jump = linear.above - linear.below;
  const double scale = output.ranks == nullptr ? output.scale : 1;
  for_each_tile(size(), element_tile, threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const Sample& s = samples_[i];
      SlotSum seen;
      if (s.enter < s.leave) {
        seen = prefix.between(s.enter + 1, s.leave);
      } else if (s.enter > s.leave) {
        const SlotSum first = prefix.between(0, s.leave),
                      last = prefix.between(s.enter + 1, circle);
        seen = {first.x + last.x, first.y + last.y, 0};
      }
      const double x = linear.below * all.x + jump * seen.x;
      const double y = linear.below * all.y + jump * seen.y;
      f[i] = scale * (s.x.x * x + s.x.y * y + strange);
    }
  });
  if (output.ranks == nullptr) return;
  output.ranks->add({f, size()});
  for (std::size_t i = 0; i < size(); ++i) f[i] *= output.scale;
}

void HalfPlanes::predict(const PiecewiseLinear& linear, Particles<const double, Space::host> w,
                         const NetworkOutput<Space::host>& output, int threads, double* f) const {
  const Scratch<Slot> slots(w.m);
  locate(w, threads, slots.data());
  predict(linear, w, output, slots.data(), threads, f);
}

/// sum_i e_i x_i over the samples that each slot sees, and over all in the last one.
std::vector<PlaneVector> HalfPlanes::seen_samples(const std::vector<double>& error) const {
  const std::size_t circle = slots() - 1;
  // What comes and goes at each slot, in two doubles since most of it goes again.
  std::vector<PrefixSum> change(circle + 1);
  PrefixSum all;
  for (std::size_t i = 0; i < size(); ++i) {
    const Sample& s = samples_[i];
    const PlaneVector term{error[i] * s.x.x, error[i] * s.x.y};
    all.add(term);
    if (s.enter == s.leave) continue;
    PrefixSum& enter = change[s.enter + 1];
    PrefixSum& leave = change[s.leave];
    enter.add(term);
    ++enter.count;
    leave.add({-term.x, -term.y});
    --leave.count;
    if (s.enter > s.leave) {
      change[0].add(term);
      ++change[0].count;
    }
  }
  std::vector<PlaneVector> seen(slots());
  PrefixSum sum;
  for (std::size_t k = 0; k < circle; ++k) {
    sum.add({change[k].x.high(), change[k].y.high()});
    sum.add({change[k].x.low(), change[k].y.low()});
    sum.count += change[k].count;
    seen[k] = sum.count == 0 ? PlaneVector{0, 0} : PlaneVector{sum.x.value(), sum.y.value()};
  }
  seen[circle] = {all.x.value(), all.y.value()};
  return seen;
}

double HalfPlanes::field(const PiecewiseLinear& linear, Particles<const double, Space::host> w,
                         const NetworkOutput<Space::host>& output, const double* y, int threads,
                         double* v) const {
  const Scratch<Slot> slots(w.m);
  locate(w, threads, slots.data());
  std::vector<double> error(size());
  predict(linear, w, output, slots.data(), threads, error.data());
  for (std::size_t i = 0; i < size(); ++i) error[i] -= y[i];
  const double squares = sum_terms(0, size(), [&](std::size_t i) { return error[i] * error[i]; });

  std::vector<PlaneVector> seen = seen_samples(error);
  const PlaneVector all = seen.back();
  seen.back() = {0, 0};
  const double jump = linear.above - linear.below;
  const double mean = 1 / static_cast<double>(size());
  for (PlaneVector& g : seen) {
    g = {mean * (linear.below * all.x + jump * g.x), mean * (linear.below * all.y + jump * g.y)};
  }
  for_each_tile(w.m, element_tile, threads, [&](std::size_t begin, std::size_t end) {
    const double* const a = w.a().data();
    for (std::size_t j = begin; j < end; ++j) {
      const PlaneVector g = seen[slots.data()[j]], b = direction(w, j);
      v[j] = b.x * g.x + b.y * g.y;
      v[w.m + j] = a[j] * g.x;
      if (w.d > 1) v[2 * w.m + j] = a[j] * g.y;
    }
  });
  return squares * mean;
}

template HalfPlanes::HalfPlanes(const Samples<float, Space::host>&);
template HalfPlanes::HalfPlanes(const Samples<double, Space::host>&);

}  // namespace mckean::cpu
