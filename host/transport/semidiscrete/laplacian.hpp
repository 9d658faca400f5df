// Linear systems with the Laplacian of a sparse graph.
#pragma once

#include <cstdint>
#include <vector>

#include "host/transport/deadline.hpp"

namespace mckean {

/// A symmetric matrix L whose rows sum to 0 and whose entries beside the diagonal are <= 0. Only
/// those below the diagonal that are not 0 are stored, by rows: entries first[j]..first[j+1]-1 are
/// L_jl for the columns l < j, ascending.
struct Laplacian {
  std::vector<std::size_t> first;
  std::vector<std::uint32_t> column;
  std::vector<double> value;

  std::size_t size() const { return first.size() - 1; }
  std::size_t entries() const { return value.size(); }
};

/// The diagonal of L + diag(shift).
std::vector<double> laplacian_diagonal(const Laplacian& laplacian,
                                       const std::vector<double>& shift);

/// x with (L + diag(shift)) x = rhs, shift > 0: by sparse Cholesky where next to all entries are 0
/// and remain so; else by dense Cholesky, n^3/3 steps and 8 n^2 bytes, for up to 1500 vertices;
/// else by conjugate gradients to a relative residual of 1e-3. OutOfTime where the deadline leaves
/// no time for that. The same bits for any number of threads.
std::vector<double> solve_laplacian(const Laplacian& laplacian, const std::vector<double>& shift,
                                    const std::vector<double>& rhs, int threads,
                                    const Deadline& deadline = {});

}  // namespace mckean
