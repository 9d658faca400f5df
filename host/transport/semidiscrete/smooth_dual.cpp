// Sums over points in chunks: soft minima in parallel, then each atom by one thread in the order of
// the points.
#include "host/transport/semidiscrete/smooth_dual.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "host/data/interruptible.hpp"
#include "kernels/cpu/tiles.hpp"
#include "mckean/formula/exponential.hpp"

namespace mckean {
namespace {

constexpr std::size_t chunk = 32768;
constexpr std::size_t point_tile = 512;
constexpr double negligible = 34;  // exp(-34) = 2e-15

}  // namespace

SmoothDual::SmoothDual(const NearAtoms& near, const std::vector<double>& a,
                       const std::vector<double>& b, int threads, const Deadline& deadline)
    : near_(near),
      a_(a),
      b_(b),
      threads_(threads),
      deadline_(deadline),
      shares_(std::min(chunk, near.size()) * near.k()),
      sharers_(std::min(chunk, near.size())),
      mass_(b.size()),
      gradient_(b.size()) {}

/// The weights of the soft minima of a tile of points, and their part of the value.
double SmoothDual::share_out(std::size_t begin, std::size_t end, const double* potential,
                             double epsilon) {
  const std::size_t k = near_.k();
  const double inverse = 1 / epsilon;
  std::vector<double> reach(k);
  double part = 0;
  for (std::size_t i = begin; i < end; ++i) {
    const double* const costs = near_.costs(i);
    const std::uint32_t* const atoms = near_.atoms(i);
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t s = 0; s < k; ++s) {
      reach[s] = costs[s] + potential[atoms[s]];
      least = std::min(least, reach[s]);
    }
    Share* const shares = shares_.data() + (i - chunk_begin_) * k;
    std::uint32_t count = 0;
    double total = 0;
    const double limit = least + negligible * epsilon;
    for (std::size_t s = 0; s < k; ++s) {
      if (reach[s] > limit) continue;
      const double weight = exponential_of_negative((least - reach[s]) * inverse);
      shares[count++] = {atoms[s], weight};
      total += weight;
    }
    for (std::uint32_t s = 0; s < count; ++s) shares[s].weight /= total;
    sharers_[i - chunk_begin_] = count;
    part += a_[i] * (least - epsilon * std::log(total));
  }
  return part;
}

/// Adds what the points of the chunk give to the masses of the atoms j = owner mod owners.
void SmoothDual::gather_masses(std::size_t owner, std::size_t owners, std::size_t end) {
  for (std::size_t i = chunk_begin_; i < end; ++i) {
    const Share* const shares = shares_.data() + (i - chunk_begin_) * near_.k();
    for (std::uint32_t s = 0; s < sharers_[i - chunk_begin_]; ++s) {
      if (shares[s].atom % owners == owner) mass_[shares[s].atom] += a_[i] * shares[s].weight;
    }
  }
}

/// Where in shares_ each atom stands.
void SmoothDual::index_shares(std::size_t end) {
  const std::size_t k = near_.k();
  first_place_.assign(b_.size() + 1, 0);
  const auto for_each_share = [&](const auto& use) {
    for (std::size_t i = 0; i < end - chunk_begin_; ++i) {
      for (std::size_t s = 0; s < sharers_[i]; ++s) use(i * k + s);
    }
  };
  for_each_share([&](std::size_t place) { ++first_place_[shares_[place].atom + 1]; });
  for (std::size_t j = 0; j < b_.size(); ++j) first_place_[j + 1] += first_place_[j];
  place_.resize(first_place_.back());
  std::vector<std::uint32_t> next(first_place_.begin(), first_place_.end() - 1);
  for_each_share([&](std::size_t place) {
    place_[next[shares_[place].atom]++] = static_cast<std::uint32_t>(place);
  });
}

/// Adds what the points of the chunk give to the rows of the Laplacian of the atoms j = owner mod
/// owners, in the order of the points. `dense`: a 0 for each atom, before and after.
void SmoothDual::gather_rows(std::size_t owner, std::size_t owners, std::vector<double>& dense) {
  const std::size_t k = near_.k();
  std::vector<std::uint32_t> columns;
  for (std::size_t j = owner; j < b_.size(); j += owners) {
    if (first_place_[j] == first_place_[j + 1]) continue;
    std::vector<Entry>& row = rows_[j];
    for (const Entry& entry : row) dense[entry.column] = entry.value;
    columns.clear();
    for (std::size_t e = first_place_[j]; e < first_place_[j + 1]; ++e) {
      const std::size_t i = place_[e] / k;
      const double mass = a_[chunk_begin_ + i] * shares_[place_[e]].weight;
      for (std::size_t t = i * k; t < i * k + sharers_[i]; ++t) {
        const std::uint32_t l = shares_[t].atom;
        const double part = mass * shares_[t].weight;
        if (l >= j || part == 0) continue;
        if (dense[l] == 0) columns.push_back(l);
        dense[l] -= part;
      }
    }
    std::sort(columns.begin(), columns.end());
    const auto known = static_cast<std::ptrdiff_t>(row.size());
    for (const std::uint32_t l : columns) row.push_back({l, 0});
    std::inplace_merge(row.begin(), row.begin() + known, row.end(),
                       [](const Entry& x, const Entry& y) { return x.column < y.column; });
    for (Entry& entry : row) entry.value = std::exchange(dense[entry.column], 0.);
  }
}

/// gather(end) for each chunk, once the shares of its points are known; the value.
template <class Gather>
double SmoothDual::for_each_chunk(const std::vector<double>& potential, double epsilon,
                                  const Gather& gather) {
  double value = 0;
  for (chunk_begin_ = 0; chunk_begin_ < near_.size(); chunk_begin_ += chunk) {
    deadline_.expect_left();
    const std::size_t length = std::min(chunk, near_.size() - chunk_begin_);
    value +=
        cpu::sum_tiles<1>(length, point_tile, threads_, [&](std::size_t begin, std::size_t end) {
          return std::array<double, 1>{
              share_out(chunk_begin_ + begin, chunk_begin_ + end, potential.data(), epsilon)};
        })[0];
    gather(chunk_begin_ + length);
  }
  return value;
}

void SmoothDual::evaluate(const std::vector<double>& potential, double epsilon) {
  std::fill(mass_.begin(), mass_.end(), 0.);
  const auto owners = static_cast<std::size_t>(threads_);
  value_ = for_each_chunk(potential, epsilon, [&](std::size_t end) {
    cpu::for_each_tile(owners, 1, threads_,
                       [&](std::size_t owner, std::size_t) { gather_masses(owner, owners, end); });
  });
  for (std::size_t j = 0; j < b_.size(); ++j) {
    value_ -= b_[j] * potential[j];
    gradient_[j] = mass_[j] - b_[j];
  }
}

Laplacian SmoothDual::laplacian(const std::vector<double>& potential, double epsilon) {
  const std::size_t count = b_.size();
  rows_.assign(count, {});
  const auto owners = static_cast<std::size_t>(threads_);
  std::vector<std::vector<double>> dense(owners, std::vector<double>(count));
  for_each_chunk(potential, epsilon, [&](std::size_t end) {
    index_shares(end);
    cpu::for_each_tile(owners, 1, threads_, [&](std::size_t owner, std::size_t) {
      gather_rows(owner, owners, dense[owner]);
    });
  });
  Laplacian laplacian;
  laplacian.first.assign(count + 1, 0);
  for (std::size_t j = 0; j < count; ++j)
    laplacian.first[j + 1] = laplacian.first[j] + rows_[j].size();
  laplacian.column.reserve(laplacian.first.back());
  laplacian.value.reserve(laplacian.first.back());
  for (std::vector<Entry>& row : rows_) {
    for (const Entry& entry : row) {
      laplacian.column.push_back(entry.column);
      laplacian.value.push_back(entry.value);
    }
    row = {};
  }
  return laplacian;
}

}  // namespace mckean
