#include "agent/cycle/collection.h"

#include <vector>

#include "agent/collect/snapshot.h"
#include "agent/cycle/section_pipe.h"
#include "agent/identity/row_file.h"
#include "agent/sources/evidence.h"
#include "common/delta.h"

namespace daicho::agent {

namespace {

constexpr std::string_view kEvidenceSection = "accounts";

Rows TakeRows(v1::Section& section) {
  Rows rows(section.rows().begin(), section.rows().end());
  OrderRows(rows);
  return rows;
}

}  // namespace

void KeepEvidence(const std::string& path, UnixTime now, v1::Section& accounts) {
  if (accounts.status() == v1::FAILED) return;
  const auto previous = LoadRowFile(path);
  if (!previous && previous.error().code != Code::kNotFound) {
    accounts.add_issues()->set_message("evidence of earlier cycles is lost: " + previous.error().message);
  }
  Rows rows = TakeRows(accounts);
  if (previous) MergeEvidence(previous->rows, previous->time, rows);
  OrderRows(rows);
  accounts.mutable_rows()->Assign(rows.begin(), rows.end());
  if (auto saved = SaveRowFile(path, now, rows); !saved) {
    accounts.add_issues()->set_message("evidence is not kept: " + saved.error().message);
  }
}

Status CollectIntoPipe(std::span<const Source* const> sources, const SourceInput& input,
                       const std::string& evidence_path, int fd) {
  SectionWriter writer(fd);
  std::vector<std::string> names;
  for (const Source* source : sources) names.emplace_back(source->section);
  Status written = writer.Plan(input.now, names);
  for (const Source* source : sources) {
    const bool keeps_evidence = source->section == kEvidenceSection;
    if (!written && !keeps_evidence) continue;
    v1::Section section = CollectSection(*source, input);
    if (keeps_evidence) KeepEvidence(evidence_path, input.now, section);
    if (written) written = writer.Write(section);
  }
  return written ? writer.Trailer() : written;
}

}  // namespace daicho::agent
