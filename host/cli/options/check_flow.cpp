// Combinations of data, law, target and regulariser that make no sense.
#include "host/cli/options/make_config.hpp"

namespace mckean::cli {
namespace {

template <auto Member, auto Other>
void require_beside(const Draft& draft) {
  if (draft.given<Member>() && !draft.given<Other>())
    refuse<Member>("needs " + option<Other>().flag() + " beside it");
}

void check_data(const Draft& draft, const FlowConfig& config) {
  require_beside<&ProblemConfig::x, &ProblemConfig::y>(draft);
  require_beside<&ProblemConfig::y, &ProblemConfig::x>(draft);
  require_beside<&ProblemConfig::test_x, &ProblemConfig::test_y>(draft);
  require_beside<&ProblemConfig::test_y, &ProblemConfig::test_x>(draft);
  if (!draft.given<&ProblemConfig::x>())
    refuse<&ProblemConfig::test_x>("needs training data: give --x and --y");
  const char* const known =
      "the data files already say what to learn: leave it out, or leave out --x and --y";
  refuse_if_given<&ProblemConfig::law>(draft, known);
  refuse_if_given<&ProblemConfig::samples>(draft, known);
  refuse_if_given<&ProblemConfig::target>(draft, known);
  refuse_if_given<&ProblemConfig::teacher>(draft, known);
  refuse_if_given<&ProblemConfig::teacher_width>(draft, known);
  refuse_if_given<&BatchConfig::online>(draft, known);
  if (!draft.given<&ProblemConfig::test_fraction>()) return;
  const double fraction = config.problem.test_fraction;
  require<&ProblemConfig::test_fraction>(fraction > 0 && fraction < 1, config,
                                         "must be between 0 and 1");
  if (draft.given<&ProblemConfig::test_x>())
    refuse<&ProblemConfig::test_fraction>(
        "there is test data already: leave out --test-x and --test-y, or this");
}

void check_target(const Draft& draft, const FlowConfig& config) {
  const ProblemConfig& problem = config.problem;
  const TeacherLaw target = problem.target.value();
  if (target == TeacherLaw::uniform_circle && problem.dim != 2)
    refuse<&ProblemConfig::target>("uniform-circle needs --dim 2: choose uniform-sphere");
  if (target == TeacherLaw::circle_neuron)
    require<&ProblemConfig::dim>(problem.dim >= 2, config,
                                 "must be at least 2 for --target circle-neuron");
  if (target == TeacherLaw::file && problem.teacher.empty())
    refuse<&ProblemConfig::target>("file needs --teacher FILE");
  if (target != TeacherLaw::file)
    refuse_if_given<&ProblemConfig::teacher>(draft, "is read by --target file only");
  if (target != TeacherLaw::neurons && target != TeacherLaw::circle_neuron) {
    refuse_if_given<&ProblemConfig::teacher_width>(
        draft, "is read by --target neurons and circle-neuron only");
  } else {
    require<&ProblemConfig::teacher_width>(
        problem.teacher_width >= 1 && problem.teacher_width <= 10000000, config,
        "must be between 1 and 1e7");
  }
}

void check_law(const Draft& draft, const FlowConfig& config) {
  const ProblemConfig& problem = config.problem;
  const char* const files_only = "is about data files: give --x and --y, or leave it out";
  refuse_if_given<&ProblemConfig::test_fraction>(draft, files_only);
  refuse_if_given<&ProblemConfig::standardize>(draft, files_only);
  refuse_if_given<&ProblemConfig::bias>(draft, files_only);
  if (problem.dim) {
    require<&ProblemConfig::dim>(problem.dim >= 1 && problem.dim <= 100000, config,
                                 "must be between 1 and 100000");
    require<&ProblemConfig::dim>(problem.law != DataLaw::circle || problem.dim == 2, config,
                                 "must be 2 on --law circle; or choose --law sphere");
  }
  check_target(draft, config);
  const std::optional<std::uint64_t> samples = problem.samples.value().finite;
  require<&ProblemConfig::samples>(!samples || (*samples >= 1 && *samples <= 1000000000), config,
                                   "must be between 1 and 1e9, or inf");
}

}  // namespace

void check_flow(const Draft& draft, const FlowConfig& config) {
  if (config.problem.kind == JobKind::data) {
    check_data(draft, config);
  } else {
    check_law(draft, config);
  }
  const FieldSpec& spec = config.model.spec;
  const bool regularized = spec.regularizer != Regularizer::none;
  require<&FieldSpec::lambda>(spec.lambda >= 0, config, "must not be negative");
  if (regularized && spec.lambda == 0)
    refuse<&FieldSpec::regularizer>("has no weight: give --lambda above 0");
  if (!regularized && spec.lambda > 0)
    refuse<&FieldSpec::lambda>("weighs nothing: give --regularizer path or l2");
  require<&MachineConfig::threads>(config.machine.threads <= 4096, config, "must be at most 4096");
}

}  // namespace mckean::cli
