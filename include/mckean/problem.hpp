// What a network learns: samples of data, or a law of x with a teacher.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "mckean/data_set.hpp"
#include "mckean/law.hpp"
#include "mckean/teacher.hpp"
#include "mckean/view.hpp"

namespace mckean {

/// Writes y.size() samples: x (row-major, d values each) and y. A pure function of `stream`: a flow
/// of fresh samples asks for the stream of the number of its step, from 0 on, and for one of 2^55
/// or more where samples are set aside. <mckean/formula/philox.hpp> makes random numbers of (seed,
/// stream). What it throws ends the flow.
using DrawSamples =
    std::function<void(std::uint64_t stream, HostView<double> x, HostView<double> y)>;

/// Data, a law in closed form, or fresh samples; and what the test risk is measured on. Made by the
/// functions below.
struct Problem {
  std::size_t d = 0;            // dimension of x
  std::optional<DataSet> data;  // samples that stay the same; empty for a law
  std::optional<DataSet> test;  // of the test risk
  std::optional<DataLaw> law;   // with `teacher`: of closed forms, and where samples came from
  std::optional<Teacher> teacher;
  DrawSamples draw;  // fresh samples of each step; empty where there are none
};

// Each of the makers throws InputError where arrays have another shape than they say, a sample is
// not finite, a teacher has no neurons, d or a number of samples is 0, samples are drawn of a law
// that is not in dimension d, or a function is empty; Interrupted where that was asked for; and
// what DrawSamples throws.

/// The samples of `data`, n x d. The test risk is that of `test`, n' x d.
Problem data_problem(DataSet data, std::optional<DataSet> test = {});

/// The whole law of x (n = infinity) against a teacher. A flow of it needs a closed form for its
/// activation (pair_kernel), InputError where there is none.
Problem law_problem(DataLaw law, Teacher teacher);

/// n samples of a law with the teacher's values under the activation; the test risk is that of the
/// law where it has a closed form. A pure function of its arguments for any number of `threads`
/// (0: all).
Problem sampled_problem(DataLaw law, Teacher teacher, const AnyActivation& activation,
                        std::size_t n, std::uint64_t seed, int threads = 0);

/// Fresh samples of a law at each step, with the teacher's values under the activation, which
/// outlives the problem where it is a user's own. Risks are those of the law where it has a closed
/// form, otherwise of 20000 samples set aside.
Problem online_problem(DataLaw law, Teacher teacher, const AnyActivation& activation,
                       std::uint64_t seed, int threads = 0);

/// Fresh samples of a law of a user's own in dimension d; risks are those of 20000 samples set
/// aside.
Problem online_problem(std::size_t d, DrawSamples draw);

/// n samples of a law of a user's own, and as many as `test` says of it, where not 0, for the test
/// risk.
Problem sampled_problem(std::size_t d, const DrawSamples& draw, std::size_t n,
                        std::size_t test = 0);

/// The kernel of the law of a problem under an activation, where that and the teacher have closed
/// forms; empty where there is none, and for data alone. InputError where d does not fit the law.
std::optional<PairKernel> closed_form(const Problem& problem, const AnyActivation& activation);

}  // namespace mckean
