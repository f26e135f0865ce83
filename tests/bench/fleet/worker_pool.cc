#include "tests/bench/fleet/worker_pool.h"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <optional>
#include <queue>
#include <thread>

#include "tests/bench/fleet/random.h"

namespace daicho::fleet {

namespace {

using std::chrono::milliseconds;

// Jobs that nobody began before the end.
constexpr const char* kNotDone = "NOT_DONE";

struct Pending {
  SteadyClock::time_point due;
  std::uint32_t position = 0;
  std::uint32_t tries = 0;  // made so far
  bool operator>(const Pending& other) const { return std::tie(due, position) > std::tie(other.due, other.position); }
};

double Milliseconds(SteadyClock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

// A collector that is away says no time: as an agent does, later each time, and not all at the same moment.
milliseconds BackOff(const Attempt& attempt, const Pending& pending) {
  if (attempt.retry_after_seconds > 0) return milliseconds(attempt.retry_after_seconds * 1000);
  const std::uint32_t most = 1000u << std::min(pending.tries, 5u);
  return milliseconds(most / 2 + Random{pending.position, pending.tries}.Below(most));
}

class Pool {
 public:
  Pool(std::uint32_t count, const PoolSettings& settings, const Job& job)
      : settings_(settings), job_(job), left_(count), first_try_(count) {
    result_.done.resize(count, false);
    for (std::uint32_t position = 0; position < count; ++position) queue_.push({begin_, position, 0});
  }

  PoolResult Run() {
    std::vector<std::thread> workers;
    for (std::uint32_t worker = 0; worker < settings_.parallel; ++worker) {
      workers.emplace_back([this, worker] { Work(worker); });
    }
    for (std::thread& worker : workers) worker.join();
    result_.seconds = Milliseconds(SteadyClock::now() - begin_) / 1000;
    if (!queue_.empty()) {
      result_.errors[kNotDone] += queue_.size();
      result_.messages[kNotDone] = settings_.stop ? "interrupted" : "the time (--seconds) was over";
    }
    return std::move(result_);
  }

 private:
  bool Over() const { return settings_.stop || SteadyClock::now() >= settings_.deadline; }

  // Blocks until a job is due; nothing when all is done or the time is over.
  std::optional<Pending> Next() {
    std::unique_lock lock(mutex_);
    while (left_ > 0 && !Over()) {
      const auto now = SteadyClock::now();
      if (!queue_.empty() && queue_.top().due <= now) {
        const Pending next = queue_.top();
        queue_.pop();
        if (next.tries == 0) first_try_[next.position] = now;
        return next;
      }
      // Short, because a signal handler can set `stop` but wake nobody.
      auto until = std::min(settings_.deadline, now + milliseconds(200));
      if (!queue_.empty()) until = std::min(until, queue_.top().due);
      changed_.wait_until(lock, until);
    }
    return std::nullopt;
  }

  void Work(std::uint32_t worker) {
    while (const auto next = Next()) {
      const auto begin = SteadyClock::now();
      const Attempt attempt = job_(next->position, worker);
      Record(*next, attempt, begin);
    }
  }

  void Record(Pending pending, const Attempt& attempt, SteadyClock::time_point begin) {
    const auto end = SteadyClock::now();
    const std::lock_guard lock(mutex_);
    ++pending.tries;
    bool again = false;
    if (attempt.status) {
      result_.done[pending.position] = true;
      result_.visit_ms.push_back(Milliseconds(end - first_try_[pending.position]));
      result_.try_ms.push_back(Milliseconds(end - begin));
      --left_;
    } else {
      const Code code = attempt.status.error().code;
      const std::string name = CodeName(code);
      result_.messages.emplace(name, attempt.status.error().message);
      again = (code == Code::kResourceExhausted || code == Code::kUnavailable) && pending.tries < settings_.tries &&
              !settings_.stop;
      if (again) {
        ++result_.retried[name];
        const milliseconds wait = BackOff(attempt, pending);
        pending.due = end + std::min(wait, settings_.longest_wait.value_or(wait));
        queue_.push(pending);
      } else {
        ++result_.errors[name];
        --left_;
      }
    }
    ShowProgress(end);
    if (again || left_ == 0) changed_.notify_all();
  }

  // Under the lock.
  void ShowProgress(SteadyClock::time_point now) {
    if (!shows_progress_ || (left_ > 0 && now < shown_ + milliseconds(200))) return;
    shown_ = now;
    const std::size_t all = result_.done.size();
    std::fprintf(stderr, "\r%s %zu/%zu ", settings_.progress.c_str(), all - left_, all);
    if (left_ == 0) std::fprintf(stderr, "\r\033[K");
  }

  const PoolSettings& settings_;
  const Job& job_;
  const SteadyClock::time_point begin_ = SteadyClock::now();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> queue_;
  std::size_t left_ = 0;
  std::vector<SteadyClock::time_point> first_try_;
  PoolResult result_;
  const bool shows_progress_ = !settings_.progress.empty() && ::isatty(STDERR_FILENO) != 0;
  SteadyClock::time_point shown_;
};

}  // namespace

PoolResult RunJobs(std::uint32_t count, const PoolSettings& settings, const Job& job) {
  return Pool(count, settings, job).Run();
}

std::string CodeName(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return "INVALID_ARGUMENT";
    case Code::kDeadlineExceeded:
      return "DEADLINE_EXCEEDED";
    case Code::kNotFound:
      return "NOT_FOUND";
    case Code::kAlreadyExists:
      return "ALREADY_EXISTS";
    case Code::kPermissionDenied:
      return "PERMISSION_DENIED";
    case Code::kResourceExhausted:
      return "RESOURCE_EXHAUSTED";
    case Code::kFailedPrecondition:
      return "FAILED_PRECONDITION";
    case Code::kAborted:
      return "ABORTED";
    case Code::kUnimplemented:
      return "UNIMPLEMENTED";
    case Code::kInternal:
      return "INTERNAL";
    case Code::kUnavailable:
      return "UNAVAILABLE";
    case Code::kDataLoss:
      return "DATA_LOSS";
    case Code::kUnauthenticated:
      return "UNAUTHENTICATED";
  }
  return "UNKNOWN";
}

}  // namespace daicho::fleet
