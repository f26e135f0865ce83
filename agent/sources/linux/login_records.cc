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

bool IsForeignLoginFile(std::string_view bytes) {
  const auto fits = [&](std::size_t record_bytes) {
    for (std::size_t at = 0; at + 2 <= bytes.size(); at += record_bytes) {
      const int type = static_cast<unsigned char>(bytes[at]) | (static_cast<unsigned char>(bytes[at + 1]) << 8);
      if (type == kEmptyRecord || type > kMaxRecordType) return false;
    }
    return true;
  };
  return !bytes.empty() && bytes.size() % kForeignLoginRecordBytes == 0 && fits(kForeignLoginRecordBytes) &&
         !fits(kLoginRecordBytes);
}

LastlogEntry ParseLastlogRecord(std::string_view record) {
  if (record.size() < kLastlogRecordBytes) return {};
  const std::string_view host = ReadText(record.data() + 36, 256);
  return {ReadU32(record.data()), host.empty() ? ReadText(record.data() + 4, 32) : host};
}

}  // namespace daicho::agent
