#include "collector/reports/section_diff.h"

#include <gmock/gmock.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>

#include "daicho/v1/facts.pb.h"

namespace daicho::collector {
namespace {

namespace pb = google::protobuf;
using ::testing::ElementsAre;

// Rows in protobuf's text form, ordered.
Rows RowsOf(const SectionType& type, const std::vector<std::string>& texts) {
  Rows rows;
  for (const std::string& text : texts) {
    const std::unique_ptr<pb::Message> row(type.prototype->New());
    EXPECT_TRUE(pb::TextFormat::ParseFromString(text, row.get())) << text;
    rows.push_back(RowBytes(*row));
  }
  OrderRows(rows);
  return rows;
}

// "changed openssl (amd64): version 3.0.11>3.0.14"
std::vector<std::string> Told(const std::vector<RowChange>& changes) {
  std::vector<std::string> lines;
  for (const RowChange& change : changes) {
    std::string line = change.kind == RowChangeKind::kAdded     ? "added "
                       : change.kind == RowChangeKind::kRemoved ? "removed "
                                                                : "changed ";
    line += change.subject;
    for (const FieldChange& field : change.fields) {
      line +=
          (line.find(": ") == std::string::npos ? ": " : "; ") + field.field + " " + field.before + ">" + field.after;
    }
    lines.push_back(line);
  }
  return lines;
}

struct Case {
  const char* name;
  const char* section;
  std::vector<std::string> before;
  std::vector<std::string> after;
  std::vector<std::string> told;
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

class SectionDiff : public ::testing::TestWithParam<Case> {};

TEST_P(SectionDiff, SaysWhatAPersonWouldSay) {
  const SectionType& type = *FindSection(GetParam().section);
  const auto changes =
      DiffSection(type, RowsOf(type, GetParam().before), RowsOf(type, GetParam().after), DiffDetail::kChangesOnly);
  EXPECT_EQ(Told(changes), GetParam().told);
}

const char kOldSsl[] =
    "manager: 'dpkg' name: 'openssl' architecture: 'amd64' version: '3.0.11' installed_at { seconds: 1700000000 }";
const char kNewSsl[] =
    "manager: 'dpkg' name: 'openssl' architecture: 'amd64' version: '3.0.14' installed_at { seconds: 1780000000 }";
const char kSsl32[] = "manager: 'dpkg' name: 'openssl' architecture: 'i386' version: '3.0.11'";

const Case kCases[] = {
    {"NothingChanged", "software", {kOldSsl}, {kOldSsl}, {}},
    {"UpgradeIsItsVersion", "software", {kOldSsl}, {kNewSsl}, {"changed openssl (amd64): version 3.0.11>3.0.14"}},
    {"InstalledAgainIsNoise",
     "software",
     {"manager: 'dpkg' name: 'a' version: '1' installed_at { seconds: 1 }"},
     {"manager: 'dpkg' name: 'a' version: '1' installed_at { seconds: 2 }"},
     {}},
    {"OneArchitectureOfTwo", "software", {kOldSsl, kSsl32}, {kOldSsl}, {"removed openssl (i386): version 3.0.11>"}},
    {"NewPackageSaysWhatItIs",
     "software",
     {},
     {"manager: 'rpm' name: 'anydesk' version: '6' publisher: 'AnyDesk' reinstall_required: true"},
     {"added anydesk: version >6; publisher >AnyDesk; reinstall_required >true"}},
    {"UsedAccountIsNoise",
     "accounts",
     {"name: 'sato' uid: 1000 last_use { at { seconds: 5 } source: 'wtmp' } evidence_since { seconds: 1 }"},
     {"name: 'sato' uid: 1000 last_use { at { seconds: 9 } source: 'wtmp.1' } evidence_since { seconds: 4 }"},
     {}},
    {"LockedAndNoLongerAdmin",
     "accounts",
     {"name: 'sato' uid: 1000 enabled: true password: 'set' admin_by: ['group sudo', 'uid 0'] last_use { source: 'a' "
      "}"},
     {"name: 'sato' uid: 1000 enabled: false password: 'locked' last_use { source: 'b' }"},
     {"changed sato (1000): enabled true>false; password set>locked; admin_by group sudo, uid 0>"}},
    {"AnotherUidIsAnotherAccount",
     "accounts",
     {"name: 'toor' uid: 1000"},
     {"name: 'toor' uid: 0"},
     {"added toor (0)", "removed toor (1000)"}},
    {"TimesAreReadable",
     "accounts",
     {"name: 'a' uid: 1"},
     {"name: 'a' uid: 1 expires_at { seconds: 1775001600 }"},
     {"changed a (1): expires_at >2026-04-01T00:00:00Z"}},
    {"ListenersAreAddresses",
     "listeners",
     {"protocol: 'tcp6' address: '::' port: 22 program: 'sshd' uid: 0"},
     {"protocol: 'tcp' address: '0.0.0.0' port: 22 program: 'sshd'", "protocol: 'udp' address: '10.0.0.1'"},
     {"added tcp 0.0.0.0:22: program >sshd", "removed tcp6 [::]:22: program sshd>; uid 0>", "added udp 10.0.0.1:"}},
    {"OneRowHasNoSubject",
     "os",
     {"hostname: 'pc-1' version: '12.4'"},
     {"hostname: 'pc-2' version: '12.5'"},
     {"changed : hostname pc-1>pc-2; version 12.4>12.5"}},
    {"DisksAreListed",
     "hardware",
     {"model: 'X'"},
     {"model: 'X' disks { name: 'sda' size_mib: 10 }"},
     {R"(changed : disks >{"name":"sda","size_mib":10})"}},
    {"Group", "groups", {}, {"name: 'sudo' gid: 27 members: 'a' members: 'b'"}, {"added sudo (27): members >a, b"}},
    {"Interface",
     "network",
     {"name: 'eth0' up: true"},
     {"name: 'eth0' up: false addresses: '192.0.2.5/24'"},
     {"changed eth0: up true>false; addresses >192.0.2.5/24"}},
};

INSTANTIATE_TEST_SUITE_P(Sections, SectionDiff, ::testing::ValuesIn(kCases),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(SectionDiffOfRows, EverythingIsTheNoiseToo) {
  const SectionType& type = *FindSection("accounts");
  const Rows before =
      RowsOf(type, {"name: 'sato' uid: 1000 last_use { at { seconds: 5 } source: 'wtmp' from: 'tty1' }"});
  const Rows after = RowsOf(type, {"name: 'sato' uid: 1000 last_use { at { seconds: 9 } source: 'wtmp' }"});
  EXPECT_THAT(Told(DiffSection(type, before, after, DiffDetail::kEverything)),
              ElementsAre("changed sato (1000): last_use.at 1970-01-01T00:00:05Z>1970-01-01T00:00:09Z; "
                          "last_use.from tty1>"));
}

// A newer agent may state fields that this build does not know.
TEST(SectionDiffOfRows, FieldsOfANewerAgentAreAChangeWithoutFields) {
  const SectionType& type = *FindSection("groups");
  const Rows before = RowsOf(type, {"name: 'sudo' gid: 27"});
  Rows after = before;
  after.front() += "\xf8\x07\x01";  // field 127
  EXPECT_THAT(DiffSection(type, before, after, DiffDetail::kChangesOnly), ElementsAre());
  EXPECT_THAT(Told(DiffSection(type, before, after, DiffDetail::kEverything)), ElementsAre("changed sudo (27)"));
  EXPECT_THAT(DiffSection(type, {"\xff"}, before, DiffDetail::kEverything), ::testing::SizeIs(1))
      << "no message at all";
}

// --- property
// ---------------------------------------------------------------------------------------------------------

using Random = std::mt19937;

// Sets a random part of the fields to one of few values.
void Fill(pb::Message& row, Random& random) {
  const pb::Reflection& reflection = *row.GetReflection();
  for (int i = 0; i < row.GetDescriptor()->field_count(); ++i) {
    const pb::FieldDescriptor* const field = row.GetDescriptor()->field(i);
    if (random() % 3 == 0) continue;
    const std::string text = std::string("値") + static_cast<char>('a' + random() % 3);
    for (auto n = field->is_repeated() ? 1 + random() % 2 : 1; n > 0; --n) {
      switch (field->cpp_type()) {
        case pb::FieldDescriptor::CPPTYPE_STRING:
          field->is_repeated() ? reflection.AddString(&row, field, text) : reflection.SetString(&row, field, text);
          break;
        case pb::FieldDescriptor::CPPTYPE_BOOL:
          reflection.SetBool(&row, field, random() % 2 == 0);
          break;
        case pb::FieldDescriptor::CPPTYPE_UINT32:
          reflection.SetUInt32(&row, field, static_cast<std::uint32_t>(random() % 3));
          break;
        case pb::FieldDescriptor::CPPTYPE_INT64:
          reflection.SetInt64(&row, field, static_cast<std::int64_t>(random() % 3));
          break;
        case pb::FieldDescriptor::CPPTYPE_MESSAGE:
          Fill(field->is_repeated() ? *reflection.AddMessage(&row, field) : *reflection.MutableMessage(&row, field),
               random);
          break;
        default:
          break;
      }
    }
  }
}

using ByKey = std::map<std::string, std::string>;

ByKey RandomRows(const SectionType& type, Random& random) {
  ByKey rows;
  for (auto count = random() % 20; count > 0; --count) {
    const std::unique_ptr<pb::Message> row(type.prototype->New());
    Fill(*row, random);
    if (ParseRow(type, RowBytes(*row))) rows.insert_or_assign(RowKey(type, *row), RowBytes(*row));
  }
  return rows;
}

Rows Ordered(const ByKey& keyed) {
  Rows rows;
  for (const auto& [key, row] : keyed) rows.push_back(row);
  OrderRows(rows);
  return rows;
}

TEST(SectionDiffOfRows, ChangesAppliedToTheStateBeforeGiveTheStateAfter) {
  Random random(20'261'101);
  for (const SectionType& type : AllSections()) {
    for (int round = 0; round < 300; ++round) {
      const ByKey before = RandomRows(type, random);
      const ByKey after = RandomRows(type, random);
      const Rows from = Ordered(before);
      const Rows to = Ordered(after);
      ByKey state = before;
      for (const RowChange& change : DiffSection(type, from, to, DiffDetail::kEverything)) {
        ASSERT_EQ(change.before, before.contains(change.key) ? before.at(change.key) : "");
        ASSERT_EQ(change.kind == RowChangeKind::kAdded, change.before.empty() && !before.contains(change.key));
        ASSERT_EQ(change.kind == RowChangeKind::kRemoved, !after.contains(change.key));
        if (change.kind == RowChangeKind::kRemoved) {
          state.erase(change.key);
        } else {
          state[change.key] = change.after;
        }
      }
      ASSERT_EQ(state, after) << type.name << " round " << round;
      // What is left out differs in volatile fields only.
      const auto all = DiffSection(type, from, to, DiffDetail::kEverything);
      const auto some = DiffSection(type, from, to, DiffDetail::kChangesOnly);
      ASSERT_LE(some.size(), all.size());
      for (const RowChange& change : all) {
        if (std::ranges::find(some, change.key, &RowChange::key) != some.end()) continue;
        ASSERT_EQ(change.kind, RowChangeKind::kChanged);
        for (const FieldChange& field : change.fields) {
          const std::string top = field.field.substr(0, field.field.find('.'));
          ASSERT_NE(std::ranges::find(type.volatile_fields, top), type.volatile_fields.end()) << field.field;
        }
      }
    }
  }
}

}  // namespace
}  // namespace daicho::collector
