#include "rhosweep/app/main.hpp"

int main(int argc, char** argv) {
  return rhosweep::main(argc, argv);
}
