#include "tests/collector/metrics/exposition_reader.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <set>
#include <sstream>

namespace daicho::testing_metrics {

namespace {

bool IsName(const std::string& text) {
  const auto letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:";
  return !text.empty() && text.find_first_of(letters) == 0 &&
         text.find_first_not_of(std::string(letters) + "0123456789") == std::string::npos;
}

// "a\\n" back to what it was; nothing if an escape is none.
std::optional<std::string> Unescape(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    const char next = ++i < text.size() ? text[i] : '\0';
    if (next != '\\' && next != 'n' && next != '"') return std::nullopt;
    out += next == 'n' ? '\n' : next;
  }
  return out;
}

// `at` behind the opening brace; moves it behind the closing one.
bool ReadLabels(const std::string& line, std::size_t& at, std::map<std::string, std::string>& labels) {
  while (at < line.size() && line[at] != '}') {
    const auto equals = line.find("=\"", at);
    if (equals == std::string::npos) return false;
    std::size_t end = equals + 2;
    while (end < line.size() && line[end] != '"') end += line[end] == '\\' ? 2 : 1;
    if (end >= line.size()) return false;
    const std::string name = line.substr(at, equals - at);
    const auto value = Unescape(line.substr(equals + 2, end - equals - 2));
    if (!IsName(name) || !value || !labels.emplace(name, *value).second) return false;
    at = end + 1;
    if (at < line.size() && line[at] == ',') ++at;
  }
  return at++ < line.size();
}

bool ReadSampleLine(const std::string& line, ReadSample& sample) {
  std::size_t at = line.find_first_of("{ ");
  if (at == std::string::npos) return false;
  sample.name = line.substr(0, at);
  if (line[at] == '{' && !ReadLabels(line, ++at, sample.labels)) return false;
  if (!IsName(sample.name) || at >= line.size() || line[at] != ' ') return false;
  const std::string number = line.substr(at + 1);
  char* end = nullptr;
  sample.value = std::strtod(number.c_str(), &end);
  return !number.empty() && *end == '\0' && number.find(' ') == std::string::npos;
}

class Reader {
 public:
  ReadMetrics Read(const std::string& text) {
    if (text.empty() || text.back() != '\n') Fault("the last line has no end");
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) ReadLine(line);
    for (const auto& [name, family] : read_.families) {
      if (family.type == "histogram") CheckHistogram(name, family);
      if (family.type.empty()) Fault(name + " has no type");
    }
    return std::move(read_);
  }

 private:
  void Fault(const std::string& what) { read_.faults.push_back(what); }

  void ReadLine(const std::string& line) {
    if (line.starts_with("# HELP ") || line.starts_with("# TYPE ")) {
      ReadHead(line);
    } else {
      ReadSample sample;
      if (!ReadSampleLine(line, sample)) return Fault("no sample: " + line);
      AddSample(std::move(sample), line);
    }
  }

  void ReadHead(const std::string& line) {
    const auto blank = line.find(' ', 7);
    const std::string name = line.substr(7, blank - 7);
    const std::string rest = blank == std::string::npos ? "" : line.substr(blank + 1);
    if (!IsName(name) || rest.empty()) return Fault("no head: " + line);
    if (line[2] == 'H') {
      if (!read_.families.emplace(name, ReadFamily{.help = rest, .type = "", .samples = {}}).second) {
        Fault(name + " is there twice");
      }
      current_ = name;
    } else if (name != current_ || !read_.families[name].type.empty() ||
               !std::set<std::string>{"counter", "gauge", "histogram"}.contains(rest)) {
      Fault("wrong type: " + line);
    } else {
      read_.families[name].type = rest;
    }
  }

  void AddSample(ReadSample sample, const std::string& line) {
    ReadFamily& family = read_.families[current_];
    std::set<std::string> names = {current_};
    if (family.type == "histogram") names = {current_ + "_bucket", current_ + "_sum", current_ + "_count"};
    if (!names.contains(sample.name)) return Fault("a sample of another family than " + current_ + ": " + line);
    if (!seen_.insert(line.substr(0, line.rfind(' '))).second) Fault("given twice: " + line);
    family.samples.push_back(std::move(sample));
  }

  void CheckHistogram(const std::string& name, const ReadFamily& family) {
    struct Series {
      double bound = -std::numeric_limits<double>::infinity();
      double count = 0;
      std::optional<double> total;
    };
    std::map<std::map<std::string, std::string>, Series> all;
    for (const ReadSample& sample : family.samples) {
      auto labels = sample.labels;
      labels.erase("le");
      Series& series = all[labels];
      if (sample.name == name + "_count") series.total = sample.value;
      if (sample.name != name + "_bucket") continue;
      const std::string le = sample.labels.contains("le") ? sample.labels.at("le") : "";
      const double bound = le == "+Inf" ? std::numeric_limits<double>::infinity() : std::atof(le.c_str());
      if (bound <= series.bound || sample.value < series.count) Fault(name + ": buckets are not cumulative at " + le);
      series.bound = bound;
      series.count = sample.value;
    }
    for (const auto& [labels, series] : all) {
      if (!std::isinf(series.bound) || series.total != series.count) Fault(name + ": count and last bucket differ");
    }
  }

  ReadMetrics read_;
  std::string current_;
  std::set<std::string> seen_;
};

}  // namespace

double ReadMetrics::Value(const std::string& name, const std::map<std::string, std::string>& labels) const {
  for (const auto& [family, read] : families) {
    for (const ReadSample& sample : read.samples) {
      if (sample.name == name && sample.labels == labels) return sample.value;
    }
  }
  return std::numeric_limits<double>::quiet_NaN();
}

ReadMetrics ReadExposition(const std::string& text) { return Reader().Read(text); }

}  // namespace daicho::testing_metrics
