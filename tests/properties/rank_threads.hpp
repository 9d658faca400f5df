// Ranks that are threads of one program.
#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

#include "properties/flow_backend.hpp"

namespace mckean::test {

using Ranks = Communicator<FlowBackend::space>;

/// Sums over the threads of one program, in the order of their ranks.
class Threads {
 public:
  explicit Threads(std::size_t count) : parts_(count) {}

  /// One of them, with a back end of its own.
  class Rank : public Ranks {
   public:
    Rank(Threads& all, std::size_t rank) : all_(all), rank_(rank) {}
    const FlowBackend& backend() const { return backend_; }
    void add(View<double, FlowBackend::space> values) const override {
      std::vector<double>& own = all_.parts_[rank_];
      own.resize(values.size());
      const View<const double, FlowBackend::space> computed = values;
      backend_.copy(computed, HostView<double>(own.data(), own.size()));
      all_.meet();
      std::vector<double> sums(values.size());
      for (std::size_t i = 0; i < sums.size(); ++i) {
        for (const auto& part : all_.parts_) sums[i] += part[i];
      }
      all_.meet();
      backend_.copy(HostView<const double>(sums.data(), sums.size()), values);
    }

   private:
    Threads& all_;
    std::size_t rank_;
    FlowBackend backend_ = make_backend();
  };

 private:
  /// Waits for the others. Without the spinning of std::barrier, which busy machines punish.
  void meet() {
    std::unique_lock lock(mutex_);
    const std::size_t round = round_;
    if (++here_ == parts_.size()) {
      here_ = 0;
      ++round_;
      all_here_.notify_all();
    } else {
      all_here_.wait(lock, [&] { return round_ != round; });
    }
  }

  std::vector<std::vector<double>> parts_;
  std::mutex mutex_;
  std::condition_variable all_here_;
  std::size_t here_ = 0, round_ = 0;
};

/// Particles first to first + count - 1.
inline ParticleArray part(const ParticleArray& all, std::size_t first, std::size_t count) {
  ParticleArray some(count, all.d);
  for (std::size_t plane = 0; plane <= all.d; ++plane)
    std::copy_n(all.values.data() + plane * all.m + first, count,
                some.values.data() + plane * count);
  return some;
}

}  // namespace mckean::test
