// What the collection process writes into the pipe to the uplink. A stream of frames:
//
//   1 byte kind; varint length (Protocol Buffers encoding, at most 10 bytes); payload
//   'P'  plan, the first frame: v1::CheckInRequest with collected_at and the name of each section that will come
//   'S'  one v1::Section, in the order of the plan
//   'T'  trailer, empty: nothing was cut
//
// A stream that ends early, or turns into noise, loses the sections that had not come: they are FAILED, so that nothing
// of theirs is removed. Functions are thread-compatible.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/error.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::agent {

// Writes frames to a descriptor that it does not own. kUnavailable: the reader is gone (SIGPIPE must be ignored).
class SectionWriter {
 public:
  explicit SectionWriter(int fd) : fd_(fd) {}
  Status Plan(UnixTime collected_at, const std::vector<std::string>& names);
  Status Write(const v1::Section& section);
  Status Trailer();

 private:
  Status Frame(char kind, std::string_view payload);
  int fd_;
};

struct Collected {
  UnixTime collected_at = 0;
  std::vector<v1::Section> sections;  // every section of the plan, in its order
  bool complete = false;
  std::string problem;  // why not complete
};

// Never fails: what is missing is FAILED with a reason. Without a plan it is all sections of common/sections.h, with
// `now` as the time of collection.
Collected ParseCollected(std::string_view stream, UnixTime now);

// Reads `fd` to its end, at most kMaxStreamBytes.
Result<std::string> ReadStream(int fd);

inline constexpr std::size_t kMaxStreamBytes = 128u << 20;

}  // namespace daicho::agent
