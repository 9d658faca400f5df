// The fields of a problem on a back end.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "host/data/sample_streams.hpp"
#include "host/flow/minibatch.hpp"
#include "host/flow/online.hpp"
#include "host/flow/planar.hpp"
#include "mckean/flow.hpp"

namespace mckean {

inline HostView<const double> as_view(const std::vector<double>& values) {
  return {values.data(), values.size()};
}

/// Fields of a problem for one activation and scaling, which back end, problem and maker outlive.
template <Backend B>
class FieldMaker {
 public:
  FieldMaker(const B& backend, const Problem& problem, const AnyActivation& activation,
             Scaling scaling)
      : backend_(backend),
        problem_(problem),
        activation_(activation),
        scaling_(scaling),
        kernel_(closed_form(problem, activation)) {
    own_on_device<B>(activation);
  }

  /// Whether R is that of a law in closed form, which is its own test.
  bool is_own_test(const BatchOptions& batch) const {
    return is_online(batch) ? kernel_.has_value() : !problem_.data;
  }

  /// What a step reads.
  std::unique_ptr<Field<B>> make(const BatchOptions& batch) {
    if (is_online(batch)) return make_online(*batch.size);
    if (!problem_.data) return make_law();
    const DataSet& data = *problem_.data;
    if (!batch.size) return make_sampled(data);
    if (*batch.size == 0 || *batch.size > data.y.size()) {
      throw InputError("batch: " + std::to_string(*batch.size) + " of " +
                       std::to_string(data.y.size()) +
                       " samples make no mini-batch: give a smaller one, or all the data");
    }
    return std::make_unique<MiniBatch<B>>(
        backend_, activation_, scaling_,
        HostSamples{as_view(data.x.values), as_view(data.y), data.x.cols},
        BatchRule{*batch.size, batch.replacement, batch.seed});
  }

  /// Where the test risk of m particles comes from: test data, or the law that the samples were
  /// drawn from. Null where there is neither, or where the closed form would need more than 1e10
  /// pairs at each record.
  std::unique_ptr<Field<B>> make_test(std::size_t m) const {
    if (problem_.test) return make_sampled(*problem_.test);
    if (!kernel_) return nullptr;
    const double pairs =
        static_cast<double>(m) * static_cast<double>(m + problem_.teacher->atoms.m);
    if (problem_.data && !is_planar() && pairs > 1e10) return nullptr;
    return make_law();
  }

 private:
  bool is_online(const BatchOptions& batch) const { return problem_.draw && batch.size; }
  bool is_planar() const { return problem_.d == 2 && kernel_->kind == PairKernelKind::arc_cosine; }

  std::unique_ptr<Field<B>> make_sampled(const DataSet& data) const {
    return std::make_unique<SampledData<B>>(backend_, activation_, scaling_, as_view(data.x.values),
                                            as_view(data.y), data.x.cols);
  }
  /// The closed form, by sorting where the plane allows it.
  std::unique_ptr<Field<B>> make_law() const {
    if (problem_.draw && !problem_.law)
      throw InputError("batch: a law by samples needs their number: give a size");
    const PopulationTeacher teacher =
        population_teacher(*problem_.teacher, activation_, *problem_.law);
    if (!kernel_) {
      throw InputError(
          "the law has no closed form for this activation: choose samples or a law by samples");
    }
    if (is_planar())
      return std::make_unique<Planar<B>>(backend_, kernel_->moment, scaling_, teacher);
    return std::make_unique<Population<B>>(backend_, *kernel_, scaling_, teacher, problem_.d);
  }
  /// Fresh samples; their risk is the closed form's, or that of samples set aside.
  std::unique_ptr<Field<B>> make_online(std::size_t batch) {
    if (batch == 0) throw InputError("batch: 0 samples make no step: give at least 1");
    std::unique_ptr<Field<B>> law;
    if (kernel_) {
      law = make_law();
    } else {
      held_out_ = draw_data(problem_.draw, held_out_samples, problem_.d, held_out_stream);
      law = make_sampled(held_out_);
    }
    return std::make_unique<Online<B>>(backend_, activation_, scaling_,
                                       FreshSamples{batch, problem_.d, problem_.draw},
                                       std::move(law));
  }

  const B& backend_;
  const Problem& problem_;
  AnyActivation activation_;
  Scaling scaling_;
  std::optional<PairKernel> kernel_;
  DataSet held_out_;
};

}  // namespace mckean
