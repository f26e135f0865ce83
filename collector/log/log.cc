#include "collector/log/log.h"

#include <spdlog/formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <chrono>
#include <mutex>
#include <utility>

#include "collector/log/minute_limit.h"
#include "collector/log/request_id.h"

namespace daicho::collector {

namespace {

constexpr std::string_view kLevels[] = {"trace", "debug", "info", "warn", "error", "critical", "off"};

// spdlog hands a formatter one text; what LogWith() was given besides goes the short way past it, on the same thread.
std::span<const LogField>& FieldsOfThread() {
  thread_local std::span<const LogField> fields;
  return fields;
}

class LineFormatter final : public spdlog::formatter {
 public:
  explicit LineFormatter(LogFormat format) : format_(format) {}

  void format(const spdlog::details::log_msg& said, spdlog::memory_buf_t& out) override {
    const auto since = said.time.time_since_epoch();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(since - seconds);
    const LogLine line{.seconds = seconds.count(),
                       .milliseconds = static_cast<int>(rest.count()),
                       .level = kLevels[said.level],
                       .message = {said.payload.data(), said.payload.size()},
                       .request_id = CurrentRequestId(),
                       .fields = FieldsOfThread()};
    const std::string text = (format_ == LogFormat::kJson ? JsonLine(line) : TextLine(line)) + "\n";
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<LineFormatter>(format_); }

 private:
  const LogFormat format_;
};

// Passes on what the limits allow. The sink behind it needs no lock of its own.
class BoundedSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  BoundedSink(spdlog::sink_ptr inner, const LogLimits& limits)
      : inner_(std::move(inner)),
        limits_{Limit{spdlog::level::debug, MinuteLimit(limits.info_lines)},
                Limit{spdlog::level::info, MinuteLimit(limits.info_lines)},
                Limit{spdlog::level::warn, MinuteLimit(limits.warning_lines)},
                Limit{spdlog::level::err, MinuteLimit(limits.warning_lines)}} {}

 protected:
  void sink_it_(const spdlog::details::log_msg& said) override {
    const UnixTime now = std::chrono::floor<std::chrono::seconds>(said.time.time_since_epoch()).count();
    for (Limit& limit : limits_) {
      if (const auto untold = limit.lines.TakeUntold(now); untold > 0) Tell(said, limit.level, untold);
    }
    for (Limit& limit : limits_) {
      if (limit.level == said.level && !limit.lines.Admit(now)) return;
    }
    inner_->log(said);
  }
  void flush_() override { inner_->flush(); }
  void set_formatter_(std::unique_ptr<spdlog::formatter> formatter) override {
    inner_->set_formatter(std::move(formatter));
  }

 private:
  struct Limit {
    spdlog::level::level_enum level;
    MinuteLimit lines;
  };

  void Tell(const spdlog::details::log_msg& said, spdlog::level::level_enum level, std::uint64_t untold) {
    const std::string text =
        std::to_string(untold) + " more lines of level " + std::string(kLevels[level]) + " were only counted";
    // Belongs to no call.
    const auto fields = std::exchange(FieldsOfThread(), {});
    std::string id = CurrentRequestId();
    SetRequestId({});
    inner_->log(spdlog::details::log_msg(said.time, {}, said.logger_name, spdlog::level::warn, text));
    SetRequestId(std::move(id));
    FieldsOfThread() = fields;
  }

  const spdlog::sink_ptr inner_;
  std::array<Limit, 4> limits_;
};

}  // namespace

std::shared_ptr<spdlog::logger> MakeLog(const LogSettings& settings, spdlog::sink_ptr sink, const LogLimits& limits) {
  auto log =
      std::make_shared<spdlog::logger>("daicho-collector", std::make_shared<BoundedSink>(std::move(sink), limits));
  log->set_formatter(std::make_unique<LineFormatter>(settings.format));
  log->set_level(settings.level);
  log->flush_on(spdlog::level::trace);
  return log;
}

void StartLog(const LogSettings& settings) {
  spdlog::set_default_logger(MakeLog(settings, std::make_shared<spdlog::sinks::stderr_sink_st>()));
}

void LogWith(spdlog::level::level_enum level, std::string_view message, std::initializer_list<LogField> fields) {
  FieldsOfThread() = {fields.begin(), fields.size()};
  spdlog::log(level, spdlog::string_view_t(message.data(), message.size()));
  FieldsOfThread() = {};
}

}  // namespace daicho::collector
