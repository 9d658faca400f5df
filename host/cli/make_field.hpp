// The field of a problem on a back end.
#pragma once

#include <memory>

#include "host/data/interruptible.hpp"
#include "host/flow/minibatch.hpp"
#include "host/flow/online.hpp"
#include "host/flow/planar.hpp"
#include "mckean/error.hpp"
#include "problem.hpp"

namespace mckean::cli {

inline HostView<const double> as_view(const std::vector<double>& values) {
  return {values.data(), values.size()};
}

/// The values in the memory of a back end.
template <Backend B>
Buffer<double, B::space> copy_to(const B& backend, const std::vector<double>& values) {
  auto copy = backend.template allocate<double>(values.size());
  for_each_range(values.size(), [&](std::size_t begin, std::size_t end) {
    backend.copy(as_view(values).subview(begin, end - begin),
                 copy.view().subview(begin, end - begin));
  });
  return copy;
}

template <Backend B>
std::unique_ptr<Field<B>> make_sampled_field(const B& backend, const ModelConfig& model,
                                             const DataSet& data) {
  return std::make_unique<SampledData<B>>(backend, model.activation, model.spec.scaling,
                                          as_view(data.x.values), as_view(data.y), data.x.cols);
}

/// The closed form, by sorting where the plane allows it.
template <Backend B>
std::unique_ptr<Field<B>> make_law_field(const B& backend, const ModelConfig& model,
                                         const Problem& problem) {
  const PopulationTeacher teacher =
      population_teacher(*problem.teacher, model.activation, *problem.law);
  if (problem.d == 2 && problem.kernel->kind == PairKernelKind::arc_cosine) {
    return std::make_unique<Planar<B>>(backend, problem.kernel->moment, model.spec.scaling,
                                       teacher);
  }
  return std::make_unique<Population<B>>(backend, *problem.kernel, model.spec.scaling, teacher,
                                         problem.d);
}

/// Fresh samples; their risk is the closed form's, or that of 20000 samples set aside.
template <Backend B>
std::unique_ptr<Field<B>> make_online_field(const B& backend, const ModelConfig& model,
                                            const Problem& problem, std::size_t batch) {
  const auto sample = [model, law = *problem.law, teacher = *problem.teacher, d = problem.d](
                          std::uint64_t step, HostView<double> x, HostView<double> y) {
    const std::vector<double> fresh = draw_samples(law, y.size(), d, model.seed_data, step);
    const std::vector<double> values =
        teacher.evaluate(model.activation, fresh, y.size(), model.threads);
    std::copy(fresh.begin(), fresh.end(), x.begin());
    std::copy(values.begin(), values.end(), y.begin());
  };
  std::unique_ptr<Field<B>> law;
  if (problem.kernel) {
    law = make_law_field(backend, model, problem);
  } else {
    DataSet held_out{Matrix(20000, problem.d), std::vector<double>(20000)};
    constexpr std::uint64_t held_out_stream = std::uint64_t{3} << 54;
    sample(held_out_stream, {held_out.x.values.data(), held_out.x.values.size()},
           {held_out.y.data(), held_out.y.size()});
    law = make_sampled_field(backend, model, held_out);
  }
  return std::make_unique<Online<B>>(backend, model.activation, model.spec.scaling, batch,
                                     problem.d, sample, std::move(law));
}

template <Backend B>
std::unique_ptr<Field<B>> make_field(const B& backend, const RunConfig& run,
                                     const Settings& settings, const Problem& problem) {
  const ModelConfig& model = run.model;
  if (run.online)
    return make_online_field(backend, model, problem, static_cast<std::size_t>(*run.online));
  if (!problem.data) return make_law_field(backend, model, problem);
  if (!run.batch) return make_sampled_field(backend, model, *problem.data);
  const DataSet& data = *problem.data;
  if (*run.batch > data.y.size()) {
    throw InputError(settings.spelled("batch") + ": " + std::to_string(*run.batch) +
                     " is more than the " + std::to_string(data.y.size()) +
                     " samples: give a smaller batch, or leave it out");
  }
  return std::make_unique<MiniBatch<B>>(backend, model.activation, model.spec.scaling,
                                        as_view(data.x.values), as_view(data.y), data.x.cols,
                                        static_cast<std::size_t>(*run.batch),
                                        settings.flag("batch-replacement"), model.seed_data);
}

/// Where the test risk of m particles comes from: test data, or the law that the samples were drawn
/// from. Null where there is neither, or where the closed form would need more than 1e10 pairs at
/// each record.
template <Backend B>
std::unique_ptr<Field<B>> make_test_field(const B& backend, const ModelConfig& model,
                                          const Problem& problem, std::size_t m) {
  if (problem.test) return make_sampled_field(backend, model, *problem.test);
  if (!problem.kernel) return nullptr;
  const bool planar = problem.d == 2 && problem.kernel->kind == PairKernelKind::arc_cosine;
  const double pairs = static_cast<double>(m) * static_cast<double>(m + problem.teacher->atoms.m);
  if (problem.data && !planar && pairs > 1e10) return nullptr;
  return make_law_field(backend, model, problem);
}

}  // namespace mckean::cli
