#include "collector/log/request_id.h"

#include <cstdint>
#include <random>
#include <utility>

namespace daicho::collector {

namespace {

std::string& Current() {
  thread_local std::string id;
  return id;
}

}  // namespace

std::string NewRequestId() {
  thread_local std::mt19937 generator{std::random_device{}()};
  std::uint32_t bits = static_cast<std::uint32_t>(generator());
  std::string id(8, '0');
  for (char& digit : id) {
    digit = "0123456789abcdef"[bits & 15];
    bits >>= 4;
  }
  return id;
}

void SetRequestId(std::string id) { Current() = std::move(id); }
const std::string& CurrentRequestId() { return Current(); }

}  // namespace daicho::collector
