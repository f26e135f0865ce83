#include <cstdint>

#include "agent/cycle/cycle_record.h"
#include "common/json.h"
#include "common/time_format.h"

namespace daicho::agent {

namespace {

class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  void Number(const char* key, std::uint64_t value) { Key(key) += std::to_string(value); }
  void Text(const char* key, const std::string& value) { AppendJsonString(value, Key(key)); }
  void Time(const char* key, UnixTime value) {
    if (value != 0) Text(key, FormatTime(value));
  }
  void List(const char* key, const std::vector<std::string>& values) {
    Key(key) += '[';
    for (const std::string& value : values) {
      if (&value != &values.front()) out_ += ',';
      AppendJsonString(value, out_);
    }
    out_ += ']';
  }
  std::string& Key(const char* key) {
    if (out_.back() != '{') out_ += ',';
    AppendJsonString(key, out_);
    return out_ += ':';
  }
  void End() { out_ += '}'; }

 private:
  std::string& out_;
};

void AppendSections(const std::vector<SectionRecord>& sections, std::string& out) {
  out += '[';
  for (const SectionRecord& section : sections) {
    if (&section != &sections.front()) out += ',';
    JsonObject object(out);
    object.Text("name", section.name);
    object.Text("status", section.status);
    object.Number("rows", section.rows);
    object.Text("outcome", section.outcome);
    if (!section.message.empty()) object.Text("message", section.message);
    object.End();
  }
  out += ']';
}

}  // namespace

std::string CycleRecordJson(const CycleRecord& record) {
  std::string out;
  JsonObject object(out);
  object.Time("started_at", record.started_at);
  object.Time("finished_at", record.finished_at);
  object.Time("next_at", record.next_at);
  object.Text("result", record.CheckedIn() ? "checked in" : "failed");
  if (!record.message.empty()) object.Text("message", record.message);
  object.List("sections_sent", record.sections_sent);
  object.Number("bytes_out", record.bytes_out);
  object.Number("bytes_in", record.bytes_in);
  object.Number("cpu_ms", record.cpu_ms);
  object.Number("peak_rss_kib", record.peak_rss_kib);
  if (record.next_check_in_seconds != 0) object.Number("next_check_in_seconds", record.next_check_in_seconds);
  if (record.retry_after_seconds != 0) object.Number("retry_after_seconds", record.retry_after_seconds);
  object.List("overruns", record.overruns);
  object.List("warnings", record.warnings);
  AppendSections(record.sections, object.Key("sections"));
  object.End();
  return out;
}

}  // namespace daicho::agent
