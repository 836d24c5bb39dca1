#include "rhosweep/model/problem_settings.hpp"

#include "rhosweep/core/error.hpp"

namespace rhosweep::model {

namespace {

template <class T>
const T& get(const Value& value) {
  const T* held = std::get_if<T>(&value);
  if (held == nullptr) throw core::InternalError("a problem key was read with another type than its own");
  return *held;
}

}  // namespace

ProblemSettings::ProblemSettings(std::string kind, std::map<std::string, Value> values,
                                 std::filesystem::path folder)
    : kind_(std::move(kind)), values_(std::move(values)), folder_(std::move(folder)) {}

const Value& ProblemSettings::at(const std::string& key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) throw core::InternalError("problem." + key + " was read but has no value");
  return found->second;
}

double ProblemSettings::real(const std::string& key) const {
  return get<double>(at(key));
}
std::int64_t ProblemSettings::integer(const std::string& key) const {
  return get<std::int64_t>(at(key));
}
const std::string& ProblemSettings::text(const std::string& key) const& {
  return get<std::string>(at(key));
}
std::string ProblemSettings::text(const std::string& key) && {
  return text(key);
}
const std::vector<std::string>& ProblemSettings::texts(const std::string& key) const& {
  return get<std::vector<std::string>>(at(key));
}
std::vector<std::string> ProblemSettings::texts(const std::string& key) && {
  return texts(key);
}
const std::vector<std::int64_t>& ProblemSettings::integers(const std::string& key) const& {
  return get<std::vector<std::int64_t>>(at(key));
}
std::vector<std::int64_t> ProblemSettings::integers(const std::string& key) && {
  return integers(key);
}
const std::vector<DeclaredMetric>& ProblemSettings::metrics(const std::string& key) const& {
  return get<std::vector<DeclaredMetric>>(at(key));
}
std::vector<DeclaredMetric> ProblemSettings::metrics(const std::string& key) && {
  return metrics(key);
}
bool ProblemSettings::flag(const std::string& key) const {
  return has(key) && get<bool>(at(key));
}
std::filesystem::path ProblemSettings::path(const std::string& key) const {
  return folder_ / text(key);
}

}  // namespace rhosweep::model
