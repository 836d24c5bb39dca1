#include "rhosweep/core/error.hpp"
#include "rhosweep/model/sweep.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace rhosweep;
using Catch::Contains;

namespace {

/// Returns a kind of problem whose keys weight and column were formerly called mass and label.
const std::vector<model::ProblemSchema>& catalogue() {
  using T = model::ValueType;
  static const std::vector<model::ProblemSchema> list{
      {.kind = "renamed",
       .summary = "keys with former names",
       .keys = {{.name = "column", .former_name = "label", .type = T::text},
                {.name = "height", .type = T::real, .fallback = 1.0, .excluded_by = "weight"},
                {.name = "weight", .former_name = "mass", .type = T::real}},
       .samplings = {"with_replacement"},
       .check = [](const model::ProblemSettings& settings) {
         if (settings.has("weight") && settings.real("weight") < 0.0)
           throw model::KeyError("problem.weight", "found a negative number");
       }}};
  return list;
}

model::Sweep sweep(const std::string& problem, const std::vector<std::string>& overrides = {},
                   const std::string& axes = "") {
  return model::Sweep::parse("[problem]\nkind = 'renamed'\n" + problem +
                                 "\n[sgd]\nsteps = 10\n[grid]\nstepsize = 1\nschedule = 'constant'\nrho = 1\n"
                                 "seed = 0\n[axes]\n" +
                                 axes,
                             "sweep.toml", overrides, catalogue());
}

constexpr core::PointIndex first;

}  // namespace

TEST_CASE("a former name of a key means the same sweep as its present name, with the same hash as before") {
  const model::Sweep present = sweep("column = 'a'\nweight = 2");
  const model::Sweep former = sweep("label = 'a'\nmass = 2");
  CHECK(present.to_toml() == former.to_toml());
  CHECK(present.hash() == former.hash());
  // The text has the former names, as before the keys were renamed, so the hash is the same.
  CHECK_THAT(present.to_toml(), Contains("\nlabel = \"a\"\nmass = 2.0\n"));
  CHECK_THAT(present.settings_toml(first, {}), Contains("\nlabel = \"a\"\nmass = 2.0\n"));
  for (const model::Sweep* each : {&present, &former}) {
    CHECK(each->problem(first).text("column") == "a");
    CHECK(each->problem(first).real("weight") == 2.0);
    CHECK_FALSE(each->problem(first).has("mass"));
    CHECK_FALSE(each->problem(first).has("height"));  // excluded by weight
    CHECK(model::Sweep::parse(each->to_toml(), "again.toml", {}, catalogue()).hash() == each->hash());
  }
}

TEST_CASE("an axis may use either name of a key, and is stored under the former one") {
  const model::Sweep present = sweep("", {}, "'problem.weight' = [1, 2]");
  const model::Sweep former = sweep("", {}, "problem.mass = [1, 2]");
  CHECK(present.hash() == former.hash());
  for (const model::Sweep* each : {&present, &former}) {
    REQUIRE(each->grid().axes.size() == 1);
    CHECK(each->grid().axes.front().key == "problem.mass");
    CHECK(each->problem(core::PointIndex{1}).real("weight") == 2.0);
  }
}

TEST_CASE("an override may use another name of a key than the sweep file, and the last one counts") {
  CHECK(sweep("mass = 2", {"problem.weight=3"}).problem(first).real("weight") == 3.0);
  CHECK(sweep("weight = 2", {"problem.mass=3"}).problem(first).real("weight") == 3.0);
  CHECK(sweep("mass = 2", {"problem.weight=3", "problem.mass=4"}).problem(first).real("weight") == 4.0);
  CHECK(sweep("mass = 2", {"problem.mass=3", "problem.weight=4"}).problem(first).real("weight") == 4.0);
}

TEST_CASE("both names of a key in one source are an error that names them") {
  CHECK_THROWS_WITH(
      sweep("weight = 1\nmass = 2"),
      "sweep.toml:4: problem.mass: found together with weight; allowed: one of the two, since mass is an older "
      "name of weight");
  CHECK_THROWS_WITH(
      sweep("", {}, "'problem.mass' = [1, 2]\n'problem.weight' = [1, 2]"),
      Contains("axes.\"problem.mass\": found together with \"problem.weight\"; allowed: one of the two"));
}

TEST_CASE("messages about a key name its present name and the line of the one that is used") {
  CHECK_THROWS_WITH(sweep("mass = 'heavy'"),
                    "sweep.toml:3: problem.weight: found \"heavy\"; allowed: a number");
  CHECK_THROWS_WITH(sweep("\nmass = -1"), "sweep.toml:4: problem.weight: found a negative number");
  CHECK_THROWS_WITH(sweep("wieght = 1"),
                    Contains("unknown key, did you mean 'weight'?; allowed: kind, column"));
}
