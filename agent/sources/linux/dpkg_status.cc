#include "agent/sources/linux/dpkg_status.h"

#include <algorithm>
#include <array>
#include <string>

#include "common/text.h"

namespace daicho::agent {

namespace {

// A file of noise must not become a section of issues.
constexpr std::uint32_t kMaxStanzaIssues = 50;

constexpr std::size_t kBlockBytes = 64u << 10;

constexpr std::array<std::string_view, 5> kWants = {"install", "hold", "deinstall", "purge", "unknown"};
constexpr std::array<std::string_view, 8> kStates = {"installed",        "config-files",    "not-installed",
                                                     "half-installed",   "unpacked",        "half-configured",
                                                     "triggers-awaited", "triggers-pending"};

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// `lower` is in lower case; field names are compared without case (deb-control(5)).
bool IsField(std::string_view name, std::string_view lower) {
  return name.size() == lower.size() && std::ranges::equal(name, lower, [](char a, char b) { return Lower(a) == b; });
}

bool IsFieldName(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7f'; });
}

// Characters of deb-control(5) "Package", and what dpkg itself still accepts of older times.
bool IsPackageName(std::string_view name) {
  const auto alphanumeric = [](char c) { return (Lower(c) >= 'a' && Lower(c) <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && alphanumeric(name.front()) && std::ranges::all_of(name, [&](char c) {
    return alphanumeric(c) || c == '-' || c == '+' || c == '.' || c == '_';
  });
}

std::string_view NextWord(std::string_view& text) {
  text = Trim(text);
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  return word;
}

// The constant equal to `word`, so that the view outlives the text; empty: none.
template <std::size_t N>
std::string_view OneOf(const std::array<std::string_view, N>& words, std::string_view word) {
  const auto found = std::ranges::find(words, word);
  return found == words.end() ? std::string_view() : *found;
}

class StatusParser {
 public:
  StatusParser(std::string_view file, DpkgFile kind, SectionBuilder& section, DpkgDatabase& database)
      : file_(database.Keep(file)), kind_(kind), section_(section), database_(database) {}

  // Takes whole lines (FileTree::TakeBytes).
  std::size_t Take(std::string_view bytes, bool last) {
    std::string_view text = last ? bytes : bytes.substr(0, bytes.rfind('\n') + 1);
    const std::size_t taken = text.size();
    const bool cut = kind_ == DpkgFile::kStatus && !text.empty() && text.back() != '\n';
    std::string_view line;
    while (NextLine(text, line)) {
      ++line_;
      TakeLine(line, cut && text.empty());
    }
    if (cut) ReportCut();
    if (last) End();
    return taken;
  }

 private:
  void End() {
    if (open_) FinishAtEnd();
    if (issues_ > kMaxStanzaIssues) {
      section_.AddIssue(file_, std::nullopt, std::to_string(issues_ - kMaxStanzaIssues) + " more problems");
    }
  }

  void TakeLine(std::string_view line, bool line_is_cut) {
    const bool continues = !line.empty() && (line.front() == ' ' || line.front() == '\t');
    if ((line.empty() || continues) && std::ranges::all_of(line, IsBlank)) {
      if (open_) Finish();
      return;
    }
    if (!open_) Begin();
    if (continues) {
      if (first_line_ == line_) Spoil("continuation line without a field before it");
      return;
    }
    const auto colon = line.find(':');
    const std::string_view name = Trim(line.substr(0, colon));
    if (colon == std::string_view::npos || !IsFieldName(name)) {
      Spoil(line_is_cut ? "the file ends within a field" : "line is neither 'Field: value' nor a continuation");
      return;
    }
    TakeField(name, line.substr(colon + 1), line_is_cut);
  }

  void TakeField(std::string_view name, std::string_view value, bool line_is_cut) {
    std::string_view* slot = Slot(name);
    if (slot == nullptr) {
      if (IsField(name, "description")) has_description_ = described_ = true;
      return;
    }
    if (line_is_cut) {
      Spoil("the file ends within field " + std::string(name));
    } else if (slot->data() != nullptr) {
      Spoil("field " + std::string(name) + " for the second time; is an empty line missing?");
    } else {
      *slot = database_.Keep(Trim(value));
    }
  }

  std::string_view* Slot(std::string_view name) {
    switch (Lower(name.front())) {
      case 'a':
        return IsField(name, "architecture") ? &stanza_.architecture : nullptr;
      case 'm':
        if (IsField(name, "maintainer")) return &stanza_.maintainer;
        return IsField(name, "multi-arch") ? &multi_arch_ : nullptr;
      case 'p':
        return IsField(name, "package") ? &stanza_.package : nullptr;
      case 's':
        if (IsField(name, "status")) return &status_;
        if (IsField(name, "section")) return &stanza_.section;
        return IsField(name, "source") ? &stanza_.source : nullptr;
      case 'v':
        return IsField(name, "version") ? &stanza_.version : nullptr;
      default:
        return nullptr;
    }
  }

  void Begin() {
    open_ = true;
    stanza_ = DpkgStanza{};
    stanza_.file = file_;
    stanza_.line = first_line_ = line_;
    status_ = multi_arch_ = {};
    has_description_ = false;
    problem_.clear();
  }

  // The first problem of the stanza is the one reported.
  void Spoil(std::string problem) {
    if (!problem_.empty()) return;
    problem_ = std::move(problem);
    problem_line_ = line_;
  }

  void Finish() {
    open_ = false;
    CheckFields();
    if (problem_.empty()) {
      database_.stanzas.push_back(stanza_);
    } else {
      Report(problem_line_, problem_);
    }
  }

  void FinishAtEnd() {
    if (kind_ == DpkgFile::kStatus && described_ && !has_description_ && problem_.empty()) {
      Spoil("the file ends within this package: no Description and no empty line; it may be cut");
    }
    Finish();
  }

  void CheckFields() {
    if (!problem_.empty()) return;
    problem_line_ = stanza_.line;
    stanza_.multi_arch_same = multi_arch_ == "same";
    if (stanza_.package.empty()) {
      problem_ = "stanza without Package";
    } else if (!IsPackageName(stanza_.package)) {
      problem_ = "'" + std::string(stanza_.package.substr(0, 80)) + "' is no package name";
    } else if (!TakeStatus()) {
      problem_ = "package " + std::string(stanza_.package.substr(0, 80)) +
                 (status_.empty() ? ": no Status" : ": Status is '" + std::string(status_.substr(0, 80)) + "'");
    } else if (stanza_.version.empty() && stanza_.state != "not-installed" && stanza_.state != "config-files" &&
               stanza_.state != "half-installed") {
      problem_ = "package " + std::string(stanza_.package.substr(0, 80)) + ": no Version";
    }
  }

  // "want flag state" (dpkg-query(1), db:Status-*).
  bool TakeStatus() {
    if (status_.empty() && kind_ == DpkgFile::kControl) {
      stanza_.want = "install";
      stanza_.state = "installed";
      return true;
    }
    std::string_view words = status_;
    stanza_.want = OneOf(kWants, NextWord(words));
    const std::string_view flag = NextWord(words);
    stanza_.reinstall_required = flag == "reinstreq";
    stanza_.state = OneOf(kStates, NextWord(words));
    return !stanza_.want.empty() && (flag == "ok" || stanza_.reinstall_required) && !stanza_.state.empty() &&
           Trim(words).empty();
  }

  void ReportCut() {
    section_.Partial(std::string(file_) + ":" + std::to_string(line_) + ": the file ends within a line; it was cut");
    Report(line_, "the file ends within a line; packages behind it may be missing");
  }

  void Report(std::uint32_t line, std::string_view problem) {
    section_.Partial(std::string(file_) + ":" + std::to_string(line) + ": " + std::string(problem));
    if (++issues_ <= kMaxStanzaIssues) section_.AddIssue(file_, line, problem);
  }

  std::string_view file_;
  DpkgFile kind_;
  SectionBuilder& section_;
  DpkgDatabase& database_;
  DpkgStanza stanza_;
  std::string_view status_;
  std::string_view multi_arch_;
  std::string problem_;
  std::uint32_t problem_line_ = 0;
  std::uint32_t first_line_ = 0;
  std::uint32_t line_ = 0;
  std::uint32_t issues_ = 0;
  bool open_ = false;
  bool has_description_ = false;  // this stanza
  bool described_ = false;        // any stanza
};

}  // namespace

std::string_view DpkgDatabase::Keep(std::string_view text) {
  if (text.empty()) return {};
  if (texts.empty() || texts.back().capacity() - texts.back().size() < text.size()) {
    texts.emplace_back().reserve(std::max(kBlockBytes, text.size()));
  }
  std::string& block = texts.back();
  block += text;
  return std::string_view(block).substr(block.size() - text.size());
}

Status ReadDpkgStatus(const FileTree& files, std::string_view path, std::size_t max_bytes, DpkgFile kind,
                      SectionBuilder& section, DpkgDatabase& database) {
  const std::size_t before = database.stanzas.size();
  StatusParser parser(path, kind, section, database);
  Status read =
      files.ReadPieces(path, max_bytes, [&](std::string_view bytes, bool last) { return parser.Take(bytes, last); });
  if (!read) database.stanzas.resize(before);
  return read;
}

}  // namespace daicho::agent
