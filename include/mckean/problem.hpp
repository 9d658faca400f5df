// What a network learns: samples of data, or a law of x with a teacher.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "mckean/data_set.hpp"
#include "mckean/law.hpp"
#include "mckean/teacher.hpp"
#include "mckean/view.hpp"

namespace mckean {

/// Writes y.size() samples: x (row-major, d values each) and y. A pure function of `stream`: online
/// flows ask for the stream of the number of their step. Throws as it likes.
using DrawSamples =
    std::function<void(std::uint64_t stream, HostView<double> x, HostView<double> y)>;

/// Data, a law in closed form, or fresh samples; and what the test risk is measured on.
struct Problem {
  std::size_t d = 0;            // dimension of x
  std::optional<DataSet> data;  // samples that stay the same; empty for a law
  std::optional<DataSet> test;  // of the test risk; a law is its own test
  std::optional<DataLaw> law;   // with `teacher`: of closed forms, and where samples came from
  std::optional<Teacher> teacher;
  DrawSamples draw;  // fresh samples of an online flow; empty where there are none
};

/// The samples of `data`, n x d. InputError where x and y do not belong together.
Problem data_problem(DataSet data, std::optional<DataSet> test = {});

/// The whole law (n = infinity) against a teacher; needs a closed form (pair_kernel) when a flow is
/// made of it.
Problem law_problem(DataLaw law, Teacher teacher);

/// n samples of a law with the teacher's values under the activation; the test risk is that of the
/// law where it has a closed form. A pure function of its arguments for any number of `threads`
/// (0: all).
Problem sampled_problem(DataLaw law, Teacher teacher, const AnyActivation& activation,
                        std::size_t n, std::uint64_t seed, int threads = 0);

/// Fresh samples of a law at each step, with the teacher's values under the activation.
Problem online_problem(DataLaw law, Teacher teacher, const AnyActivation& activation,
                       std::uint64_t seed, int threads = 0);

/// Fresh samples of a law of one's own in dimension d. Risks over the law are those of 20000
/// samples set aside.
Problem online_problem(std::size_t d, DrawSamples draw);

}  // namespace mckean
