// Points in chunks: their soft minima in parallel, then each atom's row of the Laplacian by one
// thread in the order of the points.
#include "host/transport/semidiscrete/smooth_dual.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

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
      gradient_(b.size()),
      laplacian_(make_zeros(b.size() * b.size())) {}

/// The weights of the soft minima of a tile of points, and their part of the value.
double SmoothDual::share_out(std::size_t begin, std::size_t end, const double* prices,
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
      reach[s] = costs[s] + prices[atoms[s]];
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

/// The same for their rows of the Laplacian.
void SmoothDual::gather_rows(std::size_t owner, std::size_t owners, std::size_t end) {
  for (std::size_t i = chunk_begin_; i < end; ++i) {
    const Share* const shares = shares_.data() + (i - chunk_begin_) * near_.k();
    const std::uint32_t sharers = sharers_[i - chunk_begin_];
    for (std::uint32_t s = 0; s < sharers; ++s) {
      const std::uint32_t j = shares[s].atom;
      if (j % owners != owner) continue;
      const double mass = a_[i] * shares[s].weight;
      double* const row = laplacian_.data() + j * b_.size();
      for (std::uint32_t t = 0; t < sharers; ++t) {
        if (shares[t].atom < j) row[shares[t].atom] -= mass * shares[t].weight;
      }
    }
  }
}

/// gather(owner, owners, end) of all chunks once the shares of their points are known; the value.
template <class Gather>
double SmoothDual::for_each_chunk(const std::vector<double>& prices, double epsilon,
                                  const Gather& gather) {
  double value = 0;
  const auto owners = static_cast<std::size_t>(threads_);
  for (chunk_begin_ = 0; chunk_begin_ < near_.size(); chunk_begin_ += chunk) {
    deadline_.expect_left();
    const std::size_t length = std::min(chunk, near_.size() - chunk_begin_);
    value +=
        cpu::sum_tiles<1>(length, point_tile, threads_, [&](std::size_t begin, std::size_t end) {
          return std::array<double, 1>{
              share_out(chunk_begin_ + begin, chunk_begin_ + end, prices.data(), epsilon)};
        })[0];
    cpu::for_each_tile(owners, 1, threads_, [&](std::size_t owner, std::size_t) {
      gather(owner, owners, chunk_begin_ + length);
    });
  }
  return value;
}

void SmoothDual::evaluate(const std::vector<double>& prices, double epsilon) {
  std::fill(mass_.begin(), mass_.end(), 0.);
  value_ =
      for_each_chunk(prices, epsilon, [&](std::size_t owner, std::size_t owners, std::size_t end) {
        gather_masses(owner, owners, end);
      });
  for (std::size_t j = 0; j < b_.size(); ++j) {
    value_ -= b_[j] * prices[j];
    gradient_[j] = mass_[j] - b_[j];
  }
}

std::vector<double>& SmoothDual::laplacian(const std::vector<double>& prices, double epsilon) {
  const std::size_t count = b_.size();
  cpu::for_each_tile(count, 16, threads_, [&](std::size_t begin, std::size_t end) {
    for (std::size_t j = begin; j < end; ++j)
      std::fill_n(laplacian_.begin() + static_cast<std::ptrdiff_t>(j * count), j + 1, 0.);
  });
  for_each_chunk(prices, epsilon, [&](std::size_t owner, std::size_t owners, std::size_t end) {
    gather_rows(owner, owners, end);
  });
  return laplacian_;
}

}  // namespace mckean
