// The operations that make scalars over an executor (executor.cuh): a launch for the blocks of a
// sum, and one that adds the blocks into the slots.
#pragma once

#include <algorithm>

#include "kernels/cuda/scalars_kernels.cuh"
#include "kernels/cuda/state_operation.cuh"

namespace mckean::cuda {

/// out[k] = sum of value k over `count` elements.
template <class Term, class Executor>
void sum_terms(Executor& executor, std::size_t count, const Term& term, double* out) {
  const std::size_t blocks = reduction_blocks(count);
  auto* const partial =
      static_cast<double*>(executor.scratch(blocks * Term::size * sizeof(double)));
  executor.run(blocks, 1, PartialSumArgs<Term>{term, count, partial});
  executor.run(Term::size, 1, TotalSumArgs{partial, blocks, out});
}

/// out[k] = sum k of `sums`; the longest has `longest` elements.
template <class Terms, class Executor>
void sum_list(Executor& executor, std::size_t sums, std::size_t longest, const Terms& terms,
              double* out) {
  const std::size_t blocks = reduction_blocks(longest);
  auto* const partial = static_cast<double*>(executor.scratch(blocks * sums * sizeof(double)));
  executor.run(blocks, sums, PartialListArgs<Terms>{terms, partial});
  executor.run(sums, 1, TotalSumArgs{partial, blocks, out});
}

template <class Executor>
void inner_products(Executor& executor, const InnerProducts<Space::device>& list,
                    DeviceView<double> out) {
  const auto count = static_cast<std::size_t>(list.count);
  MCKEAN_EXPECT(out.size() == count);
  if (count == 0) return;
  sum_list(executor, count, *std::max_element(list.size, list.size + count), ProductTerms{list},
           out.data());
}

template <class Executor>
void squared_norms(Executor& executor, const LinearTerms<Space::device>& terms, std::size_t m,
                   std::size_t d, DeviceView<double> out) {
  MCKEAN_EXPECT(out.size() == 2);
  sum_list(executor, 2, std::max(m, m * d), SquareTerms{terms, m, d}, out.data());
}

template <class Executor>
void particle_sums(Executor& executor, Regularizer regularizer, int radial_power,
                   ConstDeviceState w, DeviceView<double> out) {
  MCKEAN_EXPECT(out.size() == ParticleSums::count);
  sum_terms(executor, w.m, ParticleTerm{regularizer, radial_power, w.values.data(), w.m, w.d},
            out.data());
}

template <class Executor>
void check_finite(Executor& executor, DeviceView<const double> values, DeviceView<double> out) {
  sum_terms(executor, values.size(), FiniteTerm{values.data()}, out.data());
}

/// A step of size h from `before`, where the drift is `drift`, to `after`.
struct StepStates {
  double h;
  ConstDeviceState before, drift;
  DeviceState after;
};

template <class Executor>
void settle(Executor& executor, const FieldSpec& spec, const StepStates& step,
            DeviceView<double> out) {
  const DeviceState& after = step.after;
  const SettleTerm term{{Motion(spec, after.ensemble.total), step.h},
                        step.before.values.data(),
                        step.drift.values.data(),
                        after.values.data(),
                        after.m,
                        after.d};
  sum_terms(executor, after.m, term, out.data());
}

template <class Executor>
void combine_scalars(Executor& executor, const ScalarTerms<Space::device>& terms,
                     DeviceView<double> out) {
  executor.run(1, 1, CombineScalarsArgs{terms, out.data()});
}

template <class Executor>
void audit_step(Executor& executor, const AuditRules& rules, const AuditStep& step,
                const AuditSlots<Space::device>& slots, DeviceView<double> audit) {
  MCKEAN_EXPECT(audit.size() == AuditState::count);
  executor.run(1, 1,
               AuditArgs{rules, step, slots.before.data(), slots.after.data(), slots.stages.data(),
                         slots.finite.data(), audit.data()});
}

template <class Executor>
void copy_if(Executor& executor, DeviceView<const double> flag, DeviceView<const double> from,
             DeviceView<double> to) {
  MCKEAN_EXPECT(flag.size() == 1 && from.size() == to.size());
  run_each(executor, to.size(), CopyIfArgs{flag.data(), from.data(), to.data(), to.size()});
}

}  // namespace mckean::cuda
