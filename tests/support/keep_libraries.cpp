// For builds with sanitizers. Open MPI unloads its components before the program ends, and LeakSanitizer then
// cannot tell which library a leak belongs to, so that leaks_of_libraries.txt does not match it. This dlclose
// keeps them loaded.
extern "C" int dlclose(void* /*handle*/) {
  return 0;
}
