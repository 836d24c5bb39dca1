// For builds with sanitizers. Open MPI unloads its components before the program ends. LeakSanitizer then
// cannot tell which library a leak belongs to, so leaks_of_libraries.txt does not match it. With this
// dlclose, which does nothing, the components stay loaded.
extern "C" int dlclose(void* /*handle*/) {
  return 0;
}
