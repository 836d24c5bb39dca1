#include "rhosweep/data/labelled_data.hpp"

#include "rhosweep/core/error.hpp"
#include "rhosweep/data/data_file.hpp"
#include "rhosweep/data/synthetic.hpp"
#include "rhosweep/model/with_real.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

namespace rhosweep::data {

namespace {

double real_or(const model::ProblemSettings& settings, const std::string& key, double fallback) {
  return settings.has(key) ? settings.real(key) : fallback;
}

std::int64_t synthetic_classes_of(const model::ProblemSettings& settings) {
  return settings.has("classes") ? settings.integer("classes") : default_classes;
}

/// Returns the data file that a key of [problem] names, with the options for reading it.
DataFile data_file(const model::ProblemSettings& settings, const std::string& key) {
  DataFile file{.path = settings.path(key)};
  if (settings.has("label_column")) file.label_column = settings.text("label_column");
  if (settings.has("format")) file.given_format = format_of(settings.text("format"));
  if (settings.has("header")) file.header = settings.flag("header");
  if (settings.has("features")) file.features = settings.integer("features");
  return file;
}

void check_format(const model::ProblemSettings& settings, const std::string& key) {
  if (!settings.has(key) || data_file(settings, key).format()) return;
  throw model::KeyError("problem." + key, "the file type " + data_file(settings, key).ending(),
                        DataFile::allowed);
}

/// Throws if `option` is given and no file has one of the formats to which the option applies.
void check_format_of(const std::string& option, std::initializer_list<FileFormat> formats, const char* names,
                     const model::ProblemSettings& settings) {
  if (!settings.has(option)) return;
  for (const char* key : {"data", "test_data"})
    if (settings.has(key) && std::ranges::find(formats, data_file(settings, key).format()) != formats.end())
      return;
  throw model::KeyError("problem." + option, fmt::format("without {} data", names),
                        fmt::format("only with {} data", names));
}

/// Calls read() and puts the key that names the file in front of read()'s error messages.
template <class Read>
Dataset naming(const char* key, const Read& read) {
  try {
    return read();
  } catch (const core::InputError& error) {
    throw core::InputError(fmt::format("problem.{}: {}", key, error.what()));
  }
}

LabelledData load_files(Labels labels, const model::ProblemSettings& settings, model::Precision precision) {
  FileData::Settings files{.training = data_file(settings, "data"), .labels = labels};
  files.training.allows_text_labels = labels != Labels::numbers;
  if (settings.has("test_data")) {
    files.held_out = data_file(settings, "test_data");
    files.held_out->allows_text_labels = files.training.allows_text_labels;
  }
  if (settings.has("test_share"))
    files.split = {.share = settings.real("test_share"), .seed = settings.integer("data_seed")};
  if (settings.has("positive_label")) files.label = settings.real("positive_label");
  files.standardize = settings.flag("standardize");
  files.intercept = settings.flag("intercept");
  // The training and the held-out data share one object, since with a split one pass over the file reads
  // both.
  const auto file_data = std::make_shared<FileData>(files, precision);
  std::string name = fmt::format("{} in {}", settings.text("data"), model::name_of(precision));
  if (settings.has("label_column"))
    name += fmt::format(", labels in column {}", settings.text("label_column"));
  if (settings.has("format")) name += fmt::format(", as {}", settings.text("format"));
  if (settings.has("header")) name += settings.flag("header") ? ", with a header" : ", without a header";
  if (settings.has("features")) name += fmt::format(", of {} features", settings.integer("features"));
  if (labels == Labels::classes) name += ", labels as classes";
  if (labels == Labels::numbers) name += ", labels as numbers";
  if (files.label) name += fmt::format(", label {} against the rest", *files.label);
  if (files.standardize) name += ", standardized";
  if (files.intercept) name += ", with a constant feature";
  std::string test_name = settings.has("test_data") ? settings.text("test_data") : "";
  if (files.split) {
    name +=
        fmt::format(", without the held-out share {} of data_seed {}", files.split->share, files.split->seed);
    test_name = "samples";
  }
  const char* test_key = files.split ? "data" : "test_data";
  LabelledData data{.train = {name, [=] { return naming("data", [&] { return file_data->training(); }); }},
                    .test = {}};
  if (!test_name.empty())
    data.test = {fmt::format("{} held out from {}", test_name, name),
                 [=] { return naming(test_key, [&] { return file_data->held_out(); }); }};
  return data;
}

LabelledData draw_samples(Labels labels, const model::ProblemSettings& settings, model::Precision precision) {
  SyntheticPopulation population{.dimension = settings.integer("dimension"),
                                 .data_seed = settings.integer("data_seed")};
  std::string rule;
  if (labels == Labels::numbers) {
    population.noise = real_or(settings, "noise", default_noise);
    rule = fmt::format("noise {}", population.noise);
  } else {
    population.flip_probability = real_or(settings, "flip_probability", default_flip_probability);
    rule = fmt::format("flip_probability {}", population.flip_probability);
  }
  if (labels == Labels::classes) {
    population.classes = synthetic_classes_of(settings);
    rule += fmt::format(", {} classes", population.classes);
  }
  const auto make = labels == Labels::numbers   ? synthetic_regression
                    : labels == Labels::classes ? synthetic_classes
                                                : synthetic_logistic;
  const auto source = [&](const char* role, SampleSet set, std::int64_t samples) -> DataSource {
    return {fmt::format("{} {} synthetic samples of dimension {}, data_seed {}, {} in {}", samples, role,
                        population.dimension, population.data_seed, rule, model::name_of(precision)),
            [=] { return make(population, set, samples, precision); }};
  };
  LabelledData data{.train = source("training", SampleSet::training, settings.integer("samples")),
                    .test = {}};
  if (const std::int64_t samples = settings.integer("test_samples"); samples > 0)
    data.test = source("held-out", SampleSet::held_out, samples);
  return data;
}

}  // namespace

std::vector<DataSource> LabelledData::sources() const {
  std::vector<DataSource> all{train};
  if (test) all.push_back(*test);
  return all;
}

std::vector<model::KeySpec> data_keys() {
  using T = model::ValueType;
  return {
      {.name = "data",
       .type = T::path,
       .help =
           "training data: LIBSVM text or CSV, optionally compressed (.gz, .bz2, .xz), HDF5 (X, or data, indices and "
           "indptr; and y) or NumPy (.npz with X and y, .npy with a column of labels); if absent, data is "
           "synthetic"},
      {.name = "test_data", .type = T::path, .help = "held-out data, only together with data"},
      {.name = "label_column",
       .former_name = "label",
       .type = T::text,
       .help =
           "column of CSV data, or of a .npy array, that holds the labels: its name in the header, or its number from "
           "1; if absent, the column named label, or else the last one. Texts name classes, which are numbered from "
           "0 in sorted order"},
      {.name = "format",
       .type = T::text,
       .choices = {"libsvm", "csv", "hdf5", "npy"},
       .help = "format of data and test_data; if absent, the endings of their names tell"},
      {.name = "header",
       .type = T::boolean,
       .help =
           "whether the first line of CSV data names the columns; if absent, a guess from the first two lines, with a "
           "warning if they leave it open"},
      {.name = "features",
       .type = T::integer,
       .range = {.lower = 1, .upper = 2147483647},
       .help =
           "number of features of data and test_data, if their largest index is smaller; LIBSVM text leaves out "
           "zeros"},
      {.name = "test_share",
       .type = T::real,
       .range = {.lower = 0.0, .upper = 1.0, .lower_open = true, .upper_open = true},
       .help =
           "share of data that is held out, instead of test_data: data_seed and a sample's number decide with this "
           "probability whether the sample is held out; if absent, none is"},
      {.name = "standardize",
       .type = T::boolean,
       .fallback = false,
       .absent_at_fallback = true,
       .help =
           "gives the features of data mean 0 and variance 1 over the training samples; data with less than a "
           "quarter of non-zeros is stored sparse and only scaled"},
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
  };
}

std::vector<model::KeySpec> label_keys(Labels labels) {
  using T = model::ValueType;
  if (labels == Labels::numbers)
    return {
        {.name = "noise",
         .type = T::real,
         .fallback = default_noise,
         .range = model::not_negative,
         .excluded_by = "data",
         .help =
             "standard deviation of the noise on synthetic labels; without noise, labels have the standard "
             "deviation 1"}};
  std::vector<model::KeySpec> keys;
  if (labels == Labels::classes)
    keys.push_back(
        {.name = "classes",
         .type = T::integer,
         .fallback = default_classes,
         .range = {.lower = 2, .upper = FileData::most_classes},
         .excluded_by = "data",
         .help = "number of classes of synthetic data; data from a file has as many as it has labels"});
  keys.push_back({.name = "flip_probability",
                  .type = T::real,
                  .fallback = default_flip_probability,
                  .range = {.lower = 0.0, .upper = 0.5, .upper_open = true},
                  .excluded_by = "data",
                  .help = "probability that a synthetic label is not the one of the true model"});
  return keys;
}

void check_data(const model::ProblemSettings& settings) {
  check_format(settings, "data");
  check_format(settings, "test_data");
  check_format_of("label_column", {FileFormat::csv, FileFormat::npy}, "CSV or .npy", settings);
  check_format_of("header", {FileFormat::csv}, "CSV", settings);
  for (const std::string key :
       {"test_data", "format", "features", "test_share", "positive_label", "standardize", "intercept"})
    if (settings.has(key) && !settings.has("data"))
      throw model::KeyError(
          "problem." + key, "without problem.data",
          fmt::format("only together with it{}",
                      key.starts_with("test_") ? " (synthetic data has test_samples)" : ""));
  if (settings.has("test_share") && settings.has("test_data"))
    throw model::KeyError("problem.test_share", "together with problem.test_data", "one of the two");
}

LabelledData labelled_data(Labels labels, const model::ProblemSettings& settings,
                           model::Precision precision) {
  return settings.has("data") ? load_files(labels, settings, precision)
                              : draw_samples(labels, settings, precision);
}

std::int64_t count_classes(const model::ProblemSettings& settings, const Dataset& train) {
  if (!settings.has("data")) return synthetic_classes_of(settings);
  return model::with_real(train.precision(), [&](auto real) {
    return 1 + static_cast<std::int64_t>(std::ranges::max(train.labels<decltype(real)>()));
  });
}

}  // namespace rhosweep::data
