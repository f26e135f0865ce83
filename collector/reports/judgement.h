// What the findings say about one thing of one device: the columns 判定 and 理由 of the reports.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/reports/report.h"

namespace daicho::collector {

struct Judgement {
  std::string verdict;  // 要対応 (medium, high), 要確認 (info, low), 例外承認済 (all waived), 判定不可,
                        // 指摘なし
  std::string reason;   // the findings' sentences
  std::string titles;   // the findings' titles
};

// Open and waived findings of the rules about one kind of subject.
class Judgements {
 public:
  static Result<Judgements> Read(const ReportContext& context, RuleSubject about);

  // If there is nothing: 指摘なし, or, where the facts to judge by are missing (`judgeable` false), 判定不可.
  Judgement Of(std::string_view device_id, std::string_view subject, bool judgeable = true) const;

 private:
  struct Entry {
    std::string device_id;
    std::string subject;
    std::string rule;
    std::string severity;
    bool waived = false;
    std::string waive_reason;
    std::map<std::string, std::string> evidence;
  };

  explicit Judgements(const ReportContext& context) : context_(context) {}
  void Add(const Entry& entry, Judgement& judgement, int& weight) const;

  ReportContext context_;
  std::map<std::pair<std::string, std::string>, std::vector<Entry>> by_subject_;
};

// How much a finding weighs, at least 1. What weighs most gives the verdict on its subject; 0: nothing was found.
int FindingWeight(std::string_view severity, bool waived);
std::string_view VerdictOf(Language language, int weight);

// Appends `more`, unless it is empty, behind a " / " if there is a text already.
void AppendWithSlash(std::string_view more, std::string& text);

// "要対応" … of `judgement`, followed by what was found.
std::string VerdictWithTitles(const Judgement& judgement);

// `ja` or `en` by the report's language.
const std::string& In(Language language, const LocalText& text);
std::string_view In(Language language, std::string_view ja, std::string_view en);

}  // namespace daicho::collector
