#include "collector/enrol/journal.h"

#include <spdlog/spdlog.h>

#include <future>
#include <utility>

#include "common/text.h"

namespace daicho::collector {

namespace {

// What begins with `begin` and calls back, waited for.
template <typename Begin>
Status WaitFor(Begin&& begin) {
  std::promise<Status> done;
  begin([&done](Status status) { done.set_value(std::move(status)); });
  return done.get_future().get();
}

}  // namespace

Status Journal::Write(const std::string& actor, const std::string& action, const std::string& detail) {
  return WaitFor([&](Then then) { WriteThen(actor, action, detail, std::move(then)); });
}

void Journal::WriteThen(const std::string& actor, const std::string& action, const std::string& detail, Then then) {
  Submit(EntryOf(actor, action, detail), std::move(then));
}

JournalWrite Journal::EntryOf(const std::string& actor, const std::string& action, const std::string& detail) const {
  JournalWrite entry;
  entry.at = clock_.Now();
  entry.actor = CleanText(actor);
  entry.action = action;
  entry.detail = CleanText(detail);
  return entry;
}

void Journal::Submit(JournalWrite entry, Then then) {
  committer_.SubmitThen(
      std::move(entry), sizeof(StoreWrite), [then = std::move(then)](Result<StoreWrite> done) mutable {
        Status outcome = done ? std::get<JournalWrite>(*done).result : Status(std::unexpected(std::move(done.error())));
        if (!outcome) spdlog::error("journal: {}", outcome.error().message);
        then(std::move(outcome));
      });
}

bool Journal::Kept::Add(JournalWrite entry) {
  const std::lock_guard lock(mutex);
  if (entries.size() >= kMostKept) return false;
  entries.push_back(std::move(entry));
  return true;
}

bool Journal::HasKept() const {
  const std::lock_guard lock(kept_->mutex);
  return !kept_->entries.empty();
}

Status Journal::WriteOrKeep(const std::string& actor, const std::string& action, const std::string& detail) {
  JournalWrite entry = EntryOf(actor, action, detail);
  if (committer_.IsFailing() && kept_->Add(entry)) return {};
  Status written = WaitFor([&](Then then) { Submit(entry, std::move(then)); });
  if (written || kept_->Add(std::move(entry))) return {};
  return written;
}

void Journal::WriteKept() {
  std::vector<JournalWrite> entries;
  {
    const std::lock_guard lock(kept_->mutex);
    entries.swap(kept_->entries);
  }
  for (JournalWrite& entry : entries) {
    Submit(entry, [kept = kept_, entry](const Status& written) {
      if (!written && !kept->Add(entry)) spdlog::error("journal: an entry is lost: {} {}", entry.actor, entry.action);
    });
  }
}

bool Journal::Admit(std::uint64_t& untold) {
  const std::lock_guard lock(mutex_);
  const UnixTime now = clock_.Now();
  untold = refusals_.TakeUntold(now);
  return refusals_.Admit(now);
}

void Journal::WriteRefusal(const std::string& actor, const std::string& action, const std::string& detail) {
  (void)WaitFor([&](Then then) { WriteRefusalThen(actor, action, detail, std::move(then)); });
}

void Journal::WriteRefusalThen(const std::string& actor, const std::string& action, const std::string& detail,
                               Then then) {
  std::uint64_t untold = 0;
  if (!Admit(untold)) return then({});
  if (untold > 0) {
    WriteThen("collector", "refusals", std::to_string(untold) + " more refusals were only counted",
              [](const Status&) {});
  }
  WriteThen(actor, action, detail, std::move(then));
}

}  // namespace daicho::collector
