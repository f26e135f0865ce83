#include "agent/cycle/section_pipe.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <system_error>

#include "common/sections.h"
#include "common/text.h"
#include "common/time_format.h"
#include "daicho/v1/agent.pb.h"

namespace daicho::agent {

namespace {

constexpr char kPlanFrame = 'P';
constexpr char kSectionFrame = 'S';
constexpr char kTrailerFrame = 'T';
constexpr int kMaxPlannedSections = 256;

void AppendVarint(std::uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7f) | 0x80);
  out += static_cast<char>(value);
}

std::optional<std::uint64_t> TakeVarint(std::string_view& in) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

struct FrameView {
  char kind;
  std::string_view payload;
};

std::optional<FrameView> TakeFrame(std::string_view& in) {
  if (in.empty()) return std::nullopt;
  const char kind = in.front();
  in.remove_prefix(1);
  const auto size = TakeVarint(in);
  if (!size || *size > in.size()) return std::nullopt;
  const FrameView frame{kind, in.substr(0, *size)};
  in.remove_prefix(*size);
  return frame;
}

v1::Section Missing(const std::string& name) {
  v1::Section section;
  section.set_name(name);
  section.set_status(v1::FAILED);
  section.set_reason("collection ended early: this section did not arrive");
  return section;
}

// Sections of the plan, all still missing. Nothing: no usable plan.
std::optional<Collected> TakePlan(std::string_view& stream) {
  const auto frame = TakeFrame(stream);
  if (!frame || frame->kind != kPlanFrame) return std::nullopt;
  v1::CheckInRequest plan;
  if (!plan.ParseFromArray(frame->payload.data(), static_cast<int>(frame->payload.size()))) return std::nullopt;
  if (plan.sections_size() > kMaxPlannedSections) return std::nullopt;
  Collected collected;
  collected.collected_at = FromTimestamp(plan.collected_at());
  for (const v1::SectionState& section : plan.sections()) {
    const auto same = [&](const v1::Section& other) { return other.name() == section.name(); };
    if (std::none_of(collected.sections.begin(), collected.sections.end(), same)) {
      collected.sections.push_back(Missing(section.name()));
    }
  }
  return collected;
}

// Empty if the frame is the next section of the plan, otherwise what is wrong with it.
std::string TakeSection(const FrameView& frame, std::size_t position, Collected& collected) {
  v1::Section section;
  if (frame.kind != kSectionFrame) return "a frame of unknown kind";
  if (!section.ParseFromArray(frame.payload.data(), static_cast<int>(frame.payload.size()))) {
    return "a section that does not parse";
  }
  if (position >= collected.sections.size() || section.name() != collected.sections[position].name()) {
    return "a section '" + CleanText(section.name()) + "' that the plan does not have there";
  }
  collected.sections[position] = std::move(section);
  return {};
}

}  // namespace

Status SectionWriter::Plan(UnixTime collected_at, const std::vector<std::string>& names) {
  v1::CheckInRequest plan;
  *plan.mutable_collected_at() = ToTimestamp(collected_at);
  for (const std::string& name : names) plan.add_sections()->set_name(name);
  return Frame(kPlanFrame, plan.SerializeAsString());
}

Status SectionWriter::Write(const v1::Section& section) { return Frame(kSectionFrame, section.SerializeAsString()); }

Status SectionWriter::Trailer() { return Frame(kTrailerFrame, {}); }

Status SectionWriter::Frame(char kind, std::string_view payload) {
  std::string frame(1, kind);
  AppendVarint(payload.size(), frame);
  frame += payload;
  std::string_view left = frame;
  while (!left.empty()) {
    const ssize_t written = ::write(fd_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      return Fail(Code::kUnavailable, "pipe to the uplink: " + std::generic_category().message(errno));
    }
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Collected ParseCollected(std::string_view stream, UnixTime now) {
  Collected collected;
  if (auto plan = TakePlan(stream)) {
    collected = std::move(*plan);
  } else {
    collected.collected_at = now;
    for (const SectionType& type : AllSections()) collected.sections.push_back(Missing(std::string(type.name)));
    collected.problem = "collection ended before it said what it collects";
    return collected;
  }
  for (std::size_t position = 0;; ++position) {
    const auto frame = TakeFrame(stream);
    if (!frame) {
      collected.problem = "collection ended early, after " + std::to_string(position) + " of " +
                          std::to_string(collected.sections.size()) + " sections";
      return collected;
    }
    if (frame->kind == kTrailerFrame && position == collected.sections.size()) {
      collected.complete = true;
      return collected;
    }
    collected.problem = TakeSection(*frame, position, collected);
    if (!collected.problem.empty()) {
      collected.problem.insert(0, "collection sent ");
      return collected;
    }
  }
}

Result<std::string> ReadStream(int fd) {
  std::string stream;
  char buffer[64 * 1024];
  for (;;) {
    const ssize_t size = ::read(fd, buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Fail(Code::kDataLoss, "pipe of the collection: " + std::generic_category().message(errno));
    if (size == 0) return stream;
    if (stream.size() + static_cast<std::size_t>(size) > kMaxStreamBytes) {
      return Fail(Code::kResourceExhausted, "collection wrote more than 128 MiB");
    }
    stream.append(buffer, static_cast<std::size_t>(size));
  }
}

}  // namespace daicho::agent
