#include "rhosweep/core/hash.hpp"

#include <new>

#include <fmt/format.h>
#include <xxhash.h>

namespace rhosweep::core {

struct Hash::State {
  XXH3_state_t* xxh = XXH3_createState();

  State() {
    if (xxh == nullptr) throw std::bad_alloc();
    XXH3_64bits_reset(xxh);
  }
  ~State() { XXH3_freeState(xxh); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Hash::Hash() : state_(std::make_unique<State>()) {}
Hash::~Hash() = default;

Hash& Hash::bytes(const void* data, std::size_t size) {
  if (size > 0) XXH3_64bits_update(state_->xxh, data, size);
  return *this;
}

std::uint64_t Hash::digest() const {
  return XXH3_64bits_digest(state_->xxh);
}

std::string to_hex(std::uint64_t hash) {
  return fmt::format("{:016x}", hash);
}

}  // namespace rhosweep::core
