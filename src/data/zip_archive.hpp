#pragma once

#include "byte_stream.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace rhosweep::data {

/// The directory of a ZIP archive (PKWARE's APPNOTE 6.3, with the 64-bit extensions that NumPy writes).
/// Members are stored or deflated.
class ZipArchive {
 public:
  struct Member {
    std::string name;
    std::uint16_t method = 0;  ///< 0: stored, 8: deflated
    std::uint16_t flags = 0;
    std::uint32_t checksum = 0;  ///< CRC-32 of the contents
    std::int64_t packed = 0;     ///< bytes in the archive
    std::int64_t size = 0;       ///< bytes of the contents
    std::int64_t offset = 0;     ///< position of the member's header in the archive
  };

  /// Throws core::InputError if the file cannot be read or its directory is damaged.
  explicit ZipArchive(const std::filesystem::path& file);

  const std::vector<Member>& members() const& { return members_; }
  std::vector<Member> members() && { return std::move(members_); }
  /// Opens a member. At the end of the contents, the stream throws core::InputError if the checksum is wrong.
  std::unique_ptr<ByteStream> open(const Member& member) const;

 private:
  std::filesystem::path file_;
  std::vector<Member> members_;
};

}  // namespace rhosweep::data
