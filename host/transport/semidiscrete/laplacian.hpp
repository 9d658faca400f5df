// Linear systems with the Laplacian of a graph.
#pragma once

#include <vector>

#include "host/transport/deadline.hpp"

namespace mckean {

/// The diagonal of L + diag(shift); `lower` as for solve_laplacian.
std::vector<double> laplacian_diagonal(const std::vector<double>& lower,
                                       const std::vector<double>& shift);

/// x with (L + diag(shift)) x = rhs: by sparse Cholesky where next to all entries are 0 and remain
/// so; else by dense Cholesky, n^3/3 steps, for up to 1500 vertices; else by conjugate gradients on
/// the entries that are not 0, to a relative residual of 1e-3. OutOfTime where the deadline leaves
/// no time for that.
/// `lower` is n x n: entry j * n + l with l < j is L_jl <= 0; the diagonal is what makes the rows
/// sum to 0. It is overwritten. shift > 0. The same bits for any number of threads.
std::vector<double> solve_laplacian(std::vector<double>& lower, const std::vector<double>& shift,
                                    const std::vector<double>& rhs, int threads,
                                    const Deadline& deadline = {});

}  // namespace mckean
