// Which teachers have a closed form.
#include "host/flow/population.hpp"

#include "mckean/error.hpp"
#include "mckean/problem.hpp"

namespace mckean {

PopulationTeacher population_teacher(const Teacher& teacher, const AnyActivation& activation,
                                     DataLaw law) {
  if (teacher.kind == Teacher::Kind::atoms) return {teacher.atoms, std::nullopt};
  const std::optional<RadialTeacher> radial = teacher.radial(activation, law);
  if (!radial) {
    throw InputError(
        "the uniform teacher has no closed form for this activation and law: choose relu or "
        "square, a teacher of "
        "neurons, or sampled data (a number of samples)");
  }
  return {ParticleArray(0, teacher.d), radial};
}

std::optional<PairKernel> closed_form(const Problem& problem, const AnyActivation& activation) {
  if (!problem.law || !problem.teacher) return {};
  const bool solvable = problem.teacher->kind == Teacher::Kind::atoms ||
                        problem.teacher->radial(activation, *problem.law).has_value();
  if (!solvable) return {};
  return pair_kernel(activation, *problem.law, problem.d);
}

}  // namespace mckean
