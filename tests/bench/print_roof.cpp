#include "roof.hpp"

#include <cstdio>

int main() {
  using namespace rhosweep::bench;
  std::printf("{\"float64\": %.4e, \"float32\": %.4e}\n", fma_peak<double>(), fma_peak<float>());
}
