#include "example.hpp"

#include "rhosweep/store/results_reader.hpp"
#include "rhosweep/store/survey.hpp"
#include "rhosweep/study/recompute.hpp"

#include <catch2/catch.hpp>

using namespace rhosweep;

TEST_CASE("cells recomputed one by one have the bits of those run in a block") {
  const study::Study study = example::prepare();
  example::make_file(study, "out.h5", model::CellSet::all(study.grid()));
  const store::ResultsReader file("out.h5");
  const model::CellSet none(study.grid());
  for (const std::int64_t cells : {0, 1, 7, 18, 100}) {
    const study::Recomputed again = study::recompute_sample(study, file, none, cells);
    CHECK(again.cells == std::min<std::int64_t>(cells, 18));
    CHECK(again.differing.empty());
  }
}

TEST_CASE("unfinished cells are never drawn") {
  const study::Study study = example::prepare();
  model::CellSet finished(study.grid());
  for (const std::int64_t trial : {0, 3, 4}) finished.add(example::trials_of_seed(study, 1), trial);
  example::make_file(study, "out.h5", finished);
  const store::ResultsReader file("out.h5");
  const store::Survey survey = store::survey(file);
  const study::Recomputed again = study::recompute_sample(study, file, survey.to_run, 18);
  CHECK(again.cells == 3);
  CHECK(again.differing.empty());
}

TEST_CASE("a result that differs in one bit is found") {
  const study::Study study = example::prepare();
  example::make_file(study, "out.h5", model::CellSet::all(study.grid()));
  model::BlockResult result = example::results(study, example::cell(2, 4));
  result.curve.front() = std::nextafter(result.curve.front(), 1e300);
  example::write("out.h5", example::cell(2, 4), result);
  const store::ResultsReader file("out.h5");
  const study::Recomputed again =
      study::recompute_sample(study, file, model::CellSet(study.grid()), study.grid().cells());
  CHECK(again.differing == std::vector{example::cell(2, 4)});
}
