#include "tests/bench/fleet/figures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "common/json.h"
#include "common/text.h"

namespace daicho::fleet {

namespace {

struct Figure {
  std::string key;
  std::string label;  // empty: not in the table
  std::string json;
  std::string text;
};

std::string Printed(double value) {
  char text[64];
  std::snprintf(text, sizeof text, value >= 100 ? "%.1f" : "%.3f", value);
  return text;
}

std::string Quoted(const std::string& text) {
  std::string json;
  AppendJsonString(text, json);
  return json;
}

class List {
 public:
  void Text(const std::string& key, const std::string& label, const std::string& text) {
    figures_.push_back({key, label, Quoted(text), text});
  }
  void Count(const std::string& key, const std::string& label, std::uint64_t value) {
    figures_.push_back({key, label, std::to_string(value), std::to_string(value)});
  }
  void Number(const std::string& key, const std::string& label, double value) {
    figures_.push_back({key, label, Printed(value), Printed(value)});
  }
  void Times(const std::string& key, const std::string& label, const Spread& times) {
    for (const auto& [name, value] :
         {std::pair{"_ms_p50", times.p50}, {"_ms_p90", times.p90}, {"_ms_p99", times.p99}, {"_ms_max", times.max}}) {
      figures_.push_back({key + name, "", Printed(value), ""});
    }
    figures_.push_back(
        {"", label, "",
         Printed(times.p50) + " / " + Printed(times.p90) + " / " + Printed(times.p99) + " / " + Printed(times.max)});
  }
  void Counts(const std::string& key, const std::string& label, const std::map<std::string, std::uint64_t>& counts,
              const std::map<std::string, std::string>& messages) {
    std::string json = "{";
    for (const auto& [name, count] : counts) {
      json += (json.size() > 1 ? "," : "") + Quoted(name) + ":" + std::to_string(count);
      const auto said = messages.find(name);
      figures_.push_back(
          {"", label, "",
           std::to_string(count) + " " + name + (said == messages.end() ? "" : ": " + CutToBytes(said->second, 200))});
    }
    figures_.push_back({key, counts.empty() ? label : "", json + "}", "none"});
  }
  void Texts(const std::string& key, const std::string& label, const std::vector<std::string>& texts) {
    std::string json = "[";
    for (const std::string& text : texts) {
      json += (json.size() > 1 ? "," : "") + Quoted(text);
      figures_.push_back({"", label, "", text});
    }
    figures_.push_back({key, "", json + "]", ""});
  }

  std::string Json() const {
    std::string json = "{";
    for (const Figure& figure : figures_) {
      if (figure.key.empty()) continue;
      json += (json.size() > 1 ? "," : "") + Quoted(figure.key) + ":" + figure.json;
    }
    return json + "}";
  }
  std::string Table() const {
    std::size_t width = 0;
    for (const Figure& figure : figures_) width = std::max(width, figure.label.size());
    std::string table;
    for (const Figure& figure : figures_) {
      if (figure.label.empty()) continue;
      table += figure.label + std::string(width + 2 - figure.label.size(), ' ') + CleanText(figure.text) + "\n";
    }
    return table;
  }

 private:
  std::vector<Figure> figures_;
};

double Per(double value, std::uint64_t count) { return count == 0 ? 0 : value / static_cast<double>(count); }

void AddEnrolment(const Figures& figures, List& list) {
  const PhaseFigures& enrolment = figures.enrolment;
  list.Count("enrolled", "enrolled in this run", enrolment.done);
  if (enrolment.done == 0 && enrolment.errors.empty()) return;
  list.Number("enrol_seconds", "enrolment, seconds", enrolment.seconds);
  list.Times("enrol", "enrolment, ms p50 / p90 / p99 / max", enrolment.visit_ms);
  list.Counts("enrol_errors", "enrolment errors", enrolment.errors, enrolment.messages);
  if (enrolment.collector_cpu_seconds) {
    list.Number("enrol_collector_cpu_ms", "enrolment, collector CPU ms each",
                Per(*enrolment.collector_cpu_seconds * 1000, enrolment.done));
  }
}

void AddVisits(const Figures& figures, List& list) {
  const PhaseFigures& visits = figures.visits;
  list.Count("acknowledged", "visits acknowledged", visits.done);
  list.Count("reports", "reports acknowledged", figures.reports);
  list.Counts("errors", "errors", visits.errors, visits.messages);
  list.Counts("retried", "told to come again", visits.retried, {});
  list.Number("seconds", "seconds", visits.seconds);
  list.Number("visits_per_second", "visits a second",
              visits.seconds == 0 ? 0 : static_cast<double>(visits.done) / visits.seconds);
  list.Times("visit", "visit with waits, ms p50 / p90 / p99 / max", visits.visit_ms);
  list.Times("try", "last try of it, ms p50 / p90 / p99 / max", visits.try_ms);
  list.Number("sent_bytes_per_visit", "request bytes a visit",
              Per(static_cast<double>(figures.sent_bytes), visits.done));
  list.Number("own_cpu_seconds", "own CPU seconds", visits.own_cpu_seconds);
}

void AddCollector(const Figures& figures, List& list) {
  if (const auto& cpu = figures.visits.collector_cpu_seconds) {
    list.Number("collector_cpu_seconds", "collector CPU seconds", *cpu);
    list.Number("collector_cpu_ms_per_visit", "collector CPU ms a visit", Per(*cpu * 1000, figures.visits.done));
    list.Number("visits_per_collector_cpu_second", "visits a collector CPU second",
                *cpu == 0 ? 0 : static_cast<double>(figures.visits.done) / *cpu);
  }
  if (const auto& cpu = figures.visits.server_cpu_seconds) {
    list.Number("server_cpu_ms_per_visit", "PostgreSQL server CPU ms a visit", Per(*cpu * 1000, figures.visits.done));
  }
  if (figures.collector) {
    list.Count("collector_rss_kib", "collector RSS, KiB", figures.collector->rss_kib);
    list.Count("collector_peak_rss_kib", "collector peak RSS since its start, KiB", figures.collector->peak_rss_kib);
  }
  if (figures.store_before && figures.store_after) {
    list.Count("store_bytes_before", "store bytes before", *figures.store_before);
    list.Count("store_bytes_after", "store bytes after", *figures.store_after);
    const auto grown = static_cast<double>(*figures.store_after) - static_cast<double>(*figures.store_before);
    list.Number("store_bytes_per_device", "store bytes grown a device", Per(grown, figures.devices));
  }
}

List ListOf(const Figures& figures) {
  List list;
  list.Text("mode", "mode", figures.mode);
  list.Text("connections", "connections", figures.connections);
  list.Count("devices", "devices", figures.devices);
  list.Count("packages", "packages of each", figures.packages);
  list.Count("parallel", "workers", figures.parallel);
  list.Count("seed", "seed", figures.seed);
  AddEnrolment(figures, list);
  AddVisits(figures, list);
  AddCollector(figures, list);
  if (figures.exactness) {
    list.Count("exact", "exact", figures.exactness->exact);
    list.Count("acknowledged_not_exact", "acknowledged and not exact", figures.exactness->not_exact);
    list.Count("not_read", "not read back", figures.exactness->not_read);
    list.Number("exact_seconds", "reading back, seconds", figures.exactness->seconds);
    list.Texts("problems", "problem", figures.exactness->problems);
  }
  return list;
}

bool NobodyAnswered(const PhaseFigures& phase) {
  return phase.done == 0 && phase.errors.size() == 1 && phase.errors.begin()->first == CodeName(Code::kUnavailable);
}

}  // namespace

Spread SpreadOf(std::vector<double> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  // Nearest rank: the smallest value that at least this share does not exceed.
  const auto rank = [&](double share) {
    const auto at = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    return values[std::max<std::size_t>(at, 1) - 1];
  };
  return {.p50 = rank(0.5), .p90 = rank(0.9), .p99 = rank(0.99), .max = values.back()};
}

std::string ToJson(const Figures& figures) { return ListOf(figures).Json(); }

std::string ToTable(const Figures& figures) { return ListOf(figures).Table(); }

ExitCode Judge(const Figures& figures) {
  if (NobodyAnswered(figures.enrolment) || NobodyAnswered(figures.visits)) return ExitCode::kUnreachable;
  if (!figures.enrolment.errors.empty() || !figures.visits.errors.empty()) return ExitCode::kFindings;
  const bool wrong = figures.exactness && (figures.exactness->not_exact > 0 || figures.exactness->not_read > 0);
  return wrong ? ExitCode::kFindings : ExitCode::kDone;
}

}  // namespace daicho::fleet
