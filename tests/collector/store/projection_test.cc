#include "collector/store/projection.h"

#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include <limits>

#include "common/sections.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::collector {
namespace {

TEST(Projections, CoverEverySectionButSoftware) {
  for (const SectionType& type : AllSections()) {
    EXPECT_EQ(FindProjection(type.name) != nullptr, type.name != "software") << type.name;
  }
}

TEST(Projections, NameFieldsThatTheirMessagesHave) {
  for (const Projection& projection : AllProjections()) {
    for (const ProjectedColumn& column : projection.columns) {
      const auto* message = FindSection(projection.section)->prototype->GetDescriptor();
      std::string_view path = column.path;
      while (message) {
        const auto* field = message->FindFieldByName(std::string(path.substr(0, path.find('.'))));
        ASSERT_NE(field, nullptr) << projection.table << "." << column.path;
        const bool inside = path.find('.') != std::string_view::npos;
        message = inside ? field->message_type() : nullptr;
        if (inside) path.remove_prefix(path.find('.') + 1);
      }
    }
  }
}

Projected Project(const google::protobuf::Message& row, std::string_view path) {
  return ProjectField(row, FindPath(*row.GetDescriptor(), path));
}

TEST(ProjectField, TellsNotKnownFromZeroAndEmpty) {
  v1::Account row;
  row.set_uid(0);
  row.set_enabled(false);
  row.mutable_last_use()->mutable_at()->set_seconds(0);
  row.add_groups("sudo");
  row.add_groups("a\"b");
  EXPECT_EQ(Project(row, "uid"), Projected(std::int64_t{0}));
  EXPECT_EQ(Project(row, "gid"), Projected(nullptr));
  EXPECT_EQ(Project(row, "enabled"), Projected(std::int64_t{0}));
  EXPECT_EQ(Project(row, "human"), Projected(nullptr));
  EXPECT_EQ(Project(row, "shell"), Projected(nullptr));
  EXPECT_EQ(Project(row, "last_use.at"), Projected(std::int64_t{0}));
  EXPECT_EQ(Project(row, "last_use.source"), Projected(nullptr));
  EXPECT_EQ(Project(row, "evidence_since"), Projected(nullptr));
  EXPECT_EQ(Project(row, "groups"), Projected(R"(["sudo","a\"b"])"));
  EXPECT_EQ(Project(row, "admin_by"), Projected("[]"));
}

TEST(ProjectField, TimesOfNoYearArePassedOver) {
  struct Case {
    std::int64_t seconds;
    bool known;
  };
  for (const auto& [seconds, known] :
       {Case{std::numeric_limits<std::int64_t>::min(), false}, Case{-62'135'596'801, false},
        Case{-62'135'596'800, true}, Case{0, true}, Case{253'402'300'799, true}, Case{253'402'300'800, false},
        Case{std::numeric_limits<std::int64_t>::max(), false}}) {
    v1::Account row;
    row.mutable_expires_at()->set_seconds(seconds);
    EXPECT_EQ(Project(row, "expires_at"), known ? Projected(seconds) : Projected(nullptr)) << seconds;
  }
}

}  // namespace
}  // namespace daicho::collector
