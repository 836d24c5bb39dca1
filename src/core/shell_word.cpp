#include "rhosweep/core/shell_word.hpp"

#include "rhosweep/core/text.hpp"

#include <fmt/format.h>

namespace rhosweep::core {

std::string shell_word(std::string_view word) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._/=:,+@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos) return std::string(word);
  const bool is_line = word.find_first_of("\n\t") == std::string_view::npos;
  if (is_line && printable(word) == word) {
    std::string quoted = "'";
    for (const char c : word) quoted += c == '\'' ? std::string(R"('\'')") : std::string(1, c);
    return quoted + '\'';
  }
  std::string quoted = "$'";
  for (const char c : word)
    quoted += plain.find(c) != std::string_view::npos
                  ? std::string(1, c)
                  : fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  return quoted + '\'';
}

std::string shell_file(const std::filesystem::path& file) {
  const std::string name = file.string();
  return shell_word(name.starts_with('-') ? "./" + name : name);
}

}  // namespace rhosweep::core
