#include "collector/metrics/exposition.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "common/text.h"

namespace daicho::collector {

namespace {

constexpr std::string_view kTypes[] = {"counter", "gauge", "histogram"};

void AppendEscaped(std::string_view text, bool quotes, std::string& out) {
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

// As CleanText, but with the line feeds that the format can carry.
std::string CleanValue(std::string_view value) {
  std::string clean;
  for (std::size_t at = 0; at <= value.size();) {
    const std::size_t end = std::min(value.find('\n', at), value.size());
    clean += CleanText(value.substr(at, end - at));
    if (end < value.size()) clean += '\n';
    at = end + 1;
  }
  return clean;
}

std::string Number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value, std::chars_format::general).ptr};
}

}  // namespace

void Exposition::Family(std::string_view name, std::string_view help, MetricType type) {
  name_ = name;
  text_ += "# HELP " + name_ + " ";
  AppendEscaped(help, false, text_);
  text_ += "\n# TYPE " + name_ + " ";
  text_ += kTypes[static_cast<std::size_t>(type)];
  text_ += '\n';
}

void Exposition::Line(std::string_view suffix, const Labels& labels, std::string_view value) {
  text_ += name_;
  text_ += suffix;
  char before = '{';
  for (const Label& label : labels) {
    text_ += std::exchange(before, ',');
    text_ += label.name;
    text_ += "=\"";
    AppendEscaped(CleanValue(label.value), true, text_);
    text_ += '"';
  }
  if (!labels.empty()) text_ += '}';
  text_ += ' ';
  text_ += value;
  text_ += '\n';
}

void Exposition::Sample(const Labels& labels, std::uint64_t value) { Line("", labels, std::to_string(value)); }
void Exposition::Sample(const Labels& labels, double value) { Line("", labels, Number(value)); }

void Exposition::Sample(const Labels& labels, const Histogram& histogram) {
  Labels with_bound = labels;
  with_bound.push_back({"le", ""});
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i <= histogram.bounds().size(); ++i) {
    so_far += histogram.count(i);
    const std::string bound = i < histogram.bounds().size() ? Number(histogram.bounds()[i]) : "+Inf";
    with_bound.back().value = bound;
    Line("_bucket", with_bound, std::to_string(so_far));
  }
  Line("_sum", labels, Number(histogram.sum()));
  // Of the same reading as the buckets: the format wants it equal to the last of them.
  Line("_count", labels, std::to_string(so_far));
}

}  // namespace daicho::collector
