#include "rhosweep/app/command_line.hpp"

int main(int argc, char** argv) {
  return rhosweep::app::main(argc, argv);
}
