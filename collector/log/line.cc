#include "collector/log/line.h"

#include <algorithm>

#include "common/json.h"
#include "common/text.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

constexpr std::size_t kMaxMessage = 4096;
constexpr std::size_t kMaxValue = 1024;

std::string Clean(std::string_view text, std::size_t most) {
  // Cut first: what is cleaned may be long, and grows.
  std::string clean = CleanText(text.substr(0, most + 1));
  CutInPlace(most, clean);
  return clean;
}

std::string Time(const LogLine& line) {
  std::string time = FormatTime(line.seconds);
  time.pop_back();
  const std::string milliseconds = std::to_string(std::clamp(line.milliseconds, 0, 999));
  return time + "." + std::string(3 - milliseconds.size(), '0') + milliseconds + "Z";
}

// A value that could be read in two ways is quoted.
bool IsPlain(std::string_view value) {
  return !value.empty() && value.find_first_of(" \"\\=") == std::string_view::npos;
}

void AppendTextField(const LogField& field, std::string& out) {
  const std::string value = Clean(field.value, kMaxValue);
  out += ' ';
  out += field.name;
  out += '=';
  if (IsPlain(value)) {
    out += value;
  } else {
    AppendJsonString(value, out);
  }
}

void AppendJsonMember(std::string_view name, std::string_view value, std::string& out) {
  out += out.empty() ? '{' : ',';
  AppendJsonString(name, out);
  out += ':';
  AppendJsonString(value, out);
}

}  // namespace

std::string TextLine(const LogLine& line) {
  std::string out = Time(line);
  out += ' ';
  out += line.level;
  if (!line.request_id.empty()) (out += ' ') += line.request_id;
  out += ' ';
  out += Clean(line.message, kMaxMessage);
  for (const LogField& field : line.fields) AppendTextField(field, out);
  return out;
}

std::string JsonLine(const LogLine& line) {
  std::string out;
  AppendJsonMember("time", Time(line), out);
  AppendJsonMember("level", line.level, out);
  AppendJsonMember("message", Clean(line.message, kMaxMessage), out);
  if (!line.request_id.empty()) AppendJsonMember("request_id", line.request_id, out);
  for (const LogField& field : line.fields) {
    if (!field.number) {
      AppendJsonMember(field.name, Clean(field.value, kMaxValue), out);
      continue;
    }
    out += ',';
    AppendJsonString(field.name, out);
    out += ':';
    out += field.value;
  }
  return out + "}";
}

}  // namespace daicho::collector
