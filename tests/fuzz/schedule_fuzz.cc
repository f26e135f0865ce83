// A schedule of any bytes is refused or read; what is read is written and read again as the same, and its next time
// is the last one when it comes.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "collector/reports/schedule.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

// The first four bytes are the time, what follows is the schedule.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daicho::collector;
  std::uint32_t seconds = 0;
  if (size < sizeof seconds) return 0;
  std::memcpy(&seconds, data, sizeof seconds);
  const std::string_view text(reinterpret_cast<const char*>(data) + sizeof seconds, size - sizeof seconds);
  const auto schedule = ParseSchedule(text);
  if (!schedule) {
    Require(!schedule.error().message.empty());
    return 0;
  }
  const auto again = ParseSchedule(FormatSchedule(*schedule));
  Require(again && *again == *schedule);
  const daicho::UnixTime now = seconds;
  const daicho::UnixTime next = NextScheduled(*schedule, now);
  Require(next > now);
  Require(LastScheduled(*schedule, next) == next);
  Require(LastScheduled(*schedule, now) <= now);
  Require(LastScheduled(*schedule, next - 1) <= now);
  return 0;
}
