// Which teachers have a closed form.
#include "host/flow/population.hpp"

#include "mckean/error.hpp"

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

}  // namespace mckean
