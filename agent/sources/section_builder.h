// Fills a v1::Section: the one place where rows are serialized and a status follows from what went wrong.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/error.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::agent {

class SectionBuilder {
 public:
  explicit SectionBuilder(std::string_view name) { section_.set_name(std::string(name)); }

  void AddRow(const google::protobuf::Message& row) { section_.add_rows(row.SerializeAsString()); }

  // Files, messages and reasons are cut to 512 bytes.

  // Notes something that could not be read; does not change the status.
  void AddIssue(std::string_view file, std::optional<std::uint32_t> line, std::string_view message);
  // The same with the record number of a binary file.
  void AddRecordIssue(std::string_view file, std::uint32_t record, std::string_view message);

  // Rows may be missing. The first reason is kept.
  void Partial(std::string_view reason);
  // No statement at all: drops the rows. The first reason is kept; wins over Partial.
  void Failed(std::string_view reason);

  v1::Section Take();

 private:
  v1::Section section_;
};

}  // namespace daicho::agent
