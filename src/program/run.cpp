#include "run.hpp"

#include "rhosweep/core/descriptor.hpp"
#include "rhosweep/core/error.hpp"
#include "rhosweep/core/log.hpp"
#include "rhosweep/core/text.hpp"

#include <iterator>
#include <system_error>
#include <utility>
#include <variant>

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace rhosweep::program {

namespace {

using OrderedJson = nlohmann::ordered_json;

struct JsonWriter {
  OrderedJson operator()(const std::vector<model::DeclaredMetric>& metrics) const { return to_word(metrics); }
  OrderedJson operator()(const auto& plain) const { return plain; }
};

OrderedJson to_json(const model::Value& value) {
  return std::visit(JsonWriter{}, value);
}

std::string to_json(const Run& run, const Attempt& attempt) {
  std::string text = fmt::format(
      R"({{"trial":{},"stepsize":{},"rho":{},"schedule":{},"seed":{},"multipliers":{},"scratch":{},"attempt":{})",
      attempt.trial.number, core::to_text(attempt.trial.stepsize), core::to_text(attempt.trial.rho),
      in_quotes(attempt.trial.schedule->name()), run.seed, in_quotes(attempt.multipliers.string()),
      in_quotes(attempt.scratch.string()), attempt.number);
  if (run.devices) text += fmt::format(R"(,"device":{})", run.devices->first);
  return text + "}";
}

std::string others(std::int64_t count) {
  return count == 1 ? "" : " and " + core::counted(count - 1, "more trial");
}

/// Shortens a message so that it fits into the results file. Keeps the reason and the end of standard error.
std::string shortened(const std::string& message) {
  constexpr std::size_t longest = 150;
  constexpr std::size_t beginning = 60;
  if (message.size() <= longest) return message;
  std::size_t tail = message.size() - (longest - beginning);
  // Keeps or drops a UTF-8 character as a whole: continuation bytes are 10xxxxxx.
  while (tail < message.size() && (static_cast<unsigned char>(message[tail]) & 0xC0) == 0x80) ++tail;
  return core::one_line(message, beginning) + " " + message.substr(tail);
}

}  // namespace

Common common_of(const Program& program, const Run& run) {
  Common common{.evaluation_steps = model::evaluation_steps(run.sgd.steps, run.sgd.evaluations),
                .values = {},
                .members = {}};
  const auto sgd = model::to_values(run.sgd);
  OrderedJson object{{"evaluation_steps", common.evaluation_steps}};
  for (const auto& [key, value] : sgd) object[key] = to_json(value);
  object["parameters"] = OrderedJson::object();
  for (const auto& [key, value] : program.parameters) object["parameters"][key] = to_json(value);
  const std::string text = object.dump();
  common.members = text.substr(1, text.size() - 2);
  for (const auto& [key, value] : program.parameters) common.values[key] = to_word(value);
  for (const auto& [key, value] : sgd) common.values[key] = to_word(value);
  if (run.devices) common.values["device"] = fmt::format("{}", run.devices->first);
  return common;
}

std::string message(const Run& run, const Common& common, std::span<const Attempt> attempts,
                    const std::filesystem::path& table) {
  std::string text = R"({"trials":[)";
  for (const Attempt& attempt : attempts) {
    if (&attempt != attempts.data()) text += ',';
    text += to_json(run, attempt);
  }
  text += "],";
  if (!table.empty()) text += fmt::format(R"("multipliers":{},)", in_quotes(table.string()));
  return text + common.members + "}";
}

std::ofstream log_of(const Program& program, const Run& run, const model::Trial& first, std::int64_t count,
                     std::int64_t attempt) {
  const std::filesystem::path path = *program.logs / fmt::format("{}.txt", first.number);
  std::error_code ignored;
  std::filesystem::create_directories(*program.logs, ignored);
  // Other users may write to the folder: an existing file or link of this name is removed or refused, never
  // followed.
  const core::Descriptor folder(*program.logs, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  const std::string name = path.filename().string();
  if (attempt == 1) ::unlinkat(folder.number(), name.c_str(), 0);
  const int mode = attempt == 1 ? O_EXCL : O_APPEND;
  const core::Descriptor opened(::openat(
      folder.number(), name.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | mode, 0666));
  struct stat found {};
  std::ofstream file;
  if (opened.is_open() && ::fstat(opened.number(), &found) == 0 && S_ISREG(found.st_mode) &&
      found.st_nlink == 1)
    file.open(fmt::format("/proc/self/fd/{}", opened.number()), std::ios::app);
  file << fmt::format("rhosweep: trial {}{}: schedule {}, rho {}, seed {}, attempt {}\n", first.number,
                      others(count), first.schedule->name(), first.rho, run.seed, attempt)
       << std::flush;
  if (!file) throw core::FileError(path.string(), "cannot write the output of a trial");
  return file;
}

std::string in_quotes(const std::string& text) {
  return OrderedJson(text).dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::vector<std::string> arguments(const Program& program, const Placeholders& values) {
  std::vector<std::string> list;
  for (const std::string& word : program.command) list.push_back(expand(word, values));
  return list;
}

void warn(const Program& program, const Run& run, const model::Trial& first, std::int64_t count,
          std::int64_t attempt, const std::string& reason) {
  const std::string line = core::one_line(reason);
  core::log::write_repeated_warning(
      line,
      fmt::format("attempt {} of {} at {}{}schedule {}, rho {}, seed {}{} failed: {}", attempt,
                  program.attempts, first.where, first.where.empty() ? "" : ", ", first.schedule->name(),
                  first.rho, run.seed, others(count), line),
      count);
}

model::BlockResult failed_result(const Program& program, const Run& run, const std::string& reason) {
  model::BlockResult result(1, std::ssize(program.metrics), run.sgd.evaluations);
  result.status[0] = model::CellStatus::failed;
  result.failure = shortened(reason);
  return result;
}

}  // namespace rhosweep::program
