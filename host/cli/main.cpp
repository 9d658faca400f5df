// The program: parses the command line, runs one command, turns whatever goes wrong into one line
// and an exit code.
#include <CLI/CLI.hpp>
#include <new>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "command_line.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "mckean/error.hpp"
#include "mckean/interruption.hpp"
#include "message.hpp"
#include "signals.hpp"
#include "standard_streams.hpp"
#include "threads.hpp"
#include "toml.hpp"

namespace mckean::cli {
namespace {

constexpr const char* out_of_memory = "out of memory: take a smaller --width or --samples";

/// Refuses values that are empty, in whatever way: the parser would take some of them for none, or
/// the next argument for the value.
void refuse_empty_values(int argc, char** argv) {
  const auto is_flag = [](const std::string& text) {
    return text.size() > 2 && text.starts_with("--") && text.find('=') == std::string::npos;
  };
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const std::string before = argv[i - 1];
    const bool assigned = argument.size() > 3 && argument.starts_with("--") &&
                          argument.find('=') == argument.size() - 1;
    if (!assigned && !argument.empty()) continue;
    const std::string name = assigned                   ? argument.substr(0, argument.size() - 1)
                             : i > 1 && is_flag(before) ? before
                                                        : "argument " + std::to_string(i);
    throw InputError(printable(name, 60) + ": is empty: give a value, or leave it out");
  }
}

int print_all(const std::string& text) {
  print_fitted(text);
  check_printed(false);
  return exit_done;
}

int run(int argc, char** argv) {
  CLI::App app("Wasserstein gradient flows of mean-field two-layer neural networks.", "mckean");
  app.set_version_flag("--version", MCKEAN_VERSION);
  app.require_subcommand(1);
  refuse_empty_values(argc, argv);

  CLI::App& run = *app.add_subcommand("run",
                                      "Integrate a flow; without arguments, Theorem 4 on the "
                                      "circle. Defaults stand in [ ]; where three stand "
                                      "there, they are for the circle | another law | data files.");
  std::string config;
  CLI::Option& config_file =
      *run.add_option(
              "config", config,
              "flat TOML file whose keys are the options, paths in it relative to it; flags win")
           ->type_name("CONFIG.toml");
  bool markdown = false;
  run.add_flag("--help-markdown", markdown, "print the options as a Markdown table");
  const TableFlags run_flags(run, run_only);

  CLI::App& eval = *app.add_subcommand("eval", "Objective, risk and velocity of given particles");
  const TableFlags eval_flags(eval, eval_only);

  W2Request request;
  CLI::App& w2 = *app.add_subcommand(
      "w2", "W2 between two weighted clouds, or from a cloud to a law, with a bracket");
  w2.add_option("A", request.a,
                "points, m x d; angles, m x 1; particles, m x (1 + d): a file as of run --x")
      ->required();
  w2.add_option(
        "B", request.b,
        "the same, or a law: uniform (the circle's, in closed form), or by samples gaussian, "
        "gaussian-scaled, sphere, cube")
      ->required();
  w2.add_option("--weights-a", request.weights_a, "masses of A, m, of sum 1 [equal]");
  w2.add_option("--weights-b", request.weights_b, "masses of B [equal]");
  w2.add_option("--method", request.method,
                "auto (by size, dimension and rtol), line, circle (by angle), exact, "
                "semidiscrete, sinkhorn, sliced, bounds [auto]");
  w2.add_option(
      "--cost", request.cost,
      "euclidean, or geodesic on the unit sphere (m x 1: angles) [euclidean; circle: geodesic]");
  w2.add_option(
      "--rtol", request.rtol,
      "width of the bracket, relative to its upper end; exit code 3 if wider [1e-6; exact: 1e-9]");
  w2.add_option("--time-limit", request.time_limit,
                "seconds for the distance, after reading and drawing [none]");
  w2.add_option("--project", request.project,
                "homogeneous: particles (a, b) as signed measures on the sphere, mass |a||b|");
  w2.add_option("--samples", request.samples, "number of samples of a law [100000]");
  w2.add_option("--sampled", request.sampled,
                "a, b or both: the clouds that are samples of a law, for the sampling error [both; "
                "beside a law: only its own]");
  w2.add_option("--threads", request.threads, "CPU threads; 0: all [0]");
  w2.add_option("--seed", request.seed, "of the directions of sliced and the samples of a law [1]");
  // As with the options of the table, the last one wins.
  for (CLI::Option* const option : w2.get_options())
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  for (const auto& [name, type] : {std::pair{"A", "FILE"},
                                   {"B", "FILE|LAW"},
                                   {"--weights-a", "FILE"},
                                   {"--weights-b", "FILE"},
                                   {"--method", "NAME"},
                                   {"--cost", "NAME"},
                                   {"--project", "NAME"},
                                   {"--sampled", "NAME"},
                                   {"--rtol", "NUMBER"},
                                   {"--time-limit", "NUMBER"},
                                   {"--samples", "COUNT"},
                                   {"--threads", "COUNT"},
                                   {"--seed", "COUNT"}})
    w2.get_option(name)->type_name(type);
  w2.add_flag("--json", request.json, "print one JSON object");

  bool info_json = false;
  CLI::App& info = *app.add_subcommand("info", "Build, back ends, devices, threads");
  info.add_flag("--json", info_json, "print one JSON object");

  const std::string command = argc > 1 ? argv[1] : "";
  const bool known =
      !app.get_subcommands([&](CLI::App* a) { return a->get_name() == command; }).empty();
  if (!known && !command.empty() && command.front() != '-')
    return complain(quoted(command) + " is not a command: give run, eval, w2 or info",
                    exit_bad_input);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      std::ostringstream text;
      app.exit(error, text, text);
      return print_all(text.str());
    }
    return complain(std::string(error.what()) + ": see mckean --help", exit_bad_input);
  }
  if (w2.parsed()) return w2_command(request);
  if (info.parsed()) return info_command(info_json);
  if (markdown) {
    print(options_as_markdown());
    check_printed(false);
    return exit_done;
  }
  Settings settings;
  if (eval.parsed()) {
    eval_flags.give(settings);
    return eval_command(settings);
  }
  // Twice: a flag that has swallowed its neighbour is found before the neighbour's loss misleads,
  // and flags win over the file.
  run_flags.give(settings);
  if (config_file.count() > 0) read_toml(config, settings);
  run_flags.give(settings);
  return run_command(settings);
}

/// The command, and whatever goes wrong in it as one line and an exit code.
int run_guarded(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const Interrupted&) {
    return complain("interrupted", exit_interrupted);
  } catch (const InputError& error) {
    return complain(error.what(), exit_bad_input);
  } catch (const IoError& error) {
    return complain(error.what(), exit_io);
  } catch (const std::bad_alloc&) {
    return complain(out_of_memory, exit_io);
  } catch (const std::length_error&) {
    return complain(out_of_memory, exit_io);
  } catch (const std::exception& error) {
    return complain(error.what(), exit_io);
  }
}

}  // namespace
}  // namespace mckean::cli

int main(int argc, char** argv) {
  using namespace mckean;
  cli::open_closed_streams();
  cli::guard_against_openmp();
  cli::install_signal_handlers();
  return cli::end_program(cli::run_guarded(argc, argv));
}
