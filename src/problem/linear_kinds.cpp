#include "kinds.hpp"
#include "with_real.hpp"

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

/// What tells the kinds of linear model apart.
struct LinearKind {
  std::string name;
  Loss loss;
  Labels labels;
  std::string summary;
  std::string formula;    ///< of the loss and its labels
  std::string minimiser;  ///< when excess_loss and distance are NaN
  std::string gradient_bound;
  std::string smoothness;  ///< of the loss, as a factor of an eigenvalue; empty with a kink
};

/// The keys that all kinds have, but for those of labels.
std::vector<model::KeySpec> common_keys() {
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

std::vector<model::KeySpec> keys(const LinearKind& kind) {
  using T = model::ValueType;
  std::vector<model::KeySpec> list = common_keys();
  const auto insert_before = [&](const std::string& name, model::KeySpec key) {
    list.insert(std::ranges::find(list, name, &model::KeySpec::name), std::move(key));
  };
  if (kind.labels == Labels::two_classes)
    insert_before("test_share",
                  {.name = "labels",
                   .type = T::real,
                   .help = "the label of data that becomes +1, all others -1; when absent data has two "
                           "labels, the larger +1"});
  if (kind.labels == Labels::classes)
    insert_before("test_samples", {.name = "classes",
                                   .type = T::integer,
                                   .fallback = std::int64_t{10},
                                   .range = {.lower = 2, .upper = FileData::most_classes},
                                   .excluded_by = "data",
                                   .help = "synthetic classes; data has as many as it has labels"});
  if (kind.labels == Labels::numbers)
    insert_before("test_samples",
                  {.name = "noise",
                   .type = T::real,
                   .fallback = 0.5,
                   .range = model::not_negative,
                   .excluded_by = "data",
                   .help = "standard deviation of synthetic labels from those of the true model, which have "
                           "the standard deviation 1"});
  else
    insert_before("test_samples",
                  {.name = "flip_probability",
                   .type = T::real,
                   .fallback = 0.1,
                   .range = {.lower = 0.0, .upper = 0.5, .upper_open = true},
                   .excluded_by = "data",
                   .help = "probability that a synthetic label is not the one of the true model"});
  if (kind.loss == Loss::huber)
    insert_before("l2", {.name = "threshold",
                         .type = T::real,
                         .fallback = 1.0,
                         .range = {.lower = 1e-9, .upper = 1e9},
                         .help = "size of a residual from which on the loss is linear"});
  return list;
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
Data load_files(const LinearKind& kind, const model::ProblemSettings& settings, model::Precision precision,
                Materials& materials) {
  FileData::Settings files{.training = data_file(settings, "data"), .labels = kind.labels};
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
  if (kind.labels == Labels::classes) data.name += ", labels as classes";
  if (kind.labels == Labels::numbers) data.name += ", labels as numbers";
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

Data draw_samples(const LinearKind& kind, const model::ProblemSettings& settings, model::Precision precision,
                  Materials& materials) {
  SyntheticPopulation population{.dimension = settings.integer("dimension"),
                                 .data_seed = settings.integer("data_seed")};
  std::string labels;
  if (kind.labels == Labels::numbers) {
    population.noise = settings.real("noise");
    labels = fmt::format("noise {}", population.noise);
  } else {
    population.flip_probability = settings.real("flip_probability");
    labels = fmt::format("flip_probability {}", population.flip_probability);
  }
  if (kind.labels == Labels::classes) {
    population.classes = settings.integer("classes");
    labels += fmt::format(", {} classes", population.classes);
  }
  const auto name_of_set = [&](const char* role, std::int64_t samples) {
    return fmt::format("{} {} synthetic samples of dimension {}, data_seed {}, {} in {}", samples, role,
                       population.dimension, population.data_seed, labels, name_of(precision));
  };
  const auto make = kind.labels == Labels::numbers   ? synthetic_regression
                    : kind.labels == Labels::classes ? synthetic_classes
                                                     : synthetic_logistic;
  const auto draw = [&](const std::string& name, SampleSet set, std::int64_t samples) {
    return materials.data_set(name, [&] { return make(population, set, samples, precision); });
  };
  const std::int64_t samples = settings.integer("samples");
  const std::int64_t test_samples = settings.integer("test_samples");
  Data data{.name = name_of_set("training", samples), .train = nullptr, .test = nullptr};
  data.train = draw(data.name, SampleSet::training, samples);
  if (test_samples > 0)
    data.test = draw(name_of_set("held-out", test_samples), SampleSet::held_out, test_samples);
  return data;
}

/// How many classes softmax has: those of a file all have training samples.
std::int64_t count_classes(const model::ProblemSettings& settings, const Dataset& train) {
  if (settings.has("classes")) return settings.integer("classes");
  return with_real(train.precision(), [&](auto real) {
    return 1 + static_cast<std::int64_t>(std::ranges::max(train.labels<decltype(real)>()));
  });
}

std::shared_ptr<const Problem> make(const LinearKind& kind, const model::ProblemSettings& settings,
                                    model::Precision precision, Materials& materials) {
  const Data data = settings.has("data") ? load_files(kind, settings, precision, materials)
                                         : draw_samples(kind, settings, precision, materials);
  LinearModel::Settings model{
      .loss = kind.loss,
      .l2 = settings.real("l2"),
      .radius = settings.real("radius"),
      .diameter = settings.has("diameter") ? std::optional(settings.real("diameter")) : std::nullopt};
  std::string objective;
  if (kind.loss == Loss::huber) {
    model.threshold = settings.real("threshold");
    objective = fmt::format(", threshold {}", model.threshold);
  }
  if (kind.loss == Loss::softmax) model.classes = count_classes(settings, *data.train);
  // The logistic one has no name for the sake of files that were made before there were others.
  if (kind.loss != Loss::logistic) objective += fmt::format(" of {}", kind.name);
  const auto minimiser = materials.minimiser(
      fmt::format("l2 {}, radius {}{} on {}", model.l2, model.radius, objective, data.name),
      [&] { return minimise(model, *data.train); });
  return std::make_shared<LinearModel>(model, data.train, data.test, minimiser);
}

const std::string two_class_labels = "labels y are -1 (the smaller one of a file) and +1";
const std::string unbounded = "of separable data with l2 = 0 and radius = 0";

const std::vector<LinearKind>& all_linear_kinds() {
  static const std::vector<LinearKind> all{
      {.name = "logistic_regression",
       .loss = Loss::logistic,
       .labels = Labels::two_classes,
       .summary = "two-class logistic regression, on synthetic data or a file; without intercept unless "
                  "asked for",
       .formula = "log(1 + exp(-y*x.w))",
       .minimiser = unbounded,
       .gradient_bound = "sqrt(mean of |x|^2)",
       .smoothness = "1/4"},
      {.name = "softmax_regression",
       .loss = Loss::softmax,
       .labels = Labels::classes,
       .summary = "logistic regression for any number of classes: weights w_c for every class c",
       .formula = "log(sum over c of exp(x.w_c)) - x.w_y",
       .minimiser = unbounded,
       .gradient_bound = "sqrt(2 * mean of |x|^2)",
       .smoothness = "1/2"},
      {.name = "hinge",
       .loss = Loss::hinge,
       .labels = Labels::two_classes,
       .summary = "the linear support vector machine",
       .formula = "max(0, 1 - y*x.w)",
       .minimiser = "",
       .gradient_bound = "sqrt(mean of |x|^2)",
       .smoothness = ""},
      {.name = "squared_hinge",
       .loss = Loss::squared_hinge,
       .labels = Labels::two_classes,
       .summary = "the linear support vector machine with squared losses",
       .formula = "max(0, 1 - y*x.w)^2",
       .minimiser = "",
       .gradient_bound = "sqrt(mean of (2*(1 + radius*|x|)*|x|)^2), only with radius > 0",
       .smoothness = "2"},
      {.name = "least_squares",
       .loss = Loss::least_squares,
       .labels = Labels::numbers,
       .summary = "linear regression; ridge regression with l2",
       .formula = "(x.w - y)^2/2",
       .minimiser = "",
       .gradient_bound = "sqrt(mean of ((|y| + radius*|x|)*|x|)^2), only with radius > 0",
       .smoothness = "1"},
      {.name = "absolute",
       .loss = Loss::absolute,
       .labels = Labels::numbers,
       .summary = "linear regression by least absolute deviations",
       .formula = "|x.w - y|",
       .minimiser = "",
       .gradient_bound = "sqrt(mean of |x|^2)",
       .smoothness = ""},
      {.name = "huber",
       .loss = Loss::huber,
       .labels = Labels::numbers,
       .summary = "linear regression by Huber's loss: squares of small residuals, sizes of large ones",
       .formula = "r^2/2 if |r| <= threshold, else threshold*(|r| - threshold/2), r = x.w - y",
       .minimiser = "",
       .gradient_bound =
           "sqrt(mean of (min(threshold, |y| + radius*|x|)*|x|)^2), the threshold alone without "
           "radius",
       .smoothness = "1"},
  };
  return all;
}

/// The documentation of a kind from its parts.
ProblemKind document(const LinearKind& kind) {
  const bool has_numbers = kind.labels == Labels::numbers;
  const std::string labels = kind.labels == Labels::two_classes ? two_class_labels
                             : has_numbers                      ? "labels y are numbers"
                                           : "labels y are the classes, whole numbers in a file";
  const std::string derivative = "a derivative at a kink is 0; ";
  const std::string smoothness =
      kind.smoothness.empty()
          ? "not smooth"
          : fmt::format("smoothness = {}*(largest eigenvalue of the mean of x x^T) + l2", kind.smoothness);
  const std::string missing = kind.minimiser.empty() ? "NaN if the solver fails, with a warning"
                                                     : "NaN without a minimiser: " + kind.minimiser;
  return {.schema = {.kind = kind.name,
                     .summary = kind.summary,
                     .keys = keys(kind),
                     .samplings = {"with_replacement", "shuffle", "full_batch"},
                     .check = check},
          .objective = fmt::format("mean of {}, plus (l2/2)*|w|^2, w_0 = 0; {}{}", kind.formula,
                                   kind.smoothness.empty() ? derivative : "", labels),
          .metrics = fmt::format(
              "train_loss, excess_loss and distance ({}), test_loss{} (with held-out data){}", missing,
              has_numbers ? "" : " and test_accuracy", has_numbers ? "" : ", train_accuracy"),
          .constants = fmt::format("D = 2*radius, without projection diameter; G = {}; {}",
                                   kind.gradient_bound, smoothness),
          .make = [kind](const model::ProblemSettings& settings, model::Precision precision,
                         Materials& materials) { return make(kind, settings, precision, materials); }};
}

}  // namespace

std::vector<ProblemKind> linear_kinds() {
  std::vector<ProblemKind> list;
  for (const LinearKind& kind : all_linear_kinds()) list.push_back(document(kind));
  return list;
}

}  // namespace rhosweep::problem
