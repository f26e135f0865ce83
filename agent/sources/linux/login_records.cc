#include "agent/sources/linux/login_records.h"

#include <cstring>

namespace daicho::agent {

namespace {

std::uint32_t ReadU32(const char* at) {
  unsigned char b[4];
  std::memcpy(b, at, sizeof b);
  return b[0] | (std::uint32_t{b[1]} << 8) | (std::uint32_t{b[2]} << 16) | (std::uint32_t{b[3]} << 24);
}

std::string_view ReadText(const char* at, std::size_t size) { return {at, ::strnlen(at, size)}; }

}  // namespace

std::uint32_t LoginRecord::U32(std::size_t offset) const { return ReadU32(bytes_ + offset); }

std::string_view LoginRecord::Text(std::size_t offset, std::size_t size) const {
  return ReadText(bytes_ + offset, size);
}

LastlogFile::Entry LastlogFile::Find(std::uint32_t uid) const {
  const std::size_t offset = std::size_t{uid} * kRecordBytes;
  if (offset + kRecordBytes > bytes_.size()) return {};
  const char* record = bytes_.data() + offset;
  const std::string_view host = ReadText(record + 36, 256);
  return {ReadU32(record), host.empty() ? ReadText(record + 4, 32) : host};
}

}  // namespace daicho::agent
