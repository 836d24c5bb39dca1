#include "kinds.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/problem/data_file.hpp"
#include "rhosweep/problem/file_data.hpp"
#include "rhosweep/problem/linear_model.hpp"
#include "rhosweep/problem/synthetic.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace rhosweep::problem {

namespace {

std::vector<model::KeySpec> keys() {
  using T = model::ValueType;
  return {
      {.name = "data",
       .type = T::path,
       .help =
           "training data in LIBSVM text, CSV (text perhaps as .gz, .bz2) or HDF5 (X, or data, indices and "
           "indptr; and y); synthetic data when absent"},
      {.name = "test_data", .type = T::path, .help = "held-out data, beside data"},
      {.name = "label",
       .type = T::text,
       .help =
           "column of CSV data that holds the labels: its name in the header, or its number from 1; the one "
           "named label when absent, without one the last"},
      {.name = "labels",
       .type = T::real,
       .help = "the label of data that becomes +1, all others -1; when absent data has two labels, the "
               "larger +1"},
      {.name = "test_share",
       .type = T::real,
       .range = {.lower = 0.0, .upper = 1.0, .lower_open = true, .upper_open = true},
       .help =
           "share of data that is held out, in place of test_data: every sample with this probability, by "
           "data_seed and its number; none when absent"},
      {.name = "standardize",
       .type = T::boolean,
       .fallback = false,
       .absent_at_fallback = true,
       .help =
           "features of data get mean 0 and variance 1 by the training samples; below a quarter of non-zeros "
           "they are stored sparse and only scaled"},
      {.name = "intercept",
       .type = T::boolean,
       .fallback = false,
       .absent_at_fallback = true,
       .help = "data gets a last feature that is 1; l2 and radius hold for its weight, too (unlike "
               "scikit-learn's "
               "LogisticRegression)"},
      {.name = "samples",
       .type = T::integer,
       .fallback = std::int64_t{10000},
       .range = {.lower = 1, .upper = 1e10},
       .excluded_by = "data",
       .help = "synthetic training samples"},
      {.name = "dimension",
       .type = T::integer,
       .fallback = std::int64_t{100},
       .range = {.lower = 1, .upper = 1e8},
       .excluded_by = "data",
       .help = "synthetic features, standard normal"},
      {.name = "data_seed",
       .type = T::integer,
       .fallback = std::int64_t{1},
       .excluded_by = "data",
       .excluded_unless = "test_share",
       .help = "fixes the synthetic data, or which samples test_share holds out"},
      {.name = "flip_probability",
       .type = T::real,
       .fallback = 0.1,
       .range = {.lower = 0.0, .upper = 0.5, .upper_open = true},
       .excluded_by = "data",
       .help = "probability that a synthetic label is not the one of the true model"},
      {.name = "test_samples",
       .type = T::integer,
       .fallback = std::int64_t{2000},
       .range = model::not_negative,
       .excluded_by = "data",
       .help = "synthetic held-out samples; 0: none"},
      {.name = "l2",
       .type = T::real,
       .fallback = 0.0,
       .range = model::not_negative,
       .help = "weight of the regulariser (l2/2)*|w|^2"},
      {.name = "radius",
       .type = T::real,
       .fallback = 0.0,
       .range = {.lower = 0.0, .upper = 1e9},  // the solver keeps its accuracy to 1e13
       .help = "of the ball around 0 that iterates are projected onto; 0: no projection"},
      {.name = "diameter",
       .type = T::real,
       .range = model::positive,
       .help = "D of the theory without projection: bounds the distance of any iterate to the minimiser"},
  };
}

/// The file that a key names.
DataFile data_file(const model::ProblemSettings& settings, const std::string& key) {
  return {.path = settings.path(key), .label_column = settings.has("label") ? settings.text("label") : ""};
}

void check_format(const model::ProblemSettings& settings, const std::string& key) {
  if (!settings.has(key) || data_file(settings, key).format()) return;
  throw model::KeyError("problem." + key,
                        fmt::format("found the file type {}; allowed: {}",
                                    settings.path(key).extension().string(), DataFile::allowed));
}

void check_label(const model::ProblemSettings& settings) {
  if (!settings.has("label")) return;
  for (const char* key : {"data", "test_data"})
    if (settings.has(key) && data_file(settings, key).format() == FileFormat::csv) return;
  throw model::KeyError("problem.label", "found without CSV data; allowed: only beside it");
}

void check(const model::ProblemSettings& settings) {
  check_format(settings, "data");
  check_format(settings, "test_data");
  check_label(settings);
  for (const std::string key : {"test_data", "test_share", "labels", "standardize", "intercept"})
    if (settings.has(key) && !settings.has("data"))
      throw model::KeyError(
          "problem." + key,
          fmt::format("found without problem.data; allowed: only beside it{}",
                      key.starts_with("test_") ? " (synthetic data has test_samples)" : ""));
  if (settings.has("test_share") && settings.has("test_data"))
    throw model::KeyError("problem.test_share", "found beside problem.test_data; allowed: one of the two");
  if (settings.has("diameter") && settings.real("radius") > 0)
    throw model::KeyError("problem.diameter",
                          "found beside problem.radius > 0; allowed: only without projection, "
                          "for the ball's diameter is 2*radius");
}

const char* name_of(model::Precision precision) {
  return precision == model::Precision::float64 ? "float64" : "float32";
}

struct Data {
  std::string name;  ///< of the training data
  std::shared_ptr<const Dataset> train;
  std::shared_ptr<const Dataset> test;  ///< may be null
};

/// Reads data; an error also names the key that names the file.
template <class Read>
Dataset naming(const char* key, const Read& read) {
  try {
    return read();
  } catch (const core::InputError& error) {
    throw core::InputError(fmt::format("problem.{}: {}", key, error.what()));
  }
}

/// The names hold everything that determines a set and nothing else, so that axes points share it.
Data load_files(const model::ProblemSettings& settings, model::Precision precision, Materials& materials) {
  FileData::Settings files{.training = data_file(settings, "data")};
  if (settings.has("test_data")) files.held_out = data_file(settings, "test_data");
  if (settings.has("test_share"))
    files.split = {.share = settings.real("test_share"), .seed = settings.integer("data_seed")};
  if (settings.has("labels")) files.label = settings.real("labels");
  files.standardize = settings.flag("standardize");
  files.intercept = settings.flag("intercept");
  FileData file_data(files, precision);
  Data data{.name = fmt::format("{} in {}", settings.text("data"), name_of(precision)),
            .train = nullptr,
            .test = nullptr};
  if (settings.has("label")) data.name += fmt::format(", labels in column {}", settings.text("label"));
  if (files.label) data.name += fmt::format(", label {} against the rest", *files.label);
  if (files.standardize) data.name += ", standardized";
  if (files.intercept) data.name += ", with a constant feature";
  std::string test_name = settings.has("test_data") ? settings.text("test_data") : "";
  if (files.split) {
    data.name +=
        fmt::format(", without the held-out share {} of data_seed {}", files.split->share, files.split->seed);
    test_name = "samples";
  }
  const char* test_key = files.split ? "data" : "test_data";
  data.train =
      materials.data_set(data.name, [&] { return naming("data", [&] { return file_data.training(); }); });
  if (!test_name.empty())
    data.test = materials.data_set(fmt::format("{} held out from {}", test_name, data.name),
                                   [&] { return naming(test_key, [&] { return file_data.held_out(); }); });
  return data;
}

Data draw_samples(const model::ProblemSettings& settings, model::Precision precision, Materials& materials) {
  const SyntheticPopulation population{.dimension = settings.integer("dimension"),
                                       .data_seed = settings.integer("data_seed"),
                                       .flip_probability = settings.real("flip_probability")};
  const auto name_of_set = [&](const char* role, std::int64_t samples) {
    return fmt::format("{} {} synthetic samples of dimension {}, data_seed {}, flip_probability {} in {}",
                       samples, role, population.dimension, population.data_seed, population.flip_probability,
                       name_of(precision));
  };
  const auto draw = [&](const std::string& name, SampleSet set, std::int64_t samples) {
    return materials.data_set(name, [&] { return synthetic_logistic(population, set, samples, precision); });
  };
  const std::int64_t samples = settings.integer("samples");
  const std::int64_t test_samples = settings.integer("test_samples");
  Data data{.name = name_of_set("training", samples), .train = nullptr, .test = nullptr};
  data.train = draw(data.name, SampleSet::training, samples);
  if (test_samples > 0)
    data.test = draw(name_of_set("held-out", test_samples), SampleSet::held_out, test_samples);
  return data;
}

std::shared_ptr<const Problem> make(const model::ProblemSettings& settings, model::Precision precision,
                                    Materials& materials) {
  const Data data = settings.has("data") ? load_files(settings, precision, materials)
                                         : draw_samples(settings, precision, materials);
  const LinearModel::Settings model{
      .loss = Loss::logistic,
      .l2 = settings.real("l2"),
      .radius = settings.real("radius"),
      .diameter = settings.has("diameter") ? std::optional(settings.real("diameter")) : std::nullopt};
  const auto minimiser =
      materials.minimiser(fmt::format("l2 {}, radius {} on {}", model.l2, model.radius, data.name),
                          [&] { return minimise(model, *data.train); });
  return std::make_shared<LinearModel>(model, data.train, data.test, minimiser);
}

}  // namespace

ProblemKind logistic_regression_kind() {
  return {.schema = {.kind = "logistic_regression",
                     .summary = "two-class logistic regression, on synthetic data or a file; without "
                                "intercept unless asked for",
                     .keys = keys(),
                     .samplings = {"with_replacement", "shuffle", "full_batch"},
                     .check = check},
          .objective =
              "mean of log(1 + exp(-y*x.w)) + (l2/2)*|w|^2, w_0 = 0; labels y are -1 (the smaller one "
              "of a file) and +1",
          .metrics =
              "train_loss, excess_loss and distance (NaN without a minimiser: separable data with l2 = 0 and "
              "radius = 0), test_loss and test_accuracy (with held-out data), train_accuracy",
          .constants = "D = 2*radius, without projection diameter; G = sqrt(mean of |x|^2)",
          .make = make};
}

}  // namespace rhosweep::problem
