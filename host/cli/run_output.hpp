// What a run prints and what it leaves in its folder.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "host/cli/options/config.hpp"
#include "mckean/particle_array.hpp"
#include "mckean/run_result.hpp"
#include "record_table.hpp"
#include "result_folder.hpp"

namespace mckean::cli {

/// What is known at the end of a run.
struct RunEnd {
  IntegrationResult result;
  const ParticleArray& particles;
  std::string device;
  double seconds = 0;  // of the integration
  double total_seconds = 0;
  double interactions_per_second = 0;
  double w2_seconds = 0;
  std::string w2_method{};
  std::uint64_t w2_unconverged = 0;
};

class RunOutput {
 public:
  /// Makes the folder and prints the head of the table; `config` is resolved.
  RunOutput(const RunConfig& config, const std::string& device);

  /// IoError where the record can neither be printed nor be kept.
  void add(const Record& record, const FetchParticles& particles);
  /// Writes the summary, says how the run ended, and returns the exit code.
  int close(const RunEnd& end, std::optional<double> linear_regression_risk);

 private:
  void print_head(const std::string& device);
  nlohmann::ordered_json summarize(const RunEnd& end,
                                   std::optional<double> linear_regression_risk) const;
  void say_notes(const RunEnd& end) const;

  const RunConfig& config_;
  bool shows_text_;
  RecordTable table_;
  std::optional<ResultFolder> folder_;
  nlohmann::ordered_json records_ = nlohmann::ordered_json::array();
};

}  // namespace mckean::cli
