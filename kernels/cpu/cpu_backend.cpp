// The CPU back end itself: its threads and its name.
#include "kernels/cpu/cpu_backend.hpp"

#include "kernels/cpu/thread_pool.hpp"

#include "kernels/cpu/targets.hpp"
#include "mckean/find_choice.hpp"

namespace mckean {

template <class FieldReal>
CpuBackend<FieldReal>::CpuBackend(int threads) : threads_(cpu::thread_count(threads)) {
  cpu::target_in_use();  // says here what is wrong with it, not in the midst of a run
}

template <class FieldReal>
std::string CpuBackend<FieldReal>::describe() const {
  return "cpu: " + std::to_string(threads_) + (threads_ == 1 ? " thread, " : " threads, ") +
         name_of(cpu::target_in_use());
}

template CpuBackend<float>::CpuBackend(int);
template CpuBackend<double>::CpuBackend(int);
template std::string CpuBackend<float>::describe() const;
template std::string CpuBackend<double>::describe() const;

}  // namespace mckean
