// What a command of `daicho` works with: where it prints, which language, how it reaches the collector.
// One context serves one command, on one thread.
#pragma once

#include <functional>
#include <initializer_list>
#include <istream>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "collector/ctl/profile.h"
#include "collector/ctl/session.h"
#include "collector/ctl/texts.h"
#include "collector/reports/table.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/exit_code.h"

namespace google::protobuf {
class Timestamp;
}

namespace daicho::collector {

struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  std::size_t width = 0;  // columns of the terminal behind `out`; 0: no terminal
  bool in_is_terminal = false;
  bool err_is_terminal = false;
};

using Connector = std::function<Result<std::unique_ptr<Session>>(const Profile&, Language)>;

// Everything outside the process; main.cc fills it with the real things, tests with their own.
struct Surroundings {
  Console& console;
  const Clock& clock;
  Environment environment;
  Connector connect;
};

class Context {
 public:
  Context(const Surroundings& surroundings, Language language, bool json, std::string profile);

  Language language() const { return language_; }
  bool json() const { return json_; }
  UnixTime Now() const { return surroundings_.clock.Now(); }
  Console& console() { return surroundings_.console; }

  // Finds and reads the profile and prepares the connection. The session lives as long as the context.
  Result<Session*> Connect();

  std::string Say(Text text, std::initializer_list<std::string_view> values = {}) const;
  std::string Word(std::string_view word) const { return collector::Word(language_, word); }

  // One line on standard output, exactly for a script; on a terminal, control characters are replaced, because the
  // text may come from a device.
  void PrintLine(std::string_view line);
  void PrintTable(const Table& table, const std::vector<std::string>& notes = {});  // notes: RenderTerminal()

  // A sentence on standard error.
  void Note(std::string_view sentence);

  // Says what went wrong on standard error and gives its exit code.
  ExitCode Report(const Error& error);

 private:
  const Surroundings& surroundings_;
  Language language_;
  bool json_;
  std::string profile_;
  std::unique_ptr<Session> session_;
};

// A column with its header from the table of texts.
Column MakeColumn(std::string id, Text header);

// The time of a message as a cell; blank when it is not set (0).
Cell TimeCell(const google::protobuf::Timestamp& time);

// Prints a list of any length in bounded memory: every kBlockRows rows are laid out as a table of their own.
class TablePrinter {
 public:
  TablePrinter(Context& context, std::vector<Column> columns);
  void Add(std::vector<Cell> row);
  void Finish();  // prints what is left
  std::size_t rows() const { return rows_; }

 private:
  Context& context_;
  Table table_;
  std::size_t rows_ = 0;
};

}  // namespace daicho::collector
