// The semidiscrete dual with a soft minimum over the atoms: value, gradient and Hessian.
#pragma once

#include <vector>

#include "host/transport/semidiscrete/laplacian.hpp"
#include "host/transport/semidiscrete/near_atoms.hpp"

namespace mckean {

/// g_eps(p) = sum_i a_i softmin_j (c_ij + p_j) - sum_j b_j p_j, j over the near atoms of i, with
/// softmin = -eps log sum exp(-./eps); concave in p. With pi_ij the weights of the soft minimum and
/// mass_j = sum_i a_i pi_ij, its gradient is mass - b and its Hessian -L/eps, L the Laplacian
/// diag(mass) - sum_i a_i pi_i pi_i^T of a graph on the atoms (Cuturi and Peyre, SIAM J. Imaging
/// Sci. 9, 2016, section 5). All results have the same bits for any number of threads. What takes
/// time throws OutOfTime where the deadline comes first.
class SmoothDual {
 public:
  /// `a`: a weight for each point of `near`; `b`: one for each atom. They must outlive this.
  SmoothDual(const NearAtoms& near, const std::vector<double>& a, const std::vector<double>& b,
             int threads, const Deadline& deadline = {});

  /// Value, masses and gradient; O(n k) steps.
  void evaluate(const std::vector<double>& potential, double epsilon);
  /// O(n k) steps, and for each point the square of the number of atoms that share it.
  Laplacian laplacian(const std::vector<double>& potential, double epsilon);

  double value() const { return value_; }
  const std::vector<double>& gradient() const { return gradient_; }
  const std::vector<double>& mass() const { return mass_; }
  const std::vector<double>& demand() const { return b_; }
  int threads() const { return threads_; }
  const Deadline& deadline() const { return deadline_; }

 private:
  struct Share {
    std::uint32_t atom;
    double weight;  // pi_ij
  };
  struct Entry {
    std::uint32_t column;
    double value;
  };
  double share_out(std::size_t begin, std::size_t end, const double* potential, double epsilon);
  void gather_masses(std::size_t owner, std::size_t owners, std::size_t end);
  void index_shares(std::size_t end);
  void gather_rows(std::size_t owner, std::size_t owners, std::vector<double>& dense);
  template <class Gather>
  double for_each_chunk(const std::vector<double>& potential, double epsilon, const Gather& gather);

  const NearAtoms& near_;
  const std::vector<double>& a_;
  const std::vector<double>& b_;
  int threads_;
  Deadline deadline_;
  std::vector<Share> shares_;           // of the points of a chunk, k places for each
  std::vector<std::uint32_t> sharers_;  // how many of these places are taken
  std::size_t chunk_begin_ = 0;
  double value_ = 0;
  std::vector<double> mass_, gradient_;
  // While a Laplacian is assembled: its rows below the diagonal so far, columns ascending, and the
  // places in shares_ of each atom in the chunk, by atom and then by point.
  std::vector<std::vector<Entry>> rows_;
  std::vector<std::uint32_t> first_place_, place_;
};

}  // namespace mckean
